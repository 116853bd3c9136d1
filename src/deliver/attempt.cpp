#include "deliver/attempt.hpp"

#include "deliver/lines.hpp"
#include "policy/explain.hpp"

#include <algorithm>
#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;
using smtp::RecipientResult;
using smtp::SessionFailure;

// RFC 5321 §4.5.3.1.8 promises that every server takes this many; more than it takes would wait for nothing.
constexpr std::size_t recipientsAtOnce = 100;

base::Timestamp clockNow() {
    return std::chrono::floor<base::Microseconds>(std::chrono::system_clock::now());
}

/// The message's body, from wherever it is kept.
class StoredBody : public net::BodySource {
public:
    StoredBody(queue::Bodies& bodies, const queue::Body& body) : reader_(bodies, body) {}
    net::Awaitable<base::Result<std::string_view>> next() override { return reader_.next(); }

private:
    queue::BodyReader reader_;
};

/// Where a connection goes, and under which requirement.
struct Target {
    const discover::Host& host;
    base::IpAddress address;
};

/// The attempt while it goes on: who is not decided yet, and what has happened.
class Attempt {
public:
    Attempt(Services& services, Link& link, const queue::Claim& claim)
        : services_(services), link_(link), claim_(claim) {
        outcome_.delays.begun = clockNow();
        outcome_.reached = Reached::no;
        for (const auto& recipient : claim.recipients)
            open_.push_back(
                {.recipient = recipient, .dsn = "4.4.1", .words = "no host could be tried", .relay = "none"});
    }

    task::Awaitable<Outcome> run();

private:
    task::Awaitable<void> reuse(const discover::Destination& destination);
    task::Awaitable<void> tryHosts(const discover::Destination& destination);
    task::Awaitable<void> tryAddress(Target target);
    task::Awaitable<void> dial(Target target, smtp::TlsAttempt tls);
    task::Awaitable<void> send(const discover::Host& host);
    task::Awaitable<bool> transact(const discover::Host& host, std::size_t first, std::size_t count);

    void failAll(const dns::Failure& failure);
    void note(const discover::Host& host, const SessionFailure& failure);
    void settleDecided();
    record::HopRecord hopRecord(const discover::Host& host) const;
    bool isDone() const { return open_.empty(); }

    Services& services_;
    Link& link_;
    const queue::Claim& claim_;
    std::vector<RecipientEnd> open_;  // not decided, each with the last thing that was said of it
    Outcome outcome_;
};

task::Awaitable<Outcome> Attempt::run() {
    const auto destination = co_await services_.destinations.find(claim_.nextHop);
    if (destination->failure) {
        failAll(*destination->failure);
    } else {
        co_await reuse(*destination);
        co_await tryHosts(*destination);
    }
    std::ranges::move(open_, std::back_inserter(outcome_.recipients));
    co_return std::move(outcome_);
}

// An open connection serves only a host that is still among the destination's, under an equal requirement
// and the trust that its peer was judged by.
task::Awaitable<void> Attempt::reuse(const discover::Destination& destination) {
    if (!link_.isOpen()) co_return;
    const auto host = std::ranges::find_if(destination.hosts, [&](const discover::Host& one) {
        return one.name == link_.host && toText(one.requirement) == link_.requirement;
    });
    if (host == destination.hosts.end() || link_.client->isOutdated()) {
        co_await link_.close();
        co_return;
    }
    co_await send(*host);
    settleDecided();
}

task::Awaitable<void> Attempt::tryHosts(const discover::Destination& destination) {
    std::size_t tried = 0;
    for (const auto& host : destination.hosts) {
        if (host.failure && !isDone()) failAll(*host.failure);
        for (const auto& address : host.addresses) {
            if (isDone() || tried++ == services_.settings->addressesPerAttempt) co_return;
            co_await tryAddress({host, address});
            settleDecided();
        }
    }
}

