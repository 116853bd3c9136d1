#include "smtp/address.hpp"

#include "base/domain_name.hpp"

namespace postseal::smtp {
namespace {

// Where the bracket that closes `text` stands; npos: nowhere.
std::size_t findClosing(std::string_view text) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') quoted = !quoted;
        if (quoted && c == '\\') ++i;
        if (!quoted && c == '>') return i;
    }
    return std::string_view::npos;
}

// `@one.example,@two.example`
bool isSourceRoute(std::string_view route) {
    while (true) {
        const auto comma = route.find(',');
        const auto hop = route.substr(0, comma);
        if (!hop.starts_with('@') || !base::DomainName::parse(hop.substr(1))) return false;
        if (comma == std::string_view::npos) return true;
        route.remove_prefix(comma + 1);
    }
}

}  // namespace

base::Result<PathText, std::string> splitPath(std::string_view text) {
    if (!text.starts_with('<')) return base::fail(std::string("it does not stand in angle brackets"));
    const auto close = findClosing(text);
    if (close == std::string_view::npos) return base::fail(std::string("it has no closing angle bracket"));

    PathText path{text.substr(1, close - 1), text.substr(close + 1)};
    if (!path.inside.starts_with('@')) return path;

    const auto colon = path.inside.find(':');
    if (colon == std::string_view::npos || !isSourceRoute(path.inside.substr(0, colon)))
        return base::fail(std::string("it has a malformed source route"));
    path.inside.remove_prefix(colon + 1);
    // Else <@one.example:> would be taken for the null reverse-path.
    if (path.inside.empty()) return base::fail(std::string("it has a source route to nobody"));
    return path;
}

}  // namespace postseal::smtp
