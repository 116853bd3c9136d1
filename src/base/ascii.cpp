#include "base/ascii.hpp"

#include <numeric>
#include <vector>

namespace postseal::base {

std::string toLower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = toLower(c);
    return result;
}

std::string toUpper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        c = toUpper(c);
    return result;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

namespace {

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours each cost one.
std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = toLower(a[i - 1]) == toLower(b[j - 1]) ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

std::string_view nearestWord(std::string_view word, const std::string_view* known, std::size_t count) {
    constexpr std::size_t longestWord = 64;  // bounds the work on foreign input
    if (word.size() > longestWord) return {};
    std::size_t best = word.size() / 3 + 2;  // further away than this is no typing mistake
    std::string_view nearest;
    for (std::size_t i = 0; i < count; ++i) {
        const auto distance = editDistance(word, known[i]);
        if (distance < best && distance < known[i].size()) {
            best = distance;
            nearest = known[i];
        }
    }
    return nearest;
}

std::string escaped(std::string_view foreign, std::size_t limit) {
    constexpr std::string_view digits = "0123456789abcdef";
    // What was escaped before stays as it is: a reply passes through here on its way into a log line again.
    const auto isEscape = [&](std::size_t at) {
        const auto next = foreign.substr(at, 4);
        return next.size() == 4 && next[1] == 'x' && digits.find(next[2]) != digits.npos &&
               digits.find(next[3]) != digits.npos;
    };
    std::string text;
    text.reserve(std::min(foreign.size(), limit));
    for (std::size_t at = 0; at < foreign.size(); ++at) {
        const char c = foreign[at];
        if (text.size() + 4 > limit) return text + "...";
        if (isPrintable(c) && (c != '\\' || isEscape(at))) {
            text += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        text += "\\x";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}  // namespace postseal::base
