// A name of MX hosts, or a pattern of them, as MTA-STS policies (RFC 8461 §4.1) and alliances list them: `*`
// stands for exactly one label, the left-most. Pure; any thread.
#pragma once

#include <compare>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postseal::policy {

struct MxPattern {
    std::string name = {};  // A-labels, lower case; of a wildcard without `*.`
    bool isWildcard = false;

    /// A-labels only: a U-label is not converted, since others would not match it (RFC 8461 §3.2).
    static std::optional<MxPattern> parse(std::string_view text);
    auto operator<=>(const MxPattern&) const = default;
};
std::string toText(const MxPattern& pattern);  // mx.example.org, *.mail.example.org

/// `mxHost` is the name in the MX record, A-labels in lower case.
bool anyMatches(std::span<const MxPattern> patterns, std::string_view mxHost);

}  // namespace postseal::policy
