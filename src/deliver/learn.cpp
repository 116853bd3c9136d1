#include "deliver/learn.hpp"

#include "deliver/lines.hpp"

#include <algorithm>

namespace postseal::deliver {
namespace {

using policy::Contact;
using record::HopRecord;
using record::HopResult;
using Kind = record::Origin::Kind;

bool isOwnHosts(const queue::Lease& lease) {
    return !lease.recipients.empty() && !lease.nextHop.starts_with('[') &&
           record::toText(lease.recipients.front().address.domain()) == lease.nextHop;
}

bool isDelivered(const HopRecord& hop) {
    return std::ranges::count(hop.recipients, HopResult::delivered, &record::RecipientOutcome::result) > 0;
}

bool names(const HopRecord& hop, Kind kind) {
    return hop.requirement && (hop.requirement->origin.kind == kind ||
                               std::ranges::any_of(hop.requirement->also, [&](const auto& also) {
                                   return also.origin.kind == kind;
                               }));
}

/// Whoever allowed less on purpose.
bool isLessAllowed(const queue::Lease& lease, const HopRecord& hop) {
    return lease.message->tls.optional || names(hop, Kind::map) || names(hop, Kind::exception) ||
           names(hop, Kind::tlsrpt);
}

Contact contactOn(const queue::Lease& lease, const HopRecord& hop, Contact::Fate fate) {
    return {.fate = fate,
            .assurance = hop.assurance.value_or(record::Assurance::cleartext),
            .proof = hop.tls ? hop.tls->authenticatedBy : record::Proof::none,
            .host = relayText(hop.peer),
            .words = hop.reason,
            .lessIsAllowed = isLessAllowed(lease, hop)};
}

}  // namespace

std::optional<Contact> contactOf(const queue::Lease& lease, const Outcome& outcome) {
    if (!isOwnHosts(lease) || !lease.message->sender) return std::nullopt;
    for (const auto& hop : outcome.hops)
        if (!hop.local && isDelivered(hop)) return contactOn(lease, hop, Contact::Fate::delivered);
    // What policy held back says so of its recipients, in the hop's words; one that failed for another reason
    // tells nothing.
    for (const auto& hop : outcome.hops) {
        const bool isHeld = std::ranges::any_of(outcome.recipients, [&](const RecipientEnd& end) {
            return end.result == HopResult::deferred && !end.reason.dsnWhenReturned.empty() &&
                   end.reason.words == hop.reason;
        });
        if (isHeld && hop.peer.address && names(hop, Kind::memory))
            return contactOn(lease, hop, Contact::Fate::held);
    }
    return std::nullopt;
}

}  // namespace postseal::deliver
