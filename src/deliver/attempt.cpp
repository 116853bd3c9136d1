#include "deliver/attempt.hpp"

#include "deliver/account.hpp"
#include "deliver/lines.hpp"
#include "deliver/maildir.hpp"
#include "deliver/stored_body.hpp"
#include "deliver/unmet.hpp"
#include "deliver/way.hpp"
#include "task/clock.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;
using record::Why;
using smtp::RecipientResult;
using smtp::SessionFailure;

// RFC 5321 §4.5.3.1.8 promises that every server takes this many; more than it takes would wait for nothing.
constexpr std::size_t recipientsAtOnce = 100;

/// Where a connection goes, and under which requirement.
struct Target {
    const discover::Host& host;
    net::SocketAddress at;
    const record::Requirement& requirement;
};

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

/// Nobody had to wait for it: the address refused the connection, or there was no way to it.
bool wasRefusedAtOnce(const Link& link) {
    return link.client && link.client->failure() && link.client->failure()->why == Why::unreached;
}

/// A connection that takes no more, or that was spoilt by BDAT, says nothing of the host: a new one may do.
bool wantsAnew(const Link& link) {
    if (!link.client || !link.client->failure()) return false;
    return link.client->failure()->then == SessionFailure::Then::sameHostAnew;
}

/// How many addresses of a destination there are, and of which preference its last backup is.
struct Extent {
    std::size_t addresses = 0;
    std::uint16_t lastRank = 0;
};

Extent extentOf(const Way& way) {
    Extent extent;
    for (const auto& host : way.destination->hosts) {
        const auto places = host.unusable ? 0 : way.placesOf(host).size();
        extent.addresses += places;
        if (places != 0) extent.lastRank = std::max(extent.lastRank, host.preference);
    }
    return extent;
}

/// The attempt while it goes on, from host to host.
class Attempt {
public:
    Attempt(DeliveryServices& services, Link& link, const queue::Lease& lease, const Leg& leg)
        : services_(services), link_(link), lease_(lease), way_(leg.way),
          account_(lease, leg, services.settings->hostname) {
        account_.outcome().delays.begun = task::timeNow();
    }

    task::Awaitable<Outcome> run();

private:
    task::Awaitable<void> reuse();
    task::Awaitable<void> tryHosts();
    task::Awaitable<void> tryAddress(const discover::Host& host, net::SocketAddress at);
    task::Awaitable<bool> tryUnder(Target target);
    task::Awaitable<void> dial(Target target, smtp::TlsAttempt tls);
    task::Awaitable<void> carry(Target target, smtp::TlsAttempt tls);
    task::Awaitable<std::size_t> send(const discover::Host& host, std::size_t heard);
    task::Awaitable<bool> transact(const discover::Host& host, std::size_t first, std::size_t count);

    DeliveryServices& services_;
    Link& link_;
    const queue::Lease& lease_;
    const Way& way_;
    Account account_;
    // Who answered on a reused connection: its answers hold, it is not asked again at once.
    std::optional<net::SocketAddress> answered_;
};

task::Awaitable<Outcome> Attempt::run() {
    if (way_.destination->failure) {
        account_.nobodyThere(*way_.destination->failure);
    } else {
        co_await reuse();
        co_await tryHosts();
    }
    account_.settleDecided();
    co_return account_.conclude();
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
    const auto heard = co_await send(*host, 0);
    if (link_.isOpen()) answered_ = at;
    const bool isBroken = heard < account_.openCount() && link_.client && link_.client->failure();
    if (isBroken && !wantsAnew(link_)) account_.failed(*host, link_, heard);
    account_.settleDecided();
}

task::Awaitable<void> Attempt::tryHosts() {
    const auto extent = extentOf(way_);
    const auto most = services_.settings->addressesPerAttempt;
    std::size_t tried = 0, waited = 0;  // waited: those that refused at once don't count
    bool isCut = false;
    for (const auto& host : way_.destination->hosts) {
        if (account_.isDone()) co_return;
        if (host.failure) account_.unusable(host);
        if (host.unusable) continue;  // it has addresses, but policy keeps us from it (rules 1, 23)
        for (const auto& place : way_.placesOf(host)) {
            if (account_.isDone()) co_return;
            // The last turn is the last backup's: those before it had theirs.
            const bool isKept = waited != 0 && waited + 1 == most && host.preference < extent.lastRank;
            isCut = isCut || isKept || waited == most;
            if (isKept || waited == most) break;
            if (answered_ == place) continue;
            ++tried;
            co_await tryAddress(host, place);
            if (!wasRefusedAtOnce(link_)) ++waited;
            account_.settleDecided();
        }
    }
    if (isCut) account_.notAllTried(tried, extent.addresses);
}

