#include "deliver/settle.hpp"

#include "deliver/bounce.hpp"
#include "deliver/lines.hpp"
#include "ledger/write.hpp"
#include "store/error.hpp"
#include "task/event.hpp"

#include <algorithm>
#include <span>

namespace postseal::deliver {
namespace {

using namespace std::chrono_literals;
using record::HopResult;

constexpr std::chrono::milliseconds firstPause = 1s;  // before a store that failed is asked again
constexpr std::chrono::milliseconds longestPause = 60s;

base::Timestamp clockNow() {
    return std::chrono::floor<base::Microseconds>(std::chrono::system_clock::now());
}

/// Who ends how. A recipient that is deferred too often or for too long is returned.
struct Fates {
    std::vector<RecipientEnd> delivered, returned, deferred;
};

Fates fatesOf(const Services& services, const queue::Message& message, std::vector<RecipientEnd> ends,
              base::Timestamp now) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - message.arrived);
    Fates fates;
    const auto isReturned = [&](const RecipientEnd& end) {
        return end.result == HopResult::bounced ||
               queue::isOver(services.settings->retry, age, end.recipient.attempts + 1);
    };
    for (auto& end : ends) {
        const bool isDelivered = end.result == HopResult::delivered;
        auto& fate = isDelivered ? fates.delivered : isReturned(end) ? fates.returned : fates.deferred;
        fate.push_back(std::move(end));
    }
    return fates;
}

std::vector<queue::ClaimedRecipient> recipientsOf(std::span<const RecipientEnd> ends) {
    std::vector<queue::ClaimedRecipient> recipients;
    recipients.reserve(ends.size());
    for (const auto& end : ends)
        recipients.push_back(end.recipient);
    return recipients;
}

/// The next attempt of those that are deferred together: by the least tried of them.
base::Timestamp nextAttempt(const Services& services, std::span<const RecipientEnd> deferred,
                            base::Timestamp now, double random) {
    int attempts = deferred.front().recipient.attempts;
    for (const auto& end : deferred)
        attempts = std::min(attempts, end.recipient.attempts);
    return now + queue::retryDelay(services.settings->retry, attempts + 1, random);
}

struct Written {
    store::Batch batch;
    std::vector<store::Batch::Step> settled;  // a change of 1: the message is gone
    std::vector<queue::Claim> bounces;
};

Written write(const queue::Claim& claim, const Fates& fates, const std::vector<record::HopRecord>& hops,
              const std::optional<Bounce>& bounce, base::Timestamp next, base::Timestamp now) {
    Written written;
    if (!fates.delivered.empty())
        written.settled.push_back(
            queue::settle(written.batch, claim, recipientsOf(fates.delivered), queue::End::delivered));
    if (!fates.returned.empty()) {
        const auto end = bounce ? queue::End::returned : queue::End::discarded;
        written.settled.push_back(queue::settle(written.batch, claim, recipientsOf(fates.returned), end));
        for (const auto& one : fates.returned)
            ledger::append(written.batch, ledger::Settled{.queueId = claim.message->id,
                                                          .address = one.recipient.address.toText(),
                                                          .state = bounce ? "returned" : "discarded",
                                                          .reason = one.reason.words,
                                                          .time = now});
    }
    for (const auto& one : fates.deferred)
        queue::defer(written.batch, claim, std::span(&one.recipient, 1), one.reason.words, next);
    for (const auto& hop : hops)
        ledger::append(written.batch, hop);
    if (bounce) {
        written.bounces = queue::put(written.batch, bounce->message);
        ledger::append(written.batch, bounce->hop);
    }
    return written;
}

void logEnds(const Services& services, const queue::Claim& claim, const Fates& fates, const Outcome& outcome,
             base::Timestamp now) {
    const auto smtp = services.log.as("smtp");
    for (const auto* ends : {&fates.delivered, &fates.returned, &fates.deferred})
        for (const auto& end : *ends)
            smtp.info(recipientLine(*claim.message, end, outcome.delays, now));
    for (const auto& end : fates.returned)
        if (end.result == HopResult::deferred) services.log.as("qmgr").info(expiredLine(*claim.message));
}

}  // namespace

task::Awaitable<Settled> settle(Services& services, queue::Claim claim, Outcome outcome, double random) {
    const auto now = clockNow();
    const Fates fates = fatesOf(services, *claim.message, std::move(outcome.recipients), now);
    Settled settled;
    base::Timestamp next = now;
    if (!fates.deferred.empty()) settled.next = next = nextAttempt(services, fates.deferred, now, random);

    std::optional<Bounce> bounce;
    if (!fates.returned.empty() && claim.message->sender)
        bounce = co_await makeBounce(services, *claim.message, fates.returned, now);

    for (auto pause = firstPause;; pause = std::min(pause * 2, longestPause)) {
        Written written = write(claim, fates, outcome.hops, bounce, next, now);
        const auto done = co_await services.writer.commit(std::move(written.batch));
        if (done) {
            logEnds(services, claim, fates, outcome, now);
            settled.bounces = std::move(written.bounces);
            const auto isGone = [&](store::Batch::Step step) { return done->changes[step] == 1; };
            if (bounce) logBounce(services, claim.message->id, *bounce);
            if (std::ranges::any_of(written.settled, isGone))
                services.log.as("qmgr").info(removedLine(claim.message->id));
            co_return settled;
        }
        services.log.as("qmgr").error("recording the delivery of " + claim.message->id.text() + ": " +
                                      toText(done.error()));
        if (done.error().code == store::Errc::conflict || done.error().code == store::Errc::closed)
            co_return Settled{};
        if (!co_await task::sleepFor(pause)) co_return Settled{};
    }
}

task::Awaitable<Settled> suspend(Services& services, queue::Claim claim, base::Timestamp until,
                                 Reason reason) {
    const auto now = clockNow();
    reason.words = "delivery temporarily suspended: " + reason.words;
    Outcome outcome;
    outcome.delays.begun = now;
    for (const auto& recipient : claim.recipients)
        outcome.recipients.push_back({.recipient = recipient, .reason = reason});
    Settled settled = co_await settle(services, std::move(claim), std::move(outcome), 0.5);
    if (settled.next) settled.next = std::max(*settled.next, until);
    co_return settled;
}

task::Awaitable<void> giveBack(Services& services, queue::Claim claim) {
    for (auto pause = firstPause;; pause = std::min(pause * 2, longestPause)) {
        store::Batch batch;
        queue::release(batch, claim);
        const auto done = co_await services.writer.commit(std::move(batch));
        if (done || done.error().code == store::Errc::conflict || done.error().code == store::Errc::closed)
            co_return;
        if (!co_await task::sleepFor(pause)) co_return;
    }
}

}  // namespace postseal::deliver
