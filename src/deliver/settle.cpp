#include "deliver/settle.hpp"

#include "deliver/bounce.hpp"
#include "deliver/fates.hpp"
#include "deliver/learn.hpp"
#include "deliver/lines.hpp"
#include "ledger/write.hpp"
#include "store/error.hpp"
#include "task/clock.hpp"
#include "task/event.hpp"

#include <algorithm>
#include <span>

namespace postseal::deliver {
namespace {

using namespace std::chrono_literals;
using record::HopResult;

constexpr std::chrono::milliseconds firstPause = 1s;  // before a store that failed is asked again
constexpr std::chrono::milliseconds longestPause = 60s;

bool mayLeave(DeliveryServices& services, const record::Mailbox& to, base::Timestamp now) {
    const auto domain = strangerOf(*services.directory, to, now);
    return !domain ||
           services.reportRates.takes(*domain, services.settings->reports, std::chrono::steady_clock::now());
}

/// What was attempted, and when.
struct Attempted {
    std::span<const record::HopRecord> hops;
    base::Timestamp now{};
    double random = 0;
};

task::Awaitable<std::vector<QueuedReport>> makeReports(DeliveryServices& services, const queue::Lease& lease,
                                                       const Fates& fates, Attempted attempted) {
    const auto& [hops, now, random] = attempted;
    const auto& message = *lease.message;
    const auto tellings = tellingsOf(message, fates);
    std::vector<QueuedReport> reports;
    reports.reserve(tellings.size());
    for (const auto& telling : tellings) {
        const bool isNow = mayLeave(services, *message.sender, now);
        if (!isNow && telling.kind != DsnKind::failure) {  // worth nothing later
            services.log.as("bounce").info(letGoLine(message, telling.kind, services.reportRates.letGo()));
            continue;
        }
        reports.push_back(co_await makeDsn(services, {telling.kind, lease, telling.ends, hops, now}));
        if (!isNow) reports.back().wait = pauseOfReport(services.settings->retry, random);
    }
    co_return reports;
}

std::vector<queue::LeasedRecipient> recipientsOf(std::span<const RecipientEnd> ends) {
    std::vector<queue::LeasedRecipient> recipients;
    recipients.reserve(ends.size());
    for (const auto& end : ends)
        recipients.push_back(end.recipient);
    return recipients;
}

struct Written {
    store::Batch batch;
    std::vector<store::Batch::Step> settled;  // a change of 1: the message is gone
    std::vector<queue::Lease> reports;
    std::vector<Waiting> waiting;
};

void add(Written& written, const QueuedReport& report, base::Timestamp now) {
    for (auto& lease : queue::put(written.batch, report.message)) {
        if (report.wait == 0s) {
            written.reports.push_back(std::move(lease));
            continue;
        }
        queue::release(written.batch, lease, now + report.wait);
        written.waiting.push_back({lease.route.text(), now + report.wait});
    }
    ledger::append(written.batch, report.hop);
}

void end(Written& written, const queue::Lease& lease, std::span<const RecipientEnd> ends, queue::End how,
         base::Timestamp now) {
    if (ends.empty()) return;
    written.settled.push_back(queue::settle(written.batch, lease, recipientsOf(ends), how));
    if (how == queue::End::delivered) return;
    const bool isReturned = how == queue::End::returned;
    for (const auto& one : ends)
        ledger::append(written.batch,
                       ledger::Settled{.queueId = lease.message->id,
                                       .address = one.recipient.address.toText(),
                                       .state = isReturned ? "returned" : "discarded",
                                       .reason = one.reason.words +
                                                 (isReturned ? "" : " (the sender wants no report: NOTIFY)"),
                                       .time = now});
}

Written write(const queue::Lease& lease, const Fates& fates, const Outcome& outcome,
              const std::vector<QueuedReport>& reports, base::Timestamp next, base::Timestamp now) {
    Written written;
    end(written, lease, fates.delivered, queue::End::delivered, now);
    end(written, lease, fates.returned, queue::End::returned, now);
    end(written, lease, fates.discarded, queue::End::discarded, now);
    for (const auto& one : fates.kept)
        queue::keep(written.batch, lease, std::span(&one.recipient, 1), {one.reason.words, outcome.tried},
                    now);
    for (const auto& one : fates.deferred)
        queue::defer(written.batch, lease, std::span(&one.recipient, 1), {one.reason.words, outcome.tried},
                     next);
    // Those who are to be told nothing, too: the question is not asked again.
    queue::tellDelay(written.batch, lease, recipientsOf(fates.late));
    for (const auto& hop : outcome.hops)
        ledger::append(written.batch, hop);
    for (const auto& report : reports)
        add(written, report, now);
    return written;
}

/// Adds to the memory of the domain; what it then must have is decided anew.
discover::MemoryStore::Observed learn(DeliveryServices& services, const queue::Lease& lease,
                                      const Outcome& outcome, base::Timestamp now) {
    const auto contact = services.memory == nullptr ? std::nullopt : contactOf(lease, outcome);
    if (!contact) return {};
    auto observed = services.memory->observe(lease.route.text(), *contact, now);
    if (observed.claimChanged) services.destinations.forget(lease.route.text());
    return observed;
}

void logNotice(const DeliveryServices& services, const std::string& domain, const policy::Notice& notice) {
    const auto line = log::Line().text("memory: " + domain + ": " + notice.words);
    if (notice.kind == policy::Notice::Kind::recovered)
        services.log.as("qmgr").info(line);
    else
        services.log.as("qmgr").warning(line);
}

/// A report of ours that nobody gets means that a sender knows nothing of a failure: something is out of
/// order here, most often the way back to our own users. One that others sent through us is theirs to miss.
void logKept(const DeliveryServices& services, const queue::Message& message, const RecipientEnd& end) {
    const auto& id = message.id.text();
    log::Line line(id);
    line.text("ALARM: the report to <" + end.recipient.address.toText() +
              "> can't be delivered and is held: " + end.reason.words + "; 'postseal queue release " + id +
              "' has it tried again");
    const bool isOurs = message.prefix.empty();  // what was received has a Received of ours
    const auto bounce = services.log.as("bounce");
    isOurs ? bounce.error(line) : bounce.warning(line);
}

void logEnds(const DeliveryServices& services, const queue::Lease& lease, const Fates& fates,
             const Outcome& outcome, base::Timestamp now) {
    const auto smtp = services.log.as("smtp");
    for (const auto* ends :
         {&fates.delivered, &fates.returned, &fates.discarded, &fates.kept, &fates.deferred})
        for (const auto& end : *ends)
            smtp.info(recipientLine(*lease.message, end, outcome.tried, outcome.delays, now));
    for (const auto* ends : {&fates.returned, &fates.discarded})
        for (const auto& end : *ends)
            if (end.result == HopResult::deferred) services.log.as("qmgr").info(expiredLine(*lease.message));
    for (const auto& end : fates.kept)
        logKept(services, *lease.message, end);
}

}  // namespace

task::Awaitable<Settled> settle(DeliveryServices& services, queue::Lease lease, Outcome outcome,
                                double random) {
    const auto now = task::timeNow();
    const auto learnt = learn(services, lease, outcome, now);
    if (learnt.notice) logNotice(services, lease.route.text(), *learnt.notice);
    const Fates fates = fatesOf(services.settings->retry, *lease.message, std::move(outcome.recipients), now);
    Settled settled;
    base::Timestamp next = now;
    if (!fates.deferred.empty())
        settled.next = next = nextAttempt(services.settings->retry, fates.deferred, now, random);

    const auto reports = co_await makeReports(services, lease, fates, {outcome.hops, now, random});

    for (auto pause = firstPause;; pause = std::min(pause * 2, longestPause)) {
        Written written = write(lease, fates, outcome, reports, next, now);
        if (learnt.row) discover::MemoryStore::append(written.batch, *learnt.row);
        const auto done = co_await services.writer.commit(std::move(written.batch));
        if (done) {
            logEnds(services, lease, fates, outcome, now);
            settled.reports = std::move(written.reports);
            settled.waiting = std::move(written.waiting);
            const auto isGone = [&](store::Batch::Step step) { return done->changes[step] == 1; };
            for (const auto& report : reports)
                logDsn(services, lease.message->id, report);
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
    Outcome outcome;
    outcome.tried = queue::Tried::another;
    outcome.delays.begun = now;
    for (const auto& recipient : lease.recipients)
        outcome.recipients.push_back({.recipient = recipient, .reason = reason});
    Settled settled = co_await settle(services, std::move(lease), std::move(outcome), 0.5);
    if (settled.next) settled.next = std::max(*settled.next, until);
    co_return settled;
}

std::chrono::seconds pauseOfReport(const queue::RetrySettings& retry, double random) {
    constexpr double steps = 7;  // from RetrySettings::first to its max, by default
    return queue::retryDelay(retry, 1 + static_cast<int>(random * steps), random);
}

bool mustWait(DeliveryServices& services, const queue::Lease& lease, base::Timestamp now) {
    const auto& message = *lease.message;
    // What was received has a Received of ours; who was tried has left once.
    const bool isReport = !lease.reversePath() && message.prefix.empty();
    if (!isReport || lease.recipients.front().attempts != 0) return false;
    const bool isDue = now - message.arrived >= services.settings->retry.giveUp;
    return !mayLeave(services, lease.recipients.front().address, now) && !isDue;
}

task::Awaitable<void> giveBack(DeliveryServices& services, queue::Lease lease, base::Timestamp until) {
    for (auto pause = firstPause;; pause = std::min(pause * 2, longestPause)) {
        store::Batch batch;
        queue::release(batch, lease, until);
        const auto done = co_await services.writer.commit(std::move(batch));
        if (done || done.error().code == store::Errc::conflict || done.error().code == store::Errc::closed)
            co_return;
        if (!co_await task::sleepFor(pause)) co_return;
    }
}

}  // namespace postseal::deliver
