#include "mail/language.hpp"

#include "base/ascii.hpp"
#include "mail/field.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

using record::Language;

std::optional<Language> languageFor(std::string_view tag) {
    const auto primary = base::trim(tag.substr(0, tag.find('-')));
    if (base::sameWord(primary, "de")) return Language::german;
    if (base::sameWord(primary, "en")) return Language::english;
    return std::nullopt;
}

/// `;q=0.8` as 800; none: 1000. What is no such number counts as nothing.
int qualityOf(std::string_view parameters) {
    const auto q = base::trim(parameters);
    if (q.empty()) return 1000;
    if (!base::startsWithWord(q, "q=")) return 0;
    int value = 0, unit = 1000;
    for (const char c : q.substr(2)) {
        if (base::isDigit(c)) {
            value += (c - '0') * unit;
            unit /= 10;
        } else if (c != '.') {
            return 0;
        }
    }
    return std::min(value, 1000);
}

/// The first of the greatest quality that is ours.
std::optional<Language> bestOf(std::string_view list) {
    std::optional<Language> best;
    int bestQuality = 0;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        const auto entry = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        const auto semicolon = std::min(entry.find(';'), entry.size());
        const auto language = languageFor(entry.substr(0, semicolon));
        const int quality = qualityOf(entry.substr(std::min(semicolon + 1, entry.size())));
        if (!language || quality <= bestQuality) continue;
        best = language;
        bestQuality = quality;
    }
    return best;
}

}  // namespace

std::optional<Language> languageOf(std::string_view header) {
    if (const auto accepted = bestOf(fieldOf(header, "Accept-Language"))) return accepted;
    return bestOf(fieldOf(header, "Content-Language"));
}

}  // namespace postseal::mail
