#include "deliver/learn.hpp"

#include "deliver/lines.hpp"

#include <algorithm>

namespace postseal::deliver {
namespace {

using policy::Contact;
using record::Assurance;
using record::HopRecord;
using record::HopResult;
using Kind = record::Origin::Kind;

bool isOwnHosts(const queue::Lease& lease) {
    const auto* hop = std::get_if<record::NextHop>(&lease.route.transport());
    return hop != nullptr && hop->lookup == record::NextHop::Lookup::mx && !lease.recipients.empty() &&
           *hop == record::nextHopOf(lease.recipients.front().address.domain());
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
    return lease.message->tls == record::TlsDemand::optional || names(hop, Kind::map) ||
           names(hop, Kind::exception) || names(hop, Kind::tlsrpt);
}

Assurance assuranceOf(const HopRecord& hop) {
    return hop.assurance.value_or(Assurance::cleartext);
}

Contact contactOn(const queue::Lease& lease, const HopRecord& hop, Contact::Fate fate) {
    return {.fate = fate,
            .assurance = assuranceOf(hop),
            .proof = hop.tls ? hop.tls->authenticatedBy : record::Proof::none,
            .host = relayText(hop.peer),
            .words = hop.reason,
            .lessIsAllowed = isLessAllowed(lease, hop)};
}

}  // namespace

std::optional<Contact> contactOf(const queue::Lease& lease, const Outcome& outcome) {
    if (!isOwnHosts(lease) || !lease.message->sender) return std::nullopt;
    // Of several that took it, the one that protected least: what came through it is no more than that.
    const HopRecord* weakest = nullptr;
    for (const auto& hop : outcome.hops)
        if (!hop.local && isDelivered(hop) &&
            (weakest == nullptr || assuranceOf(hop) < assuranceOf(*weakest)))
            weakest = &hop;
    if (weakest != nullptr) return contactOn(lease, *weakest, Contact::Fate::delivered);
    // What policy held back; a host that failed for another reason tells nothing.
    for (const auto& end : outcome.recipients) {
        const bool isHeld = end.result == HopResult::deferred && end.standing == Standing::heldByPolicy;
        if (!isHeld || !end.hop) continue;
        const auto& hop = outcome.hops.at(*end.hop);
        if (hop.peer.address && names(hop, Kind::memory)) return contactOn(lease, hop, Contact::Fate::held);
    }
    return std::nullopt;
}

}  // namespace postseal::deliver
