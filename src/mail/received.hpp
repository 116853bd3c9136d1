// The Received field that we add to each message: where it came from, how that hop was protected, and where
// it was received (RFC 5321 §4.4; keywords of RFC 3848; the `tls` clause of RFC 8314 §4.3; rule 39):
//
//   Received: from HELO (NAME-OR-unknown [ADDRESS])
//       by HOST with ESMTPS tls TLS_AES_256_GCM_SHA384 group X25519
//       (TLSv1.3, 256 bits, client certificate "CN" verified)
//       id QUEUEID for <one@example.org>; Mon, 23 Nov 2026 19:38:44 +0000
//
// Every clause is RFC 5321's; what only people want is a comment. Whatever the client chose (HELO, the names
// of its certificate) is a checked domain name or an escaped comment, so that it can't end the field or pose
// as another clause. Where the submitter is to be hidden it begins with `from localhost (submitter not
// shown)`: RFC 5321 §4.4 wants a from clause, and readers take that name for a hop of ours. Pure.
#pragma once

#include "base/ip_address.hpp"
#include "base/time.hpp"
#include "record/mailbox.hpp"
#include "record/message_id.hpp"
#include "record/tls_facts.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postseal::mail {

/// How a message reached us. Views are the caller's; nothing is kept.
struct Arrival {
    std::string_view helo;        // as the client said it
    std::string_view clientName;  // its confirmed reverse name; empty: unknown
    base::IpAddress client;
    bool isHidden = false;      // the client's name, address and certificate are nobody's business
    std::string_view host;      // our name
    std::string_view protocol;  // RFC 3848: SMTP, ESMTP, ESMTPS, ESMTPSA, ...
    const record::TlsFacts* tls = nullptr;  // null: clear text
    bool askedForCertificate = false;       // the listener asks its clients for one
    record::QueueId id;
    const record::Mailbox* recipient =
        nullptr;  // where it is the only one; null: several, whom nobody else may learn
    base::Timestamp time{};
};

/// The whole field with its CRLFs, to be put in front of the message.
std::string received(const Arrival& arrival);

}  // namespace postseal::mail
