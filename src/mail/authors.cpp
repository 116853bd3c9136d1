#include "mail/authors.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace postseal::mail {
namespace {

constexpr std::size_t longestFrom = 4096;  // as mail/header keeps it

struct Bare {
    std::string text;         // without comments and quoted strings
    bool isBalanced = false;  // each of them ended
};

/// Comments nest, and in both a backslash takes the next character's meaning (RFC 5322 §3.2.2, §3.2.4).
Bare withoutCommentsAndQuotes(std::string_view field) {
    Bare bare;
    unsigned depth = 0;
    bool isQuoted = false;
    for (std::size_t i = 0; i < field.size(); ++i) {
        const char c = field[i];
        const bool isInside = isQuoted || depth > 0;
        if (isInside && c == '\\')
            ++i;
        else if (depth == 0 && c == '"')
            isQuoted = !isQuoted;
        else if (!isQuoted && c == '(')
            ++depth;
        else if (depth > 0 && c == ')')
            --depth;
        else if (!isInside)
            bare.text += c;
    }
    bare.isBalanced = !isQuoted && depth == 0;
    return bare;
}

bool endsDomain(char c) {
    constexpr std::string_view ends = "<>,;:@\"()[]\\";
    return ends.find(c) != std::string_view::npos || base::isControl(c);
}

/// What stands behind each '@'. White space around dots belongs to the domain (obs-domain), other white space
/// ends it.
void addDomains(std::string_view text, std::vector<base::DomainName>& domains) {
    for (auto at = text.find('@'); at != text.npos; at = text.find('@', at + 1)) {
        std::string domain;
        for (std::size_t i = at + 1; i < text.size(); ++i) {
            const char c = text[i];
            if (!base::isSpace(c)) {
                if (endsDomain(c)) break;
                domain += c;
                continue;
            }
            const auto next = text.find_first_not_of(" \t\r\n", i);
            const bool goesOn =
                domain.empty() || domain.back() == '.' || (next != text.npos && text[next] == '.');
            if (!goesOn) break;
        }
        auto name = base::DomainName::parse(domain);
        if (name && std::ranges::find(domains, *name) == domains.end()) domains.push_back(std::move(*name));
    }
}

}  // namespace

Authors authorsOf(const HeaderFacts& header) {
    Authors authors;
    authors.isUnreadable = header.fromFields > 1 || header.from.size() >= longestFrom;
    const auto bare = withoutCommentsAndQuotes(header.from);
    addDomains(bare.text, authors.domains);
    if (!bare.isBalanced) addDomains(header.from, authors.domains);
    constexpr std::size_t most = 32;  // each may cost a lookup
    authors.isUnreadable = authors.isUnreadable || authors.domains.size() > most;
    return authors;
}

}  // namespace postseal::mail
