#include "net/trust_anchor.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace postseal::net {
namespace {

constexpr std::size_t mostAnchors = 100;
constexpr std::size_t longestRecord = 4096;

/// Words of a line before its comment.
std::vector<std::string_view> wordsOf(std::string_view line) {
    constexpr std::string_view space = " \t\r";
    std::vector<std::string_view> words;
    line = line.substr(0, line.find(';'));
    for (auto begin = line.find_first_not_of(space); begin != line.npos;
         begin = line.find_first_not_of(space)) {
        line.remove_prefix(begin);
        words.push_back(line.substr(0, line.find_first_of(space)));
        line.remove_prefix(words.back().size());
    }
    return words;
}

/// Owner, TTL and class may stand before it.
bool isAnchor(const std::vector<std::string_view>& words) {
    for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 4); ++i)
        if (base::sameWord(words[i], "DS") || base::sameWord(words[i], "DNSKEY")) return true;
    return false;
}

/// RFC 5011 §4: a key is trusted while valid or missing, not before its time nor after its end. A line
/// without a state is the administrator's word.
bool isTrusted(std::string_view line) {
    constexpr std::string_view mark = ";;state=", trusted = "23";  // unbound's numbers
    const auto at = line.find(mark);
    return at == line.npos ||
           (at + mark.size() < line.size() && trusted.find(line[at + mark.size()]) != trusted.npos);
}

}  // namespace

base::Result<std::vector<std::string>, std::string> parseTrustAnchors(std::string_view text) {
    std::vector<std::string> anchors;
    bool hasAny = false;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto words = wordsOf(line);
        if (!isAnchor(words)) continue;
        hasAny = true;
        if (!isTrusted(line)) continue;
        if (line.size() > longestRecord || anchors.size() >= mostAnchors)
            return base::fail(std::string("is too large for a file of trust anchors"));
        std::string record;
        for (const auto word : words)
            record.append(record.empty() ? "" : " ").append(word);
        anchors.push_back(std::move(record));
    }
    if (!anchors.empty()) return anchors;
    return base::fail(std::string(hasAny ? "has no key that is trusted now (RFC 5011)"
                                         : "has no trust anchor: no line with a DS or DNSKEY record"));
}

}  // namespace postseal::net
