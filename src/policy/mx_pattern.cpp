#include "policy/mx_pattern.hpp"

#include "base/ascii.hpp"
#include "base/domain_name.hpp"

#include <algorithm>

namespace postseal::policy {

std::optional<MxPattern> MxPattern::parse(std::string_view text) {
    const bool isWildcard = text.starts_with("*.");
    if (isWildcard) text.remove_prefix(2);
    if (std::ranges::any_of(text, base::is8bit) || text.ends_with('.')) return std::nullopt;
    const auto name = base::DomainName::parse(text);
    if (!name) return std::nullopt;
    return MxPattern{name->text(), isWildcard};
}

std::string toText(const MxPattern& pattern) {
    return (pattern.isWildcard ? "*." : "") + pattern.name;
}

bool anyMatches(std::span<const MxPattern> patterns, std::string_view mxHost) {
    const auto dot = mxHost.find('.');
    const auto parent = dot == mxHost.npos || dot == 0 ? std::string_view() : mxHost.substr(dot + 1);
    return std::ranges::any_of(patterns, [&](const MxPattern& pattern) {
        return pattern.name == (pattern.isWildcard ? parent : mxHost);
    });
}

}  // namespace postseal::policy
