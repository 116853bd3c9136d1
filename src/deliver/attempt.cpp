#include "deliver/attempt.hpp"

#include "deliver/lines.hpp"
#include "deliver/maildir.hpp"
#include "deliver/stored_body.hpp"
#include "deliver/unmet.hpp"
#include "deliver/way.hpp"
#include "record/transport.hpp"
#include "task/clock.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;
using smtp::RecipientResult;
using smtp::SessionFailure;

// RFC 5321 §4.5.3.1.8 promises that every server takes this many; more than it takes would wait for nothing.
constexpr std::size_t recipientsAtOnce = 100;
constexpr const char* encryptionNeeded = "5.7.10";  // RFC 8689 §4.2.1

/// Where a connection goes, and under which requirement.
struct Target {
    const discover::Host& host;
    net::SocketAddress at;
    const record::Requirement& requirement;
};

/// Not decided, in words of ours of class 5: the host can't take this message, another one may.
bool isUnfit(const RecipientEnd& end) {
    return end.result == HopResult::deferred && end.reason.dsn.starts_with('5');
}

/// What a success means to a sender who asked to be told (RFC 3461 §6.2.6). Who offers DSN tells it himself;
/// an LMTP server without it has put the message into a mailbox (as Postfix's lmtp_assume_final = yes).
RecipientEnd::Means meansOf(const net::SmtpClient& client) {
    if (client.offered().dsn) return RecipientEnd::Means::passedOn;
    const bool isLmtp = client.target().dialect == smtp::Dialect::lmtp;
    return isLmtp ? RecipientEnd::Means::final : RecipientEnd::Means::relayed;
}

record::Envelope envelopeOf(const queue::Lease& lease, std::span<const RecipientEnd> ends,
                            record::RequireTls requireTls) {
    const auto& message = *lease.message;
    record::Envelope envelope{.sender = lease.reversePath(),
                              .recipients = {},
                              .body = message.bodyType,
                              .declaredBytes = message.sizeBytes(),
                              .smtpUtf8 = message.smtpUtf8,
                              .returned = message.returned,
                              .id = message.envelopeId,
                              .requireTls = requireTls};
    for (const auto& end : ends)
        envelope.recipients.push_back({end.recipient.address, end.recipient.notify, end.recipient.original});
    return envelope;
}

/// The attempt while it goes on: who is not decided yet, and what has happened.
class Attempt {
public:
    Attempt(DeliveryServices& services, Link& link, const queue::Lease& lease, const Leg& leg)
        : services_(services), link_(link), lease_(lease), way_(leg.way) {
        outcome_.delays.begun = task::timeNow();
        outcome_.reached = Reached::no;
        for (const auto& recipient : leg.recipients)
            open_.push_back({.recipient = recipient, .reason = {"4.4.1", {}, "no host could be tried", {}}});
    }

    task::Awaitable<Outcome> run();

private:
    task::Awaitable<void> reuse();
    task::Awaitable<void> tryHosts();
    task::Awaitable<void> tryAddress(const discover::Host& host, net::SocketAddress at);
    task::Awaitable<bool> tryUnder(Target target);
    task::Awaitable<void> dial(Target target, smtp::TlsAttempt tls);
    task::Awaitable<void> send(const discover::Host& host);
    task::Awaitable<bool> transact(const discover::Host& host, std::size_t first, std::size_t count);

    void failAll(const dns::Failure& failure);
    void noteUnusable(const discover::Host& host);
    void note(const discover::Host& host, const SessionFailure& failure, std::size_t first = 0);
    void settleDecided();
    void conclude();
    record::HopRecord hopOf(std::string peerName, HopResult result, const dns::Failure& failure) const;
    record::HopRecord outgoingHop() const;
    record::HopRecord hopRecord(const discover::Host& host) const;
    bool isDone() const { return open_.empty() || mustWait_; }

    DeliveryServices& services_;
    Link& link_;
    const queue::Lease& lease_;
    const Way& way_;
    std::vector<RecipientEnd> open_;  // not decided, each with the last thing that was said of it
    bool mustWait_ = false;           // a host may have the message: it must not get to another one now
    bool lacksKeyword_ = false;       // a proven host did not offer REQUIRETLS
    bool mayBeOtherwise_ = false;     // a host was not asked, or put it off: it may take it another time
    // Who answered on a reused connection: its answers hold, it is not asked again at once.
    std::optional<net::SocketAddress> answered_;
    Outcome outcome_;
};

task::Awaitable<Outcome> Attempt::run() {
    if (way_.destination->failure) {
        failAll(*way_.destination->failure);
    } else {
        co_await reuse();
        co_await tryHosts();
    }
    conclude();
    std::ranges::move(open_, std::back_inserter(outcome_.recipients));
    co_return std::move(outcome_);
}

