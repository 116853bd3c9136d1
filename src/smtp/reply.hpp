// What we say: a reply of our server, as a value (RFC 5321 §4.2, RFC 2034). What peers say is peer_reply's.
// Pure.
#pragma once

#include <string>
#include <string_view>

namespace postseal::smtp {

struct Reply {
    int code = 0;
    std::string enhanced;  // "5.7.1"; empty for the greeting, EHLO's, HELO's and 354
    std::string text;      // lines are parted by '\n'

    bool isPositive() const { return code < 400; }
    bool isTemporary() const { return code >= 400 && code < 500; }
    bool operator==(const Reply&) const = default;
};

/// The reply as it goes over the wire, each line with CRLF and at most 512 octets: longer ones are broken.
/// Control characters and 8-bit octets become '?', since texts may quote a peer.
std::string toText(const Reply& reply);

/// `550 5.1.1 User unknown`: one line for logs and records.
std::string toLogText(const Reply& reply);

}  // namespace postseal::smtp