task::Awaitable<void> Attempt::tryAddress(Target target) {
    co_await dial(target, smtp::TlsAttempt::first);
    const auto& failure = link_.client->failure();
    if (failure && failure->then == SessionFailure::Then::sameHostInClear &&
        permitsCleartext(target.host.requirement)) {
        services_.log.as("smtp").info(log::Line(claim_.message->id.text())
                                          .text("TLS failed with " + relayText(link_.client->peer()) + ": " +
                                                failure->words +
                                                "; trying in clear text, as the policy permits"));
        co_await dial(target, smtp::TlsAttempt::inClear);
    }
    if (link_.isOpen()) {
        co_await send(target.host);
    } else if (link_.client->failure()) {
        note(target.host, *link_.client->failure());
    }
}

task::Awaitable<void> Attempt::dial(Target target, smtp::TlsAttempt tls) {
    co_await link_.close();
    const auto begun = clockNow();
    link_.host = target.host.name;
    link_.requirement = toText(target.host.requirement);
    link_.transactions = 0;
    const net::DialTarget to{.host = target.host.name,
                             .address = target.address,
                             .port = target.host.port,
                             .requirement = target.host.requirement};
    link_.client = co_await services_.dialer.dial(to, tls);
    outcome_.delays.connection += clockNow() - begun;
}

task::Awaitable<void> Attempt::send(const discover::Host& host) {
    outcome_.reached = Reached::yes;
    const auto begun = clockNow();
    for (std::size_t first = 0; first < open_.size() && link_.isOpen(); first += recipientsAtOnce) {
        const auto count = std::min(recipientsAtOnce, open_.size() - first);
        if (!co_await transact(host, first, count)) break;
    }
    outcome_.delays.transmission += clockNow() - begun;
    const bool isUsedUp = link_.transactions >= services_.settings->messagesPerConnection;
    if (isUsedUp || !host.connectionReuse.value_or(true)) co_await link_.close();
}

/// False: nothing of it was even heard by the peer, since a reused connection had ended before.
task::Awaitable<bool> Attempt::transact(const discover::Host& host, std::size_t first, std::size_t count) {
    record::Envelope envelope{.sender = claim_.message->sender,
                              .recipients = {},
                              .body = claim_.message->bodyType,
                              .declaredBytes = claim_.message->sizeBytes()};
    for (std::size_t i = first; i < first + count; ++i)
        envelope.recipients.push_back(open_[i].recipient.address);
    StoredBody body(services_.bodies, claim_.message->body);
    ++link_.transactions;
    co_await link_.client->transact(std::move(envelope), claim_.message->prefix, body);

    const auto& failure = link_.client->failure();
    if (failure && failure->kind == SessionFailure::Kind::stale) co_return false;

    record::HopRecord hop = hopRecord(host);
    const std::string relay = relayText(link_.client->peer());
    const auto& results = link_.client->outcomes();
    for (std::size_t i = 0; i < std::min(count, results.size()); ++i) {
        const RecipientResult& result = results[i];
        RecipientEnd& end = open_[first + i];
        end.result = result.result;
        end.dsn = result.status;
        end.dsnWhenReturned.clear();
        end.words = result.words;
        end.remoteMta =
            result.source == RecipientResult::Source::peer ? link_.client->peer().name : std::string();
        end.relay = relay;
        hop.recipients.push_back({end.recipient.address.toText(), result.result, result.words});
    }
    const auto worst = std::ranges::max_element(hop.recipients, {}, &record::RecipientOutcome::result);
    hop.result = worst->result;
    hop.reply = worst->reply;
    if (failure) hop.reason = failure->words;
    outcome_.hops.push_back(std::move(hop));
    co_return true;
}

// Recipients that this host has decided leave; whom it deferred the next host may take.
void Attempt::settleDecided() {
    std::vector<RecipientEnd> undecided;
    for (auto& end : open_) {
        auto& where = end.result == HopResult::deferred ? undecided : outcome_.recipients;
        where.push_back(std::move(end));
    }
    open_ = std::move(undecided);
}

