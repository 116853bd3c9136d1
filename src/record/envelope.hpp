// The envelope of a message: who sends it to whom, and what MAIL and RCPT asked for (RFC 5321 §2.3.1), with
// what the sender wants to be told (RFC 3461), and how it must travel (RFC 8689). Values; any thread.
#pragma once

#include "record/mailbox.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postseal::record {

enum class BodyType { sevenBit, eightBitMime };  // RFC 6152

/// What of the message a report is to bring back: RET (RFC 3461 §4.3).
enum class Returned { unasked, headers, whole };

/// The parameter REQUIRETLS of MAIL (RFC 8689 §2). What our server took is `no` or `must`. What our client is
/// asked: to say it where it is offered in TLS, or to let nothing of the envelope out without it.
enum class RequireTls { no, whereOffered, must };

/// What a message itself says of TLS on its whole way: nothing, REQUIRETLS (RFC 8689 §2), or
/// TLS-Required: No (§3).
enum class TlsDemand { none, required, optional };

/// Of what the sender wants to be told: NOTIFY (RFC 3461 §4.1). Not asked: of failures, and of delays where
/// we do that. NEVER: asked, and nothing wanted.
struct Notify {
    bool isAsked = false;
    bool success = false, failure = true, delay = true;

    bool operator==(const Notify&) const = default;
};

struct Recipient {
    Mailbox mailbox;
    Notify notify = {};
    std::string original = {};  // ORCPT decoded, `rfc822;bob@example.org` (RFC 3461 §4.2); empty: not told

    bool operator==(const Recipient&) const = default;
};

struct Envelope {
    ReversePath sender;
    std::vector<Recipient> recipients;
    BodyType body = BodyType::sevenBit;
    std::optional<std::uint64_t> declaredBytes;  // RFC 1870
    bool smtpUtf8 = false;                       // RFC 6531: asked for
    Returned returned = Returned::unasked;
    std::string id = {};  // ENVID decoded (RFC 3461 §4.4); empty: none
    RequireTls requireTls = RequireTls::no;

    bool operator==(const Envelope&) const = default;
};

}  // namespace postseal::record
