#include "deliver/settle.hpp"

#include "deliver/bounce.hpp"
#include "deliver/learn.hpp"
#include "deliver/lines.hpp"
#include "ledger/write.hpp"
#include "queue/destinations.hpp"
#include "store/error.hpp"
#include "task/clock.hpp"
#include "task/event.hpp"

#include <algorithm>
#include <iterator>
#include <span>

namespace postseal::deliver {
namespace {

using namespace std::chrono_literals;
using record::HopResult;

constexpr std::chrono::milliseconds firstPause = 1s;  // before a store that failed is asked again
constexpr std::chrono::milliseconds longestPause = 60s;

/// Who ends how. A recipient that is deferred too often or for too long is returned; one whose failure nobody
/// is to be told of is discarded.
struct Fates {
    std::vector<RecipientEnd> delivered, returned, discarded, deferred;
    std::vector<RecipientEnd> late;  // of the deferred ones: now it is time to tell
};

bool isReturned(const DeliveryServices& services, std::chrono::seconds age, const RecipientEnd& end) {
    return end.result == HopResult::bounced ||
           queue::isOver(services.settings->retry, age, end.recipient.attempts + 1);
}

Fates fatesOf(const DeliveryServices& services, const queue::Message& message, std::vector<RecipientEnd> ends,
              base::Timestamp now) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - message.arrived);
    Fates fates;
    for (auto& end : ends) {
        if (end.result == HopResult::delivered) {
            fates.delivered.push_back(std::move(end));
        } else if (isReturned(services, age, end)) {
            const bool isToTell = message.sender && end.recipient.notify.failure;
            (isToTell ? fates.returned : fates.discarded).push_back(std::move(end));
        } else {
            const bool isLate = queue::isLate(services.settings->retry, age, end.recipient.attempts + 1);
            if (isLate && !end.recipient.toldDelay) fates.late.push_back(end);
            fates.deferred.push_back(std::move(end));
        }
    }
    return fates;
}

/// Of whom the sender is told, and of what (RFC 3461 §5.2.2 to §5.2.6).
task::Awaitable<std::vector<QueuedReport>> makeDsns(DeliveryServices& services, const queue::Lease& lease,
                                                    const Fates& fates,
                                                    std::span<const record::HopRecord> hops,
                                                    base::Timestamp now) {
    std::vector<RecipientEnd> succeeded, late;
    std::ranges::copy_if(fates.delivered, std::back_inserter(succeeded), [](const RecipientEnd& end) {
        return end.recipient.notify.success && end.means != RecipientEnd::Means::passedOn;
    });
    std::ranges::copy_if(fates.late, std::back_inserter(late),
                         [](const RecipientEnd& end) { return end.recipient.notify.delay; });
    std::vector<QueuedReport> dsns;
    if (!lease.message->sender) co_return dsns;
    if (!fates.returned.empty())
        dsns.push_back(co_await makeDsn(services, {DsnKind::failure, lease, fates.returned, hops, now}));
    if (!late.empty()) dsns.push_back(co_await makeDsn(services, {DsnKind::delay, lease, late, hops, now}));
    if (!succeeded.empty())
        dsns.push_back(co_await makeDsn(services, {DsnKind::success, lease, succeeded, hops, now}));
    co_return dsns;
}

std::vector<queue::LeasedRecipient> recipientsOf(std::span<const RecipientEnd> ends) {
    std::vector<queue::LeasedRecipient> recipients;
    recipients.reserve(ends.size());
    for (const auto& end : ends)
        recipients.push_back(end.recipient);
    return recipients;
}

/// The next attempt of those that are deferred together: by the least tried of them.
base::Timestamp nextAttempt(const DeliveryServices& services, std::span<const RecipientEnd> deferred,
                            base::Timestamp now, double random) {
    int attempts = deferred.front().recipient.attempts;
    for (const auto& end : deferred)
        attempts = std::min(attempts, end.recipient.attempts);
    return now + queue::retryDelay(services.settings->retry, attempts + 1, random);
}

struct Written {
    store::Batch batch;
    std::vector<store::Batch::Step> settled;  // a change of 1: the message is gone
    std::vector<queue::Lease> reports;
};

std::string_view whyNobodyIsTold(const queue::Message& message) {
    return message.sender ? " (the sender wants no report: NOTIFY)" : " (a report has no sender to tell)";
}

void end(Written& written, const queue::Lease& lease, std::span<const RecipientEnd> ends, queue::End how,
         base::Timestamp now) {
    if (ends.empty()) return;
    written.settled.push_back(queue::settle(written.batch, lease, recipientsOf(ends), how));
    if (how == queue::End::delivered) return;
    const bool isReturned = how == queue::End::returned;
    for (const auto& one : ends)
        ledger::append(
            written.batch,
            ledger::Settled{.queueId = lease.message->id,
                            .address = one.recipient.address.toText(),
                            .state = isReturned ? "returned" : "discarded",
                            .reason = one.reason.words +
                                      std::string(isReturned ? "" : whyNobodyIsTold(*lease.message)),
                            .time = now});
}