/// Nobody is left to ask. What must go with REQUIRETLS returns now, if every host was asked and none will do
/// (rule 29, RFC 8689 §4.2.1): anything else that policy keeps waits, since it may be a fault or an attack
/// (rules 15, 51).
void Attempt::conclude() {
    const auto& hosts = way_.destination->hosts;
    const bool isRequired = !hosts.empty() && hosts.front().requireTls == record::RequireTls::must;
    for (auto& end : open_) {
        auto& reason = end.reason;
        if (isUnfit(end)) end.result = HopResult::bounced;  // nobody can take it
        if (reason.dsnWhenReturned.empty()) continue;
        // Others, who ask for less, may well get through.
        if (lease_.message->tls.required) outcome_.reached = Reached::yes;
        if (!isRequired || mayBeOtherwise_ || mustWait_) continue;
        reason.dsn = reason.dsnWhenReturned = lacksKeyword_ ? smtp::requireTlsMissing : encryptionNeeded;
        end.result = HopResult::bounced;
    }
}

// An open connection serves only a host that is still among the destination's, under an equal requirement
// and the trust that its peer was judged by.
task::Awaitable<void> Attempt::reuse() {
    if (!link_.isOpen()) co_return;
    const auto& hosts = way_.destination->hosts;
    const auto host = std::ranges::find_if(hosts, [&](const discover::Host& one) {
        const auto& requirement = one.first ? *one.first : one.requirement;
        return !one.unusable && one.name == link_.host && toText(requirement) == link_.requirement;
    });
    if (host == hosts.end() || link_.client->isOutdated()) {
        co_await link_.close();
        co_return;
    }
    const auto at = link_.client->target().at;
    co_await send(*host);
    if (link_.isOpen()) answered_ = at;
    settleDecided();
}

task::Awaitable<void> Attempt::tryHosts() {
    std::size_t tried = 0;
    for (const auto& host : way_.destination->hosts) {
        if (isDone()) co_return;
        if (host.failure) noteUnusable(host);
        if (host.unusable) continue;  // it has addresses, but policy keeps us from it (rules 1, 23)
        for (const auto& place : way_.placesOf(host)) {
            if (isDone()) co_return;
            if (tried++ == services_.settings->addressesPerAttempt) {
                mayBeOtherwise_ = true;
                co_return;
            }
            if (answered_ == place) continue;
            co_await tryAddress(host, place);
            settleDecided();
        }
    }
}

task::Awaitable<void> Attempt::tryAddress(const discover::Host& host, net::SocketAddress at) {
    // RFC 8689 §4.2.2: what is published is tried first; only where it can't be met, it is set aside.
    if (host.first) {
        const Target published{host, at, *host.first};
        if (co_await tryUnder(published)) co_return;
        const auto& failure = link_.client->failure();
        if (!failure || !unmetBy(*failure, *link_.client, {})) co_return;
    }
    const Target target{host, at, host.requirement};
    co_await tryUnder(target);
}

/// Whether a connection stood, under what it was to meet.
task::Awaitable<bool> Attempt::tryUnder(Target target) {
    co_await dial(target, smtp::TlsAttempt::first);
    const auto& failure = link_.client->failure();
    if (failure && failure->then == SessionFailure::Then::sameHostInClear &&
        permitsCleartext(target.requirement)) {
        services_.log.as("smtp").info(log::Line(lease_.message->id.text())
                                          .text("TLS failed with " + relayText(link_.client->peer()) + ": " +
                                                failure->words +
                                                "; trying in clear text, as the policy permits"));
        note(target.host, *failure);
        co_await dial(target, smtp::TlsAttempt::inClear);
    }
    const bool stood = link_.isOpen();
    if (stood) {
        co_await send(target.host);
    } else if (link_.client->failure()) {
        note(target.host, *link_.client->failure());
    }
    co_return stood;
}

task::Awaitable<void> Attempt::dial(Target target, smtp::TlsAttempt tls) {
    co_await link_.close();
    const auto begun = task::timeNow();
    link_.host = target.host.name;
    link_.requirement = toText(target.requirement);
    link_.transactions = 0;
    const net::DialTarget to{.host = target.host.name,
                             .at = target.at,
                             .requirement = target.requirement,
                             .dialect = way_.dialect};
    link_.client = co_await services_.dialer.dial(to, tls);
    outcome_.delays.connection += task::timeNow() - begun;
}

