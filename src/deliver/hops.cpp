#include "deliver/hops.hpp"

#include "deliver/unmet.hpp"
#include "task/clock.hpp"

#include <utility>

namespace postseal::deliver {
namespace {

record::HopRecord outgoing(const queue::Lease& lease) {
    record::HopRecord hop;
    hop.time = task::timeNow();
    hop.direction = record::Direction::out;
    hop.queueId = lease.message->id;
    hop.messageId = lease.message->messageId;
    hop.sender = toText(lease.reversePath());
    return hop;
}

void describe(record::HopRecord& hop, const discover::Host& host) {
    hop.claims = host.claims;
    hop.dnssec = host.dnssec;
    hop.mxProof = host.mxProof;
}

record::Why whyOf(const discover::Failure& failure) {
    const bool isPermanent = failure.kind == discover::Failure::Kind::permanent;
    return isPermanent ? record::Why::noHost : record::Why::dnsFailed;
}

/// A policy that is announced and could not be had, where the hop went on without it: a TLS report counts
/// that, whatever became of the message (RFC 8460 §4.3.2.1). DANE takes its place.
record::Why policyTrouble(const Way& way, const record::Requirement& requirement) {
    const auto& mtaSts = way.destination->mtaSts;
    const bool isByDane = requirement.origin.kind == record::Origin::Kind::dane;
    return mtaSts && !isByDane ? mtaSts->failure : record::Why::none;
}

}  // namespace

record::HopRecord hopOver(const queue::Lease& lease, const Way& way, const discover::Host& host,
                          const net::SmtpClient& client) {
    auto hop = outgoing(lease);
    hop.peer = client.peer();
    hop.protocol = client.protocol();
    hop.local = way.isLocal;
    if (way.isLocal) return hop;
    describe(hop, host);
    hop.requirement = client.target().requirement;  // host.first's, where that was tried
    hop.assurance = client.assurance();
    hop.tls = client.tls();
    hop.failure = policyTrouble(way, client.target().requirement);
    return hop;
}

record::HopRecord hopWithout(const queue::Lease& lease, const discover::Host& host) {
    auto hop = outgoing(lease);
    hop.peer.name = host.name;
    hop.result = record::HopResult::deferred;
    hop.requirement = host.requirement;
    describe(hop, host);
    hop.failure = host.unusable ? whyOf(*host.unusable) : whyOf(*host.failure);
    hop.reason = host.failure->words;
    return hop;
}

record::HopRecord hopToNobody(const queue::Lease& lease, const discover::Failure& failure) {
    auto hop = outgoing(lease);
    hop.peer.name = lease.route.text();
    hop.failure = whyOf(failure);
    hop.reason = failure.words;
    return hop;
}

}  // namespace postseal::deliver
