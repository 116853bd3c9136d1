#include "mail/field.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <optional>

namespace postseal::mail {
namespace {

constexpr std::size_t longestField = 1000;
constexpr std::size_t longestShown = 200;

std::optional<unsigned> sextet(char c) {
    if (base::isUpper(c)) return static_cast<unsigned>(c - 'A');
    if (base::isLower(c)) return static_cast<unsigned>(c - 'a' + 26);
    if (base::isDigit(c)) return static_cast<unsigned>(c - '0' + 52);
    if (c == '+') return 62;
    if (c == '/') return 63;
    return std::nullopt;
}

std::optional<std::string> fromBase64(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = sextet(c);
        if (!value) return std::nullopt;
        bits = (bits << 6U | *value) & 0xffffU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
    }
    return bytes;
}

std::optional<unsigned> hexDigit(char c) {
    const char lower = base::toLower(c);
    if (base::isDigit(c)) return static_cast<unsigned>(c - '0');
    if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
    return std::nullopt;
}

/// RFC 2047 §4.2.
std::optional<std::string> fromQ(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            bytes += text[i] == '_' ? ' ' : text[i];
            continue;
        }
        const auto high = i + 2 < text.size() ? hexDigit(text[i + 1]) : std::nullopt;
        const auto low = high ? hexDigit(text[i + 2]) : std::nullopt;
        if (!low) return std::nullopt;
        bytes += static_cast<char>(*high << 4U | *low);
        i += 2;
    }
    return bytes;
}

std::string fromLatin1(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        base::appendUtf8(text, static_cast<unsigned char>(c));
    return text;
}

/// `=?charset?B?text?=` at the front, taken off; nullopt: there is none that we can read.
std::optional<std::string> takeEncodedWord(std::string_view& text) {
    if (!text.starts_with("=?")) return std::nullopt;
    const auto charsetEnd = text.find('?', 2);
    const auto wordBegin = charsetEnd == text.npos ? text.npos : charsetEnd + 3;
    if (wordBegin == text.npos || wordBegin > text.size() || text[wordBegin - 1] != '?') return std::nullopt;
    const auto end = text.find("?=", wordBegin);
    if (end == text.npos) return std::nullopt;
    const auto word = text.substr(wordBegin, end - wordBegin);
    const auto charset = text.substr(2, std::min(text.find('*'), charsetEnd) - 2);  // RFC 2231 §5
    const bool isB = base::toLower(text[charsetEnd + 1]) == 'b';
    const auto bytes = isB ? fromBase64(word) : fromQ(word);
    const bool isLatin1 = base::sameWord(charset, "iso-8859-1");
    const bool isKnown = isLatin1 || base::sameWord(charset, "utf-8") || base::sameWord(charset, "us-ascii");
    if (!bytes || !isKnown) return std::nullopt;
    text.remove_prefix(end + 2);
    return isLatin1 ? fromLatin1(*bytes) : *bytes;
}

std::string unfolded(std::string_view field) {
    std::string text;
    for (const char c : base::trim(field))
        if (c != '\r' && c != '\n') text += c == '\t' ? ' ' : c;
    return text;
}

}  // namespace

std::string_view fieldOf(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        auto end = header.find('\n');
        while (end != header.npos && end + 1 < header.size() && base::isBlank(header[end + 1]))
            end = header.find('\n', end + 1);
        const auto field = header.substr(0, end);
        header.remove_prefix(std::min(end, header.size() - 1) + 1);
        const auto colon = field.find(':');
        if (colon != field.npos && base::sameWord(base::trim(field.substr(0, colon)), name))
            return field.substr(colon + 1, longestField);
    }
    return {};
}

std::string readable(std::string_view field) {
    const auto line = unfolded(field);
    std::string_view rest = line;
    std::string text;
    while (!rest.empty()) {
        if (const auto word = takeEncodedWord(rest)) {
            text += *word;
            // White space between two encoded words is none of the text (RFC 2047 §6.2).
            const auto next = std::min(rest.find_first_not_of(' '), rest.size());
            if (rest.substr(next).starts_with("=?")) rest.remove_prefix(next);
            continue;
        }
        text += rest.front();
        rest.remove_prefix(1);
    }
    if (!base::isUtf8(text) || std::ranges::any_of(text, base::isControl)) return {};
    if (text.size() <= longestShown) return text;
    text.resize(longestShown);
    while (!text.empty() && !base::isUtf8(text))
        text.pop_back();
    return text + "...";
}

}  // namespace postseal::mail
