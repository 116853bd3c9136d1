// How a message leaves: over SMTP to a next hop, over LMTP, or into the Maildirs of a domain. The text is
// what the queue knows a destination by: `example.org`, `[mx.example.org]:587`,
// `lmtp:unix:/run/dovecot/lmtp`, `lmtp:[127.0.0.1]:24`, `maildir:example.org`. Values; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "record/next_hop.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <variant>

namespace postseal::record {

struct UnixSocket {
    std::string path;  // absolute

    auto operator<=>(const UnixSocket&) const = default;
};
/// RFC 2033. A host is looked up by its address records, never by MX; its port is 24 where none is written.
struct Lmtp {
    std::variant<UnixSocket, NextHop> at;

    auto operator<=>(const Lmtp&) const = default;
};
/// The mailboxes of a domain; where each lies, the directory knows.
struct Maildir {
    base::DomainName domain;

    auto operator<=>(const Maildir&) const = default;
};
using Transport = std::variant<NextHop, Lmtp, Maildir>;

std::string toText(const Transport& transport);
/// The error is what is wrong, for people.
base::Result<Transport, std::string> parseTransport(std::string_view text);

}  // namespace postseal::record