task::Awaitable<void> Attempt::tryAddress(const discover::Host& host, net::SocketAddress at) {
    // RFC 8689 §4.2.2: what is published is tried first; only where it can't be met, it is set aside.
    if (host.first) {
        const Target published{host, at, *host.first};
        if (co_await tryUnder(published)) co_return;
        const auto& failure = link_.client->failure();
        if (!failure || !unmetBy(*failure, *host.first, {})) co_return;
    }
    const Target target{host, at, host.requirement};
    co_await tryUnder(target);
}

/// Whether a connection stood, under what it was to meet.
task::Awaitable<bool> Attempt::tryUnder(Target target) {
    auto tls = smtp::TlsAttempt::first;
    co_await dial(target, tls);
    const auto& failure = link_.client->failure();
    if (failure && failure->then == SessionFailure::Then::sameHostInClear &&
        permitsCleartext(target.requirement)) {
        const auto trouble = failure->words;
        services_.log.as("smtp").info(log::Line(lease_.message->id.text())
                                          .text("TLS failed with " + relayText(link_.client->peer()) + ": " +
                                                trouble + "; trying in clear text, as the policy permits"));
        account_.failed(target.host, link_);
        tls = smtp::TlsAttempt::inClear;
        co_await dial(target, tls);
        link_.tlsTrouble = trouble;
    }
    const bool stood = link_.isOpen();
    if (stood) {
        co_await carry(target, tls);
    } else if (link_.client->failure()) {
        account_.failed(target.host, link_);
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
    link_.tlsTrouble = link_.client->tlsTrouble();
    account_.outcome().delays.connection += task::timeNow() - begun;
}

task::Awaitable<void> Attempt::carry(Target target, smtp::TlsAttempt tls) {
    const auto trouble = link_.tlsTrouble;
    auto heard = co_await send(target.host, 0);
    for (auto left = account_.openCount() / recipientsAtOnce + 2; left != 0 && wantsAnew(link_); --left) {
        co_await dial(target, tls);
        if (link_.tlsTrouble.empty()) link_.tlsTrouble = trouble;
        if (!link_.isOpen()) break;
        heard = co_await send(target.host, heard);
    }
    if (heard < account_.openCount() && link_.client && link_.client->failure())
        account_.failed(target.host, link_, heard);
}

/// To the open ones from `heard` on; how many the host has heard of then.
task::Awaitable<std::size_t> Attempt::send(const discover::Host& host, std::size_t heard) {
    account_.outcome().reached = Reached::yes;
    const auto begun = task::timeNow();
    while (heard < account_.openCount() && link_.isOpen()) {
        const auto count = std::min(recipientsAtOnce, account_.openCount() - heard);
        if (!co_await transact(host, heard, count)) break;
        heard += count;
    }
    account_.outcome().delays.transmission += task::timeNow() - begun;
    const bool isUsedUp = link_.transactions >= services_.settings->messagesPerConnection;
    if (link_.isOpen() && (isUsedUp || !host.connectionReuse.value_or(true))) co_await link_.close();
    co_return heard;
}

/// False: nothing of it counts, since it is to be said again on a new connection.
task::Awaitable<bool> Attempt::transact(const discover::Host& host, std::size_t first, std::size_t count) {
    const auto ends = account_.open().subspan(first, count);
    auto envelope = envelopeOf(lease_, ends, host.requireTls);
    StoredBody body(services_.bodies, lease_.message->body);
    ++link_.transactions;
    co_await link_.client->transact(std::move(envelope), lease_.message->prefix, body);
    if (wantsAnew(link_)) co_return false;
    account_.answered(host, link_, first, count);
    // TLS may come to stand on the next connection.
    const bool wantsTls =
        std::ranges::count(link_.client->outcomes(), Why::demandsTls, &RecipientResult::why) > 0;
    if (link_.isOpen() && wantsTls) co_await link_.close();
    co_return true;
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
    if (!leg.query || !co_await services.destinations.hasChangedPolicy(*leg.query)) co_return outcome;
    leg.recipients = takeDeferred(outcome);
    leg.way.destination = co_await services.destinations.find(*leg.query);
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
    if (std::holds_alternative<record::Maildir>(lease.route.transport()))
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
