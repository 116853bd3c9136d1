// A next hop as routes and Postfix's maps write it: `example.org` (its MX hosts), `[mx.example.org]` (that
// host), each with an optional `:port`. The one canonical text is what the policy map is searched by.
#pragma once

#include "base/result.hpp"
#include "record/mailbox.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::record {

struct NextHop {
    enum class Lookup { mx, address };  // address: in brackets, or an address literal; no MX lookup
    record::MailDomain host;
    Lookup lookup = Lookup::mx;
    std::optional<std::uint16_t> port = {};

    auto operator<=>(const NextHop&) const = default;

    /// U-labels and A-labels, any case; ports as numbers or as smtp, submission, submissions. The error is
    /// what is wrong with it, for people.
    static base::Result<NextHop, std::string> parse(std::string_view text);
};

std::string
toText(const NextHop& nextHop);  // example.org, [mx.example.org]:587, [192.0.2.1], [2001:db8::1]:25
/// By MX lookup, or the address itself for an address literal.
NextHop nextHopOf(const MailDomain& domain);
std::string hostText(const NextHop& nextHop);  // without brackets and port: what `match=nexthop` means

}  // namespace postseal::record