void Attempt::failAll(const dns::Failure& failure) {
    const bool isPermanent = failure.kind == dns::Failure::Kind::permanent;
    for (auto& end : open_) {
        end.result = isPermanent ? HopResult::bounced : HopResult::deferred;
        end.dsn = failure.status;
        end.words = failure.words;
    }
    record::HopRecord hop;
    hop.time = clockNow();
    hop.direction = record::Direction::out;
    hop.queueId = claim_.message->id;
    hop.messageId = claim_.message->messageId;
    hop.sender = toText(claim_.message->sender);
    hop.peer.name = claim_.nextHop;
    hop.result = isPermanent ? HopResult::bounced : HopResult::deferred;
    hop.reason = failure.words;
    for (const auto& end : open_)
        hop.recipients.push_back({end.recipient.address.toText(), hop.result, {}});
    outcome_.hops.push_back(std::move(hop));
    if (isPermanent) outcome_.reached = Reached::yes;  // it answered, in its way: nothing to rest for
}

std::optional<policy::Unmet::How> unmetBy(const SessionFailure& failure) {
    switch (failure.kind) {
    case SessionFailure::Kind::tlsFailed: return policy::Unmet::How::handshakeFailed;
    case SessionFailure::Kind::tlsUnmet: return policy::Unmet::How::notAuthenticated;
    case SessionFailure::Kind::tlsRefused: return policy::Unmet::How::starttlsRefused;
    case SessionFailure::Kind::temporary:
    case SessionFailure::Kind::permanent:
    case SessionFailure::Kind::violation:
    case SessionFailure::Kind::stale: break;
    }
    return std::nullopt;
}

/// The connection came to nothing: what is said of all who are not decided.
void Attempt::note(const discover::Host& host, const SessionFailure& failure) {
    const auto& peer = link_.client->peer();
    record::HopRecord hop = hopRecord(host);
    hop.reason = failure.words;
    hop.result = HopResult::deferred;
    const auto how = unmetBy(failure);
    std::string status = failure.status;
    if (status.starts_with('5'))
        status.front() = '4';  // a host that takes no mail at all may soon, or another does
    if (how && !permitsCleartext(host.requirement)) {
        const policy::Unmet unmet{.how = *how, .host = relayText(peer), .found = failure.words};
        const auto deferral = policy::deferral(host.requirement, unmet);
        const auto refusal = policy::refusal(host.requirement, unmet);
        hop.reason = deferral.words;
        status = deferral.code;
        for (auto& end : open_) {
            end.dsnWhenReturned = refusal.code;
            end.forSender =
                policy::forSender(host.requirement, unmet, record::toText(end.recipient.address.domain()));
        }
    }
    for (auto& end : open_) {
        end.result = HopResult::deferred;
        end.dsn = status;
        end.words = hop.reason;
        end.relay = relayText(peer);
        hop.recipients.push_back({end.recipient.address.toText(), HopResult::deferred, {}});
    }
    outcome_.hops.push_back(std::move(hop));
}

record::HopRecord Attempt::hopRecord(const discover::Host& host) const {
    record::HopRecord hop;
    hop.time = clockNow();
    hop.direction = record::Direction::out;
    hop.queueId = claim_.message->id;
    hop.messageId = claim_.message->messageId;
    hop.sender = toText(claim_.message->sender);
    hop.peer = link_.client->peer();
    hop.requirement = host.requirement;
    hop.assurance = link_.client->assurance();
    hop.tls = link_.client->tls();
    hop.protocol = link_.client->protocol();
    hop.dnssec = host.dnssec;
    return hop;
}

}  // namespace

task::Awaitable<void> Link::close() {
    if (client) co_await client->quit();
    client.reset();
}

task::Awaitable<Outcome> attempt(Services& services, Link& link, const queue::Claim& claim) {
    Attempt one(services, link, claim);
    co_return co_await one.run();
}

}  // namespace postseal::deliver
