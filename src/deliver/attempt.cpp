#include "deliver/attempt.hpp"

#include "deliver/lines.hpp"
#include "deliver/maildir.hpp"
#include "deliver/way.hpp"
#include "policy/explain.hpp"
#include "policy/requiretls.hpp"
#include "record/transport.hpp"

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
    net::SocketAddress at;
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

/// On this machine it has arrived: nothing of it travels on (RFC 8689 §4.4).
record::RequireTls keywordOf(const queue::Claim& claim, const Way& way) {
    if (way.isLocal) return record::RequireTls::no;
    const auto kind = claim.reversePath() ? policy::MailKind::message : policy::MailKind::report;
    return policy::requireTlsOnHop(claim.message->tls, kind, policy::RequireTlsMode::enforce).keyword;
}

/// The attempt while it goes on: who is not decided yet, and what has happened.
class Attempt {
public:
    Attempt(Services& services, Link& link, const queue::Claim& claim)
        : services_(services), link_(link), claim_(claim) {
        outcome_.delays.begun = clockNow();
        outcome_.reached = Reached::no;
        for (const auto& recipient : claim.recipients)
            open_.push_back({.recipient = recipient, .reason = {"4.4.1", {}, "no host could be tried", {}}});
    }

    task::Awaitable<Outcome> run();

private:
    task::Awaitable<void> reuse();
    task::Awaitable<void> tryHosts();
    task::Awaitable<void> tryAddress(Target target);
    task::Awaitable<void> dial(Target target, smtp::TlsAttempt tls);
    task::Awaitable<void> send(const discover::Host& host);
    task::Awaitable<bool> transact(const discover::Host& host, std::size_t first, std::size_t count);

    void failAll(const dns::Failure& failure);
    void noteUnusable(const discover::Host& host);
    void note(const discover::Host& host, const SessionFailure& failure, std::size_t first = 0);
    void settleDecided();
    record::HopRecord hopOf(std::string peerName, HopResult result, const dns::Failure& failure) const;
    record::HopRecord outgoingHop() const;
    record::HopRecord hopRecord(const discover::Host& host) const;
    bool isDone() const { return open_.empty() || mustWait_; }

    Services& services_;
    Link& link_;
    const queue::Claim& claim_;
    Way way_;
    std::vector<RecipientEnd> open_;  // not decided, each with the last thing that was said of it
    bool mustWait_ = false;           // a host may have the message: it must not get to another one now
    // Who answered on a reused connection: its answers hold, it is not asked again at once.
    std::optional<net::SocketAddress> answered_;
    Outcome outcome_;
};

task::Awaitable<Outcome> Attempt::run() {
    way_ = co_await wayTo(services_, claim_.nextHop);
    if (way_.destination->failure) {
        failAll(*way_.destination->failure);
    } else {
        co_await reuse();
        co_await tryHosts();
    }
    for (auto& end : open_)
        if (isUnfit(end)) end.result = HopResult::bounced;  // nobody can take it
    std::ranges::move(open_, std::back_inserter(outcome_.recipients));
    co_return std::move(outcome_);
}

