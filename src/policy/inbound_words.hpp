// The words of inbound policy: what a rule demands, and why a client's mail is not taken, so that the
// administrator on the other side understands it and ours finds the line. English, as SMTP replies are. What
// comes from outside is escaped (rule 55).
#pragma once

#include "policy/inbound.hpp"

namespace postseal::policy {

/// `TLS, and a certificate for mail.partner.example, issued by a trusted CA`
std::string demandOf(const InboundRule& rule, std::string_view domain);

/// What the client hears where the rule does not hold.
InboundReply replyTo(const RuleNote& note, std::string_view domain);

/// For our own people: outcome, deciding rule and line, and who the client was proven to be.
std::string sentenceOf(const InboundVerdict& verdict, std::string_view domain);

}  // namespace postseal::policy
