#include "deliver/dispatcher.hpp"

#include "deliver/settle.hpp"
#include "deliver/worker.hpp"
#include "task/clock.hpp"

#include <exception>
#include <utility>
#include <variant>

namespace postseal::deliver {
namespace {

using namespace std::chrono_literals;

constexpr int rowsAtOnce = 200;      // stored recipients of a destination put off or forward in one commit
constexpr auto pauseBetween = 10ms;  // two of those, for others' commits
// Leases of resting destinations that are put off at a time: each takes memory for its commit, and thousands
// may have to wait at once.
constexpr std::size_t mostPostponers = 50;
constexpr int toldAtOnce = 100;  // stored recipients of a dead destination that are told, or returned

course::Limits limitsOf(const DeliveryServices& services) {
    const auto& settings = *services.settings;
    return {.retry = settings.retry,
            .concurrency = settings.concurrency,
            .connections = services.connections,
            .waitingLeases = settings.waitingLeases};
}

}  // namespace

Dispatcher::Dispatcher(task::Core& core, Dispatchers& all, DeliveryServices& services)
    : core_(core), all_(all), services_(services), course_(limitsOf(services)),
      random_(std::random_device()()) {}

/// Whoever plans for a time asks here, so that a clock that was set moves what is planned before that.
base::Timestamp Dispatcher::now() {
    const auto now = task::timeNow();
    const auto jump = clock_.look(now, std::chrono::steady_clock::now());
    if (jump.count() != 0) course_.shift(jump);
    return now;
}

void Dispatcher::start() {
    task::spawn(core_, runSchedule(), "schedule");
}

void Dispatcher::take(queue::Lease lease) {
    course_.arrived(std::move(lease), now());
    carryOut();
}

void Dispatcher::expect(const std::string& nextHop, base::Timestamp when) {
    course_.waits(nextHop, when, now());
    carryOut();
}

void Dispatcher::retry(std::string nextHop) {
    perform(course::BringForward{std::move(nextHop)});
}

void Dispatcher::steered(const std::string& nextHop) {
    course_.steered(nextHop, now());
    carryOut();
}

void Dispatcher::adopt(std::shared_ptr<const Settings> settings,
                       std::shared_ptr<const directory::Directory> directory, std::size_t connections) {
    services_.settings = std::move(settings);
    services_.directory = std::move(directory);
    services_.connections = connections;
    course_.adopt(limitsOf(services_));
}

void Dispatcher::reloaded() {
    course_.reloaded(now());
    carryOut();
}

std::optional<queue::Lease> Dispatcher::nextLease(const std::string& nextHop) {
    auto lease = course_.take(nextHop);
    carryOut();
    return lease;
}

WorkerId Dispatcher::idle(const std::string& nextHop, IdleWorker& worker) {
    const auto id = WorkerId{++lastWorker_};
    idle_.emplace(id, &worker);
    course_.idle(nextHop, id);
    return id;
}

void Dispatcher::leave(const std::string& nextHop, WorkerId worker) {
    idle_.erase(worker);
    course_.left(nextHop, worker);
}

void Dispatcher::workerEnded(const std::string& nextHop, Carries carries) {
    course_.workerEnded(nextHop, carries);
    carryOut();
}

bool Dispatcher::isForOthers(const std::string& nextHop, const Outcome& outcome) const {
    return course_.isForOthers(nextHop, outcome.reached, outcome.delays.begun);
}

void Dispatcher::leaveToOthers(const std::string& nextHop, queue::Lease lease) {
    course_.leftToOthers(nextHop, std::move(lease));
}

task::Awaitable<void> Dispatcher::attempted(std::string nextHop, Outcome outcome, queue::Lease lease) {
    const auto& ends = outcome.recipients;
    course_.attempted(nextHop, outcome.reached, ends.empty() ? Reason() : ends.front().reason, now(),
                      random());
    carryOut();
    Settled settled = co_await settle(services_, std::move(lease), std::move(outcome), random());
    course_.settled(nextHop, settled.next, now());
    carryOut();
    pass(std::move(settled));
}

/// The reports, each to its next hop's home.
void Dispatcher::pass(Settled settled) {
    for (const auto& [nextHop, until] : settled.waiting)
        all_.expect(nextHop, until);
    all_.handOver(std::move(settled.reports));
}

/// What is carried out may lead to the next, and may get here again.
void Dispatcher::carryOut() {
    while (auto action = course_.next())
        std::visit([this](auto& one) { perform(std::move(one)); }, *action);
}

void Dispatcher::perform(course::Start start) {
    task::spawn(core_, work(this, std::move(start)), "delivery");
}

void Dispatcher::perform(course::Hand hand) {
    const auto worker = idle_.extract(hand.worker);
    worker.mapped()->lease = std::move(hand.lease);
    worker.mapped()->woken.set();
}

void Dispatcher::perform(course::Postpone postpone) {
    toPostpone_.push_back(std::move(postpone));
    if (postponers_ == mostPostponers) return;
    ++postponers_;
    task::spawn(core_, postponeInTurn(), "postpone");
}

void Dispatcher::perform(course::PostponeStored postpone) {
    task::spawn(core_, postponeStored(std::move(postpone)), "postpone");
}

void Dispatcher::perform(course::GiveBack back) {
    task::spawn(core_, sendBack(std::move(back)), "give back");
}

void Dispatcher::perform(course::Load load) {
    task::spawn(core_, this->load(std::move(load)), "load");
}

void Dispatcher::perform(course::BringForward forward) {
    task::spawn(core_, bringForward(std::move(forward.nextHop)), "bring forward");
}

void Dispatcher::perform(course::Look /*look*/) {
    if (const auto scheduled = scheduled_.lock()) scheduled->set();
}

task::Awaitable<void> Dispatcher::runSchedule() {
    const auto scheduled = std::make_shared<task::Event>(core_.executor());
    scheduled_ = scheduled;
    for (;;) {
        course_.look(now());
        carryOut();
        if (co_await scheduled->waitFor(course_.nap(now())) == task::Woken::cancelled) co_return;
    }
}

task::Awaitable<void> Dispatcher::load(course::Load load) {
    std::exception_ptr thrown;
    bool isLoaded = false;
    try {
        isLoaded = co_await leaseSome(load);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (!isLoaded) course_.loadFailed(load.nextHop, now());
    carryOut();
    if (thrown) std::rethrow_exception(thrown);  // to the log
}

/// False: the store can't be asked now.
task::Awaitable<bool> Dispatcher::leaseSome(course::Load load) {
    const queue::Wanted wanted{
        .nextHop = load.nextHop, .now = now(), .horizon = services_.settings->retry.max, .limit = load.most};
    auto leases = co_await queue::leaseDue(services_.writer, services_.bodies, wanted);
    if (!leases) {
        services_.log.as("qmgr").error("taking mail for " + load.nextHop + ": " + toText(leases.error()));
        co_return false;
    }
    const auto first = co_await queue::firstDue(services_.bodies, load.nextHop);
    std::vector<queue::Lease> due;
    for (auto& lease : *leases) {
        if (mustWait(services_, lease, now()))
            perform(course::GiveBack{std::move(lease),
                                     now() + pauseOfReport(services_.settings->retry, random())});
        else
            due.push_back(std::move(lease));
    }
    course_.loaded(load.nextHop, std::move(due), first, now());
    co_return true;
}

task::Awaitable<void> Dispatcher::sendBack(course::GiveBack back) {
    const std::string nextHop = back.lease.route.text();
    co_await giveBack(services_, std::move(back.lease), back.until);
    course_.gaveBack(nextHop, back.until, now());
    carryOut();
}

task::Awaitable<void> Dispatcher::postponeInTurn() {
    struct Leaving {
        std::size_t& count;
        ~Leaving() { --count; }
    };
    const Leaving leaving{postponers_};
    while (!toPostpone_.empty() && !co_await task::isCancelled()) {
        auto next = std::move(toPostpone_.front());
        toPostpone_.pop_front();
        co_await postpone(std::move(next));
    }
}

task::Awaitable<void> Dispatcher::postpone(course::Postpone postpone) {
    const std::string nextHop = postpone.lease.route.text();
    const auto next = co_await putOff(std::move(postpone.lease), postpone.until, std::move(postpone.reason));
    course_.postponed(nextHop, next, now());
    carryOut();
}

/// When it is due again.
task::Awaitable<base::Timestamp> Dispatcher::putOff(queue::Lease lease, base::Timestamp until,
                                                    Reason reason) {
    Settled settled = co_await suspend(services_, std::move(lease), until, std::move(reason));
    const auto next = settled.next.value_or(until);
    pass(std::move(settled));
    co_return next;
}

task::Awaitable<void> Dispatcher::postponeStored(course::PostponeStored postpone) {
    const auto& [nextHop, until, reason] = postpone;
    const auto now = this->now();
    const auto retry = services_.settings->retry;
    const auto tooOld = now - retry.giveUp;
    const bool isWarning = retry.warn.count() > 0;
    queue::DeadDestination dead{.nextHop = nextHop,
                                .now = now,
                                .arrivedAfter = tooOld,
                                .nextAttempt = until,
                                .reason = reason.words,
                                .limit = rowsAtOnce};
    if (isWarning) {
        dead.tellBefore = now - retry.warn;
        dead.tellAttempts = queue::leastAttempts(retry, retry.warn);
    }
    for (std::int64_t changed = rowsAtOnce; changed == rowsAtOnce;) {
        store::Batch batch;
        const auto step = queue::defer(batch, dead);
        const auto done = co_await services_.writer.commit(std::move(batch));
        changed = done ? done->changes[step] : 0;
        if (changed > 0) expect(nextHop, until);
        if (!co_await task::sleepFor(pauseBetween)) co_return;
    }
    // Who has waited long enough is told now, although nobody can be reached.
    queue::Wanted old{
        .nextHop = nextHop, .now = now, .horizon = retry.max, .limit = toldAtOnce, .arrivedBefore = tooOld};
    co_await postponeEach(old, until, reason);
    old.arrivedBefore = dead.tellBefore;
    old.untold = dead.tellAttempts;
    if (isWarning) co_await postponeEach(old, until, reason);
    course_.postponedStored(nextHop);
    carryOut();
}

task::Awaitable<void> Dispatcher::postponeEach(queue::Wanted wanted, base::Timestamp until, Reason reason) {
    while (!co_await task::isCancelled()) {
        const auto leases = co_await queue::leaseDue(services_.writer, services_.bodies, wanted);
        if (!leases || leases->empty()) co_return;
        for (const auto& lease : *leases)
            expect(wanted.nextHop, co_await putOff(lease, until, reason));
    }
}

task::Awaitable<void> Dispatcher::bringForward(std::string nextHop) {
    const auto now = this->now();
    for (std::int64_t changed = rowsAtOnce; changed == rowsAtOnce;) {
        store::Batch batch;
        const auto step = queue::bringForward(batch, nextHop, now, rowsAtOnce);
        const auto done = co_await services_.writer.commit(std::move(batch));
        changed = done ? done->changes[step] : 0;
        if (!co_await task::sleepFor(pauseBetween)) co_return;
    }
    expect(nextHop, now);
}

double Dispatcher::random() {
    return std::uniform_real_distribution<double>(0, 1)(random_);
}

}  // namespace postseal::deliver