// An open connection serves only a host that is still among the destination's, under an equal requirement
// and the trust that its peer was judged by.
task::Awaitable<void> Attempt::reuse() {
    if (!link_.isOpen()) co_return;
    const auto& hosts = way_.destination->hosts;
    const auto host = std::ranges::find_if(hosts, [&](const discover::Host& one) {
        return !one.unusable && one.name == link_.host && toText(one.requirement) == link_.requirement;
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
            if (isDone() || tried++ == services_.settings->addressesPerAttempt) co_return;
            if (answered_ == place) continue;
            co_await tryAddress({host, place});
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
        note(target.host, *failure);
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
                             .at = target.at,
                             .requirement = target.host.requirement,
                             .dialect = way_.dialect};
    link_.client = co_await services_.dialer.dial(to, tls);
    outcome_.delays.connection += clockNow() - begun;
}

task::Awaitable<void> Attempt::send(const discover::Host& host) {
    outcome_.reached = Reached::yes;
    const auto begun = clockNow();
    std::size_t heard = 0;
    while (heard < open_.size() && link_.isOpen()) {
        const auto count = std::min(recipientsAtOnce, open_.size() - heard);
        if (!co_await transact(host, heard, count)) break;
        heard += count;
    }
    outcome_.delays.transmission += clockNow() - begun;
    const auto& failure = link_.client->failure();
    if (failure && heard > 0 && heard < open_.size()) note(host, *failure, heard);
    const bool isUsedUp = link_.transactions >= services_.settings->messagesPerConnection;
    if (isUsedUp || !host.connectionReuse.value_or(true)) co_await link_.close();
}

/// False: nothing of it was even heard by the peer, since a reused connection had ended before.
task::Awaitable<bool> Attempt::transact(const discover::Host& host, std::size_t first, std::size_t count) {
    record::Envelope envelope{.sender = claim_.reversePath(),
                              .recipients = {},
                              .body = claim_.message->bodyType,
                              .declaredBytes = claim_.message->sizeBytes(),
                              .smtpUtf8 = claim_.message->smtpUtf8,
                              .returned = claim_.message->returned,
                              .id = claim_.message->envelopeId,
                              .requireTls = keywordOf(claim_, way_)};
    for (const auto& end : std::span(open_).subspan(first, count))
        envelope.recipients.push_back({end.recipient.address, end.recipient.notify, end.recipient.original});
    StoredBody body(services_.bodies, claim_.message->body);
    ++link_.transactions;
    co_await link_.client->transact(std::move(envelope), claim_.message->prefix, body);

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
        const bool isAwaited = cantTake && !end.remoteMta.empty();  // by another host, which was asked before
        if (!isAwaited) {
            end.result = cantTake ? HopResult::deferred : result.result;
            end.reason = {result.status, {}, result.words, {}};
            end.remoteMta = isPeers ? remoteMta : std::string();
            end.relay = relay;
            end.wantedAndGot = record::wantedAndGot(hop.requirement, hop.assurance);
            end.means = means;
        }
        hop.recipients.push_back(
            {end.recipient.address.toText(), result.result, isPeers ? result.words : std::string()});
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
    outcome_.hops.push_back(hopOf(claim_.nextHop, result, failure));
    if (isPermanent) outcome_.reached = Reached::yes;  // it answered, in its way: nothing to rest for
}

/// One host of several: whatever is wrong with it, another one may take the message, now or later.
void Attempt::noteUnusable(const discover::Host& host) {
    dns::Failure failure = *host.failure;
    if (failure.status.starts_with('5')) failure.status.front() = '4';
    for (auto& end : open_)
        if (end.relay == "none") end.reason = {failure.status, {}, failure.words, {}};
    outcome_.hops.push_back(hopOf(host.name, HopResult::deferred, failure));
}

record::HopRecord Attempt::outgoingHop() const {
    record::HopRecord hop;
    hop.time = clockNow();
    hop.direction = record::Direction::out;
    hop.queueId = claim_.message->id;
    hop.messageId = claim_.message->messageId;
    hop.sender = toText(claim_.reversePath());
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

std::optional<policy::Unmet::How> unmetBy(const SessionFailure& failure, const net::SmtpClient& client) {
    switch (failure.kind) {
    case SessionFailure::Kind::tlsFailed: return policy::Unmet::How::handshakeFailed;
    case SessionFailure::Kind::tlsUnmet: return policy::Unmet::How::notAuthenticated;
    case SessionFailure::Kind::tlsRefused:
        return client.offered().startTls ? policy::Unmet::How::starttlsRefused
                                         : policy::Unmet::How::noStarttls;
    case SessionFailure::Kind::temporary:
    case SessionFailure::Kind::permanent:
    case SessionFailure::Kind::violation:
    case SessionFailure::Kind::stale: break;
    }
    return std::nullopt;
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
    const auto how = unmetBy(failure, *link_.client);
    const bool isPolicys = how && !permitsCleartext(host.requirement);
    const policy::Unmet unmet{
        .how = how.value_or(policy::Unmet::How::handshakeFailed), .host = relay, .found = failure.words};
    if (isPolicys) {
        const auto deferral = policy::deferral(host.requirement, unmet);
        reason = {deferral.code, policy::refusal(host.requirement, unmet).code, deferral.words, {}};
    }
    hop.reason = reason.words;
    for (auto& end : std::span(open_).subspan(first)) {
        hop.recipients.push_back({end.recipient.address.toText(), HopResult::deferred, {}});
        if (!isPolicys && (!end.reason.dsnWhenReturned.empty() || isUnfit(end))) continue;
        end.result = HopResult::deferred;
        end.reason = reason;
        if (isPolicys)
            end.reason.forSender =
                policy::forSender(host.requirement, unmet, record::toText(end.recipient.address.domain()));
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
    hop.requirement = host.requirement;
    hop.claims = host.claims;
    hop.assurance = link_.client->assurance();
    hop.tls = link_.client->tls();
    hop.dnssec = host.dnssec;
    return hop;
}

}  // namespace

task::Awaitable<void> Link::close() {
    if (client) co_await client->quit();
    client.reset();
}

task::Awaitable<Outcome> attempt(Services& services, Link& link, const queue::Claim& claim) {
    const auto transport = record::parseTransport(claim.nextHop);
    if (transport && std::holds_alternative<record::Maildir>(*transport))
        co_return co_await deliverToMaildirs(services, claim);
    Attempt one(services, link, claim);
    co_return co_await one.run();
}

}  // namespace postseal::deliver