Written write(const queue::Lease& lease, const Fates& fates, const std::vector<record::HopRecord>& hops,
              const std::vector<QueuedReport>& dsns, base::Timestamp next, base::Timestamp now) {
    Written written;
    end(written, lease, fates.delivered, queue::End::delivered, now);
    end(written, lease, fates.returned, queue::End::returned, now);
    end(written, lease, fates.discarded, queue::End::discarded, now);
    for (const auto& one : fates.deferred)
        queue::defer(written.batch, lease, std::span(&one.recipient, 1), one.reason.words, next);
    // Those who are to be told nothing, too: the question is not asked again.
    queue::tellDelay(written.batch, lease, recipientsOf(fates.late));
    for (const auto& hop : hops)
        ledger::append(written.batch, hop);
    for (const auto& dsn : dsns) {
        std::ranges::move(queue::put(written.batch, dsn.message), std::back_inserter(written.reports));
        ledger::append(written.batch, dsn.hop);
    }
    return written;
}

/// Adds to the memory of the domain; what it then must have is decided anew.
discover::MemoryStore::Observed learn(DeliveryServices& services, const queue::Lease& lease,
                                      const Outcome& outcome, base::Timestamp now) {
    const auto contact = services.memory == nullptr ? std::nullopt : contactOf(lease, outcome);
    if (!contact) return {};
    auto observed = services.memory->observe(lease.nextHop, *contact, now);
    if (observed.claimChanged) services.destinations.forget(lease.nextHop);
    return observed;
}

void logNotice(const DeliveryServices& services, const std::string& domain, const policy::Notice& notice) {
    const auto line = log::Line().text("memory: " + domain + ": " + notice.words);
    if (notice.kind == policy::Notice::Kind::recovered)
        services.log.as("qmgr").info(line);
    else
        services.log.as("qmgr").warning(line);
}

void logEnds(const DeliveryServices& services, const queue::Lease& lease, const Fates& fates,
             const Outcome& outcome, base::Timestamp now) {
    const auto smtp = services.log.as("smtp");
    for (const auto* ends : {&fates.delivered, &fates.returned, &fates.discarded, &fates.deferred})
        for (const auto& end : *ends)
            smtp.info(recipientLine(*lease.message, end, outcome.delays, now));
    for (const auto* ends : {&fates.returned, &fates.discarded})
        for (const auto& end : *ends)
            if (end.result == HopResult::deferred) services.log.as("qmgr").info(expiredLine(*lease.message));
}

}  // namespace

task::Awaitable<Settled> settle(DeliveryServices& services, queue::Lease lease, Outcome outcome,
                                double random) {
    const auto now = task::timeNow();
    const auto learnt = learn(services, lease, outcome, now);
    if (learnt.notice) logNotice(services, lease.nextHop, *learnt.notice);
    const Fates fates = fatesOf(services, *lease.message, std::move(outcome.recipients), now);
    Settled settled;
    base::Timestamp next = now;
    if (!fates.deferred.empty()) settled.next = next = nextAttempt(services, fates.deferred, now, random);

    const std::vector<QueuedReport> dsns = co_await makeDsns(services, lease, fates, outcome.hops, now);

    for (auto pause = firstPause;; pause = std::min(pause * 2, longestPause)) {
        Written written = write(lease, fates, outcome.hops, dsns, next, now);
        if (learnt.row) discover::MemoryStore::append(written.batch, *learnt.row);
        const auto done = co_await services.writer.commit(std::move(written.batch));
        if (done) {
            logEnds(services, lease, fates, outcome, now);
            settled.reports = std::move(written.reports);
            const auto isGone = [&](store::Batch::Step step) { return done->changes[step] == 1; };
            for (const auto& dsn : dsns)
                logDsn(services, lease.message->id, dsn);
            if (std::ranges::any_of(written.settled, isGone))
                services.log.as("qmgr").info(removedLine(lease.message->id));
            co_return settled;
        }
        services.log.as("qmgr").error("recording the delivery of " + lease.message->id.text() + ": " +
                                      toText(done.error()));
        if (done.error().code == store::Errc::conflict || done.error().code == store::Errc::closed)
            co_return Settled{};
        if (!co_await task::sleepFor(pause)) co_return Settled{};
    }
}

task::Awaitable<Settled> suspend(DeliveryServices& services, queue::Lease lease, base::Timestamp until,
                                 Reason reason) {
    const auto now = task::timeNow();
    reason.words = std::string(queue::suspended) + reason.words;
    Outcome outcome;
    outcome.delays.begun = now;
    for (const auto& recipient : lease.recipients)
        outcome.recipients.push_back({.recipient = recipient, .reason = reason});
    Settled settled = co_await settle(services, std::move(lease), std::move(outcome), 0.5);
    if (settled.next) settled.next = std::max(*settled.next, until);
    co_return settled;
}

task::Awaitable<void> giveBack(DeliveryServices& services, queue::Lease lease) {
    for (auto pause = firstPause;; pause = std::min(pause * 2, longestPause)) {
        store::Batch batch;
        queue::release(batch, lease);
        const auto done = co_await services.writer.commit(std::move(batch));
        if (done || done.error().code == store::Errc::conflict || done.error().code == store::Errc::closed)
            co_return;
        if (!co_await task::sleepFor(pause)) co_return;
    }
}

}  // namespace postseal::deliver