task::Awaitable<void> Attempt::send(const discover::Host& host) {
    outcome_.reached = Reached::yes;
    const auto begun = task::timeNow();
    std::size_t heard = 0;
    while (heard < open_.size() && link_.isOpen()) {
        const auto count = std::min(recipientsAtOnce, open_.size() - heard);
        if (!co_await transact(host, heard, count)) break;
        heard += count;
    }
    outcome_.delays.transmission += task::timeNow() - begun;
    const auto& failure = link_.client->failure();
    if (failure && heard > 0 && heard < open_.size()) note(host, *failure, heard);
    const bool isUsedUp = link_.transactions >= services_.settings->messagesPerConnection;
    if (isUsedUp || !host.connectionReuse.value_or(true)) co_await link_.close();
}

/// False: nothing of it was even heard by the peer, since a reused connection had ended before.
task::Awaitable<bool> Attempt::transact(const discover::Host& host, std::size_t first, std::size_t count) {
    const auto ends = std::span(open_).subspan(first, count);
    auto envelope = envelopeOf(lease_, ends, host.requireTls);
    StoredBody body(services_.bodies, lease_.message->body);
    ++link_.transactions;
    co_await link_.client->transact(std::move(envelope), lease_.message->prefix, body);

    const auto& failure = link_.client->failure();
    if (failure && failure->kind == SessionFailure::Kind::stale) co_return false;
    if (failure && failure->then == SessionFailure::Then::later) mustWait_ = true;

    record::HopRecord hop = hopRecord(host);
    const std::string relay = relayText(link_.client->peer());
    const std::string remoteMta = way_.socket ? services_.settings->hostname : link_.client->peer().name;
    const auto means = meansOf(*link_.client);
    const auto& results = link_.client->outcomes();
    for (std::size_t i = 0; i < std::min(count, results.size()); ++i) {
        const RecipientResult& result = results[i];
        RecipientEnd& end = open_[first + i];
        const bool isPeers = result.source == RecipientResult::Source::peer;
        const bool cantTake = !isPeers && result.result == HopResult::bounced;
        if (result.result == HopResult::deferred) mayBeOtherwise_ = true;
        const bool lacksKeyword = cantTake && result.status == smtp::requireTlsMissing;
        const bool isAwaited = cantTake && !end.remoteMta.empty();  // by another host, which was asked before
        if (!isAwaited) {
            end.result = cantTake ? HopResult::deferred : result.result;
            end.reason = {result.status, {}, result.words, {}};
            if (lacksKeyword) {
                lacksKeyword_ = true;
                end.reason = reasonOf(host.requirement, {policy::Unmet::How::noRequireTls, relay, {}},
                                      end.recipient.address);
            }
            end.remoteMta = isPeers ? remoteMta : std::string();
            end.relay = relay;
            end.wantedAndGot = record::wantedAndGot(hop.requirement, hop.assurance);
            end.means = means;
        }
        hop.recipients.push_back({end.recipient.address.toText(),
                                  lacksKeyword ? HopResult::deferred : result.result,
                                  isPeers ? result.words : std::string()});
        if (!isPeers) hop.reason = result.words;
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

/// The destination has no host that could be tried.
void Attempt::failAll(const dns::Failure& failure) {
    const bool isPermanent = failure.kind == dns::Failure::Kind::permanent;
    const auto result = isPermanent ? HopResult::bounced : HopResult::deferred;
    for (auto& end : open_) {
        end.result = result;
        end.reason = {failure.status, {}, failure.words, {}};
    }
    outcome_.hops.push_back(hopOf(lease_.nextHop, result, failure));
    if (isPermanent) outcome_.reached = Reached::yes;  // it answered, in its way: nothing to rest for
}

/// One host of several: whatever is wrong with it, another one may take the message, now or later.
void Attempt::noteUnusable(const discover::Host& host) {
    dns::Failure failure = *host.failure;
    if (failure.status.starts_with('5')) failure.status.front() = '4';
    if (!host.unusable || isPassing(*host.unusable)) mayBeOtherwise_ = true;
    for (auto& end : open_) {
        if (end.relay != "none") continue;
        end.reason = {failure.status, {}, failure.words, {}};
        if (host.unusable) end.reason = reasonOf(host.requirement, *host.unusable, end.recipient.address);
    }
    auto hop = hopOf(host.name, HopResult::deferred, failure);
    hop.requirement = host.requirement;
    hop.dnssec = host.dnssec;
    hop.mxProof = host.mxProof;
    hop.claims = host.claims;
    outcome_.hops.push_back(std::move(hop));
}

record::HopRecord Attempt::outgoingHop() const {
    record::HopRecord hop;
    hop.time = task::timeNow();
    hop.direction = record::Direction::out;
    hop.queueId = lease_.message->id;
    hop.messageId = lease_.message->messageId;
    hop.sender = toText(lease_.reversePath());
    return hop;
}

record::HopRecord Attempt::hopOf(std::string peerName, HopResult result, const dns::Failure& failure) const {
    record::HopRecord hop = outgoingHop();
    hop.peer.name = std::move(peerName);
    hop.result = result;
    hop.reason = failure.words;
    for (const auto& end : open_)
        hop.recipients.push_back({end.recipient.address.toText(), result, {}});
    return hop;
}

/// The connection came to nothing: what is said of all who are not decided, from `first` on. Where policy
/// refused a host, that is what the sender must know, though another one could not be reached at all.
void Attempt::note(const discover::Host& host, const SessionFailure& failure, std::size_t first) {
    const auto& peer = link_.client->peer();
    const std::string relay = relayText(peer);
    record::HopRecord hop = hopRecord(host);
    hop.result = HopResult::deferred;
    Reason reason{failure.status, {}, failure.words, {}};
    if (reason.dsn.starts_with('5'))
        reason.dsn.front() = '4';  // a host that takes no mail at all may soon, or another does
    const auto unmet = unmetBy(failure, *link_.client, relay);
    const auto& requirement = link_.client->target().requirement;
    if (unmet) reason.words = policy::deferral(requirement, *unmet).words;
    if (!unmet || isPassing(*unmet)) mayBeOtherwise_ = true;
    hop.reason = reason.words;
    for (auto& end : std::span(open_).subspan(first)) {
        hop.recipients.push_back({end.recipient.address.toText(), HopResult::deferred, {}});
        if (!unmet && (!end.reason.dsnWhenReturned.empty() || isUnfit(end))) continue;
        end.result = HopResult::deferred;
        end.reason = unmet ? reasonOf(requirement, *unmet, end.recipient.address) : reason;
        end.remoteMta.clear();
        end.relay = relay;
        end.wantedAndGot = record::wantedAndGot(hop.requirement, hop.assurance);
    }
    outcome_.hops.push_back(std::move(hop));
}

record::HopRecord Attempt::hopRecord(const discover::Host& host) const {
    record::HopRecord hop = outgoingHop();
    hop.peer = link_.client->peer();
    hop.protocol = link_.client->protocol();
    hop.local = way_.isLocal;
    if (way_.isLocal) return hop;
    hop.requirement = link_.client->target().requirement;  // host.first's, where that was tried
    hop.claims = host.claims;
    hop.assurance = link_.client->assurance();
    hop.tls = link_.client->tls();
    hop.dnssec = host.dnssec;
    hop.mxProof = host.mxProof;
    return hop;
}

std::vector<queue::LeasedRecipient> takeDeferred(Outcome& outcome) {
    std::vector<queue::LeasedRecipient> deferred;
    std::erase_if(outcome.recipients, [&](const RecipientEnd& end) {
        if (end.result == HopResult::deferred) deferred.push_back(end.recipient);
        return end.result == HopResult::deferred;
    });
    return deferred;
}

/// Rule 25, RFC 8461 §5.1: before a message returns for an MTA-STS policy's sake, the domain is asked once
/// more.
task::Awaitable<Outcome> travel(DeliveryServices& services, Link& link, const queue::Lease& lease, Leg& leg) {
    Attempt one(services, link, lease, leg);
    auto outcome = co_await one.run();
    if (!endsByMtaSts(services.settings->retry, *lease.message, outcome, task::timeNow())) co_return outcome;
    if (!co_await services.destinations.hasChangedPolicy(leg.query)) co_return outcome;
    leg.recipients = takeDeferred(outcome);
    leg.way.destination = co_await services.destinations.find(leg.query);
    Attempt again(services, link, lease, leg);
    append(outcome, co_await again.run());
    co_return outcome;
}

}  // namespace

task::Awaitable<void> Link::close() {
    if (client) co_await client->quit();
    client.reset();
}

task::Awaitable<Outcome> attempt(DeliveryServices& services, Link& link, const queue::Lease& lease) {
    const auto transport = record::parseTransport(lease.nextHop);
    if (transport && std::holds_alternative<record::Maildir>(*transport))
        co_return co_await deliverToMaildirs(services, lease);
    auto legs = co_await legsOf(services, lease);
    std::optional<Outcome> outcome;
    for (Leg& leg : legs) {
        auto ended = co_await travel(services, link, lease, leg);
        if (outcome)
            append(*outcome, std::move(ended));
        else
            outcome = std::move(ended);
    }
    co_return std::move(*outcome);
}

}  // namespace postseal::deliver
