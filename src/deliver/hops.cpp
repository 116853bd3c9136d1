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
