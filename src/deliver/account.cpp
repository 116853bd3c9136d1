#include "deliver/account.hpp"

#include "deliver/hops.hpp"
#include "deliver/lines.hpp"
#include "deliver/unmet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;
using record::Why;
using smtp::RecipientResult;
using smtp::SessionFailure;

/// What a success means to a sender who asked to be told (RFC 3461 §6.2.6). Who offers DSN tells it himself;
/// an LMTP server without it has put the message into a mailbox (as Postfix's lmtp_assume_final = yes).
RecipientEnd::Means meansOf(const net::SmtpClient& client) {
    if (client.offered().dsn) return RecipientEnd::Means::passedOn;
    const bool isLmtp = client.target().dialect == smtp::Dialect::lmtp;
    return isLmtp ? RecipientEnd::Means::final : RecipientEnd::Means::relayed;
}

}  // namespace

Account::Account(const queue::Lease& lease, const Leg& leg, std::string hostname)
    : lease_(lease), way_(leg.way), hostname_(std::move(hostname)) {
    outcome_.reached = Reached::no;
    for (const auto& recipient : leg.recipients)
        open_.push_back({.recipient = recipient, .reason = {"4.4.1", {}, "no host could be tried", {}}});
}

void Account::nobodyThere(const discover::Failure& failure) {
    const bool isPermanent = failure.kind == discover::Failure::Kind::permanent;
    auto hop = hopToNobody(lease_, failure);
    hop.result = isPermanent ? HopResult::bounced : HopResult::deferred;
    for (auto& end : open_) {
        apply(end, {.answer = isPermanent ? Answer::refused : Answer::skipped,
                    .reason = reasonOf(failure),
                    .hop = outcome_.hops.size()});
        hop.recipients.push_back({end.recipient.address.toText(), hop.result, {}});
    }
    outcome_.hops.push_back(std::move(hop));
    if (isPermanent) outcome_.reached = Reached::yes;  // it answered, in its way: nothing to rest for
}

void Account::unusable(const discover::Host& host) {
    if (!host.unusable || isPassing(*host.unusable)) chance_ = Chance::another;
    auto reason = reasonOf(*host.failure);
    reason.dsn = reason.dsn.asTemporary();
    auto hop = hopWithout(lease_, host);
    for (auto& end : open_) {
        Said said{.answer = Answer::skipped, .reason = reason, .hop = outcome_.hops.size()};
        if (host.unusable) {
            said.answer = Answer::skippedHeld;
            said.reason = reasonOf(host.requirement, *host.unusable, end.recipient.address);
        }
        apply(end, std::move(said));
        hop.recipients.push_back({end.recipient.address.toText(), HopResult::deferred, {}});
    }
    outcome_.hops.push_back(std::move(hop));
}

void Account::failed(const discover::Host& host, const Link& link, std::size_t first) {
    const auto& client = *link.client;
    const SessionFailure& failure = *client.failure();
    const auto& requirement = client.target().requirement;
    const auto relay = relayText(client.peer());
    const auto unmet = unmetBy(failure, requirement, relay);
    if (!unmet || isPassing(*unmet)) chance_ = Chance::another;
    const auto reason = reasonOf(failure, client.peer().port);
    auto hop = hopOver(lease_, way_, host, client);
    hop.result = HopResult::deferred;
    hop.failure = failure.why;
    hop.reason = unmet ? policy::deferral(requirement, *unmet).words : reason.words;
    for (auto& end : open().subspan(first)) {
        hop.recipients.push_back({end.recipient.address.toText(), HopResult::deferred, {}});
        apply(end, {.answer = unmet ? Answer::held : Answer::failed,
                    .reason = unmet ? reasonOf(requirement, *unmet, end.recipient.address) : reason,
                    .relay = relay,
                    .wantedAndGot = record::wantedAndGot(hop.requirement, hop.assurance),
                    .hop = outcome_.hops.size()});
    }
    outcome_.hops.push_back(std::move(hop));
}

void Account::answered(const discover::Host& host, const Link& link, std::size_t first, std::size_t count) {
    const auto& failure = link.client->failure();
    if (failure && failure->then == SessionFailure::Then::later) mustWait_ = true;
    auto hop = hopOver(lease_, way_, host, *link.client);
    const auto& results = link.client->outcomes();
    for (std::size_t i = 0; i < std::min(count, results.size()); ++i) {
        const RecipientResult& result = results[i];
        auto& end = open_[first + i];
        auto said = saidOf(result, host, link, end);
        const bool isHeld = said.answer == Answer::held;
        const bool isPeers = result.source == RecipientResult::Source::peer;
        if (result.result == HopResult::deferred) chance_ = Chance::another;
        if (isHeld) lacksKeyword_ = true;
        hop.recipients.push_back({end.recipient.address.toText(),
                                  isHeld ? HopResult::deferred : result.result,
                                  isPeers ? result.words : std::string()});
        if (!isPeers) hop.reason = result.words;
        if (result.why == Why::demandsTls) hop.reason = said.reason.words;
        said.wantedAndGot = record::wantedAndGot(hop.requirement, hop.assurance);
        apply(end, std::move(said));
    }
    const auto worst = std::ranges::max_element(hop.recipients, {}, &record::RecipientOutcome::result);
    hop.result = worst->result;
    hop.reply = worst->reply;
    const auto why = results[static_cast<std::size_t>(worst - hop.recipients.begin())].why;
    if (why != Why::none) hop.failure = why;
    if (failure) hop.reason = failure->words;
    outcome_.hops.push_back(std::move(hop));
}

Said Account::saidOf(const RecipientResult& result, const discover::Host& host, const Link& link,
                     const RecipientEnd& end) const {
    const auto relay = relayText(link.client->peer());
    Said said{.answer = answerOf(result),
              .reason = reasonOf(result),
              .relay = relay,
              .means = meansOf(*link.client),
              .hop = outcome_.hops.size()};
    if (said.answer == Answer::held)
        said.reason =
            reasonOf(host.requirement, {policy::Unmet::How::noRequireTls, relay, {}}, end.recipient.address);
    else if (result.why == Why::demandsTls)
        said.reason = reasonOfClearText(result, link.tlsTrouble);
    else if (result.source == RecipientResult::Source::peer)
        said.remoteMta = way_.socket ? hostname_ : link.client->peer().name;
    return said;
}

void Account::notAllTried(std::size_t tried, std::size_t all) {
    chance_ = Chance::another;
    for (auto& end : open_)
        end.reason.words += fmt::format("; {} of {} addresses tried (addresses_per_attempt)", tried, all);
}

void Account::settleDecided() {
    std::vector<RecipientEnd> undecided;
    for (auto& end : open_) {
        auto& where = end.standing == Standing::decided ? outcome_.recipients : undecided;
        where.push_back(std::move(end));
    }
    open_ = std::move(undecided);
}

Outcome Account::conclude() {
    const auto& hosts = way_.destination->hosts;
    const Asked asked{.requireTls = hosts.empty() ? record::RequireTls::no : hosts.front().requireTls,
                      .chance = mustWait_ ? Chance::another : chance_,
                      .lacksKeyword = lacksKeyword_};
    for (auto& end : open_) {
        // Others, who ask for less, may well get through.
        const bool isHeld = end.standing == Standing::heldByPolicy;
        if (isHeld && lease_.message->tls == record::TlsDemand::required) outcome_.reached = Reached::yes;
        deliver::conclude(end, asked);
    }
    std::ranges::move(open_, std::back_inserter(outcome_.recipients));
    open_.clear();
    return std::move(outcome_);
}

}  // namespace postseal::deliver
