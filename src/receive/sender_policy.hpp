// The gate of inbound policy: a sender is judged at MAIL, told of it at each RCPT, so that the refusal knows
// whom it concerned (rule 60), and at the end of the text by those whom From names (rule 59). Our own relays
// are not judged: their mail was, where it came in first.
#pragma once

#include "discover/inbound.hpp"
#include "receive/gate.hpp"
#include "record/hop.hpp"

namespace postseal::receive {

/// At MAIL: finds the verdict and keeps it in the visit. Always passes.
task::Awaitable<Passage> judgeSender(Visit& visit);
/// At RCPT. Postmaster, abuse and the addresses that always take mail are told nothing.
task::Awaitable<Addressees> tellSender(Visit& visit, const record::Recipient& recipient);
/// At the end of the text.
task::Awaitable<Amendment> judgeAuthors(Visit& visit, const ArrivedText& text);

/// What was demanded and proven, for the record of a message or of its refusal.
void tellOfPolicy(const Visit& visit, record::HopRecord& hop);

/// A client as policy sees it; good as long as its TLS session is.
discover::ClientEvidence evidenceOf(const Visit& visit);

}  // namespace postseal::receive
