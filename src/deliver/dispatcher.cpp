#include "deliver/dispatcher.hpp"

#include "deliver/settle.hpp"
#include "deliver/shares.hpp"
#include "deliver/worker.hpp"
#include "task/clock.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace postseal::deliver {
namespace {

using namespace std::chrono_literals;

constexpr int claimsAtOnce = 100;      // recipients taken from the store for one next hop at a time
constexpr std::size_t dueAtOnce = 64;  // next hops loaded before the schedule is looked at again
constexpr int rowsAtOnce = 200;        // stored recipients of a destination put off or forward in one commit
constexpr auto pauseBetween = 10ms;    // two of those, for others' commits
constexpr auto longestNap = 10s;       // so that a clock that jumps is noticed
constexpr auto shortestNap = 1s;       // who is due and can't be claimed is not asked for in a circle
constexpr auto servedWithin = 60s;  // a next hop reached so lately is not dead, whatever one connection found
constexpr auto troublePause = 5s;   // before a store in trouble is asked again
constexpr std::size_t lowWater = 50;  // leases in memory below which more are taken from the store
constexpr std::size_t turn = 200;     // leases taken until those in the store have their turn, come what may
constexpr std::size_t shareOfLoaded = 4;  // 1/4 for what comes from the store; the rest is for arrivals
constexpr int horizons = 2;  // of retry.max: later than that no retry of ours can be (queue/lease)

class Counted {
public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    std::size_t& count_;
};

}  // namespace

Dispatcher::Dispatcher(task::Core& core, Dispatchers& all, DeliveryServices& services)
    : core_(core), all_(all), services_(services), random_(std::random_device()()) {}

/// Whoever plans for a time asks here, so that a clock that was set moves what is planned before that.
base::Timestamp Dispatcher::now() {
    const auto now = task::timeNow();
    const auto jump = clock_.look(now, std::chrono::steady_clock::now());
    if (jump.count() != 0) schedule_.shift(jump);
    return now;
}

void Dispatcher::start() {
    task::spawn(core_, runSchedule(), "schedule");
}

void Dispatcher::take(std::vector<queue::Lease> leases) {
    const auto now = this->now();
    for (auto& lease : leases)
        admit(std::move(lease), From::arrival, now);
}

void Dispatcher::expect(const std::string& nextHop, base::Timestamp when) {
    const auto now = this->now();
    // Rule 54: the clock went back; leaseDue takes what is due by no clock of today.
    const bool isBeyond = when > now + horizons * services_.settings->retry.max;
    schedule_.add(nextHop, isBeyond ? now : when);
    reschedule();
}

void Dispatcher::reloaded() {
    for (const auto& nextHop : schedule_.wake(now()))
        retry(nextHop);
    reschedule();
}

void Dispatcher::steered(const std::string& nextHop) {
    schedule_.forgive(nextHop, now());
    reschedule();
}

void Dispatcher::retry(const std::string& nextHop) {
    task::spawn(core_, bringForward(nextHop), "bring forward");
}

void Dispatcher::reschedule() {
    if (const auto scheduled = scheduled_.lock()) scheduled->set();
}

void Dispatcher::admit(queue::Lease lease, From from, base::Timestamp now) {
    const std::string nextHop = lease.nextHop;
    NextHopState& state = nextHops_[nextHop];
    if (const auto until = schedule_.restsUntil(nextHop, now); until && state.workers == 0) {
        task::spawn(core_, postpone(std::move(lease), *until, state.lastFailure), "postpone");
        return;
    }
    if (isFull(state, from)) {
        task::spawn(core_, sendBack(std::move(lease)), "give back");
        return;
    }
    state.waiting.push_back(std::move(lease));
    ++waiting_;
    serve(nextHop);
}

// While older mail waits in the store, what arrives has half of the room: else a next hop that is busy for
// days would never come to it.
bool Dispatcher::isFull(const NextHopState& state, From from) const {
    const auto most = services_.settings->waitingLeases;
    if (from == From::arrival && state.moreInStore && state.waiting.size() >= shareOf(most) / 2) return true;
    return !hasRoom({waiting_, state.waiting.size()}, most);
}

/// What is loaded finds room, and leaves the pool's threads to others.
bool Dispatcher::mayLoad() const {
    const auto most = std::max<std::size_t>(1, services_.settings->waitingLeases / shareOfLoaded);
    return waiting_ + postponing_ < most && loading_ < dueAtOnce;
}

void Dispatcher::serve(const std::string& nextHop) {
    auto& resting = idle_[nextHop];
    while (!nextHops_[nextHop].waiting.empty() && !resting.empty()) {
        IdleWorker* worker = resting.back();  // the one that rested least: its connection is the freshest
        resting.pop_back();
        worker->lease = nextLease(nextHop);
        worker->woken.set();
    }
    for (;;) {
        // A worker may end before spawn returns, and the last one takes the state with it.
        const auto found = nextHops_.find(nextHop);
        if (found == nextHops_.end()) return;
        NextHopState& state = found->second;
        if (state.waiting.empty() || state.workers >= mostWorkers(nextHop, state)) return;
        if (!mayConnect({connections_, state.workers}, services_.connections)) {
            if (state.workers == 0 && !std::exchange(state.starved, true)) starved_.push_back(nextHop);
            return;
        }
        ++state.workers;
        ++connections_;
        task::spawn(core_, work(this, nextHop, *nextLease(nextHop)), "delivery");
    }
}

std::size_t Dispatcher::mostWorkers(const std::string& nextHop, const NextHopState& state) const {
    // A destination that failed is tried by one connection until it has succeeded.
    if (schedule_.failures(nextHop) > 0) return 1;
    const std::size_t allowed = services_.settings->concurrency;
    return state.most == 0 ? allowed : std::min(state.most, allowed);
}

// There is no room in memory for more: soon again, from the store.
task::Awaitable<void> Dispatcher::sendBack(queue::Lease lease) {
    const std::string nextHop = lease.nextHop;
    co_await giveBack(services_, std::move(lease));
    expect(nextHop, now() + troublePause);
    // Whoever delivers there takes it sooner, when there is room.
    const auto found = nextHops_.find(nextHop);
    if (found != nextHops_.end() && found->second.workers > 0) found->second.moreInStore = true;
}

std::optional<queue::Lease> Dispatcher::nextLease(const std::string& nextHop) {
    const auto found = nextHops_.find(nextHop);
    if (found == nextHops_.end() || found->second.waiting.empty()) return std::nullopt;
    NextHopState& state = found->second;
    queue::Lease lease = std::move(state.waiting.front());
    state.waiting.pop_front();
    --waiting_;
    askForMore(nextHop, state);
    return lease;
}

void Dispatcher::askForMore(const std::string& nextHop, NextHopState& state) {
    ++state.taken;
    if (!state.moreInStore || state.asked) return;
    if (state.waiting.size() >= lowWater && state.taken < turn) return;
    state.asked = true;
    state.taken = 0;
    expect(nextHop, now());
}

void Dispatcher::idle(const std::string& nextHop, IdleWorker& worker) {
    idle_[nextHop].push_back(&worker);
}

void Dispatcher::leave(const std::string& nextHop, IdleWorker& worker) {
    std::erase(idle_[nextHop], &worker);
}

void Dispatcher::workerEnded(const std::string& nextHop) {
    --connections_;
    NextHopState& state = nextHops_[nextHop];
    --state.workers;
    serveStarved();
    serve(nextHop);
    forgetIfDone(nextHop);
}

void Dispatcher::serveStarved() {
    while (!starved_.empty() && connections_ < services_.connections) {
        const std::string first = std::move(starved_.front());
        starved_.pop_front();
        nextHops_[first].starved = false;
        serve(first);
        forgetIfDone(first);
    }
}

void Dispatcher::forgetIfDone(const std::string& nextHop) {
    const auto found = nextHops_.find(nextHop);
    if (found == nextHops_.end()) return;
    const NextHopState& state = found->second;
    if (!state.waiting.empty() || state.workers > 0 || state.starved || state.moreInStore) return;
    if (schedule_.failures(nextHop) > 0) return;  // its last failure is still told to others
    nextHops_.erase(found);
    idle_.erase(nextHop);
}

void Dispatcher::reached(const std::string& nextHop) {
    schedule_.succeeded(nextHop);
    NextHopState& state = nextHops_[nextHop];
    state.lastReached = now();
    if (state.most > 0 && ++state.reachedSince >= state.most) {
        ++state.most;  // perhaps it takes one more again
        state.reachedSince = 0;
    }
}

bool Dispatcher::leaveToOthers(const std::string& nextHop, const Outcome& outcome, queue::Lease& lease) {
    NextHopState& state = nextHops_[nextHop];
    const bool isServed = state.workers > 1 && state.lastReached + servedWithin > outcome.delays.begun;
    if (outcome.reached == Reached::yes || !isServed) return false;
    state.most = state.workers - 1;
    state.reachedSince = 0;
    state.waiting.push_front(std::move(lease));
    ++waiting_;
    return true;
}

task::Awaitable<void> Dispatcher::attempted(std::string nextHop, Outcome outcome, queue::Lease lease) {
    if (outcome.reached == Reached::yes) {
        reached(nextHop);
    } else {
        rest(nextHop, outcome.recipients.empty() ? Reason() : outcome.recipients.front().reason);
    }
    Settled settled = co_await settle(services_, std::move(lease), std::move(outcome), random());
    if (settled.next) expect(nextHop, *settled.next);
    all_.handOver(std::move(settled.reports));
    serve(nextHop);  // by more connections, if there were none to be had before
}

// Nobody else is tried in vain: who waits in memory and who is due in the store are put off together. Where
// it rests already, this attempt began before the one that found that out: one failure, not another.
void Dispatcher::rest(const std::string& nextHop, Reason reason) {
    const auto now = this->now();
    const auto resting = schedule_.restsUntil(nextHop, now);
    const int failures = schedule_.failures(nextHop) + 1;
    const auto until =
        resting ? *resting : now + queue::retryDelay(services_.settings->retry, failures, random());
    if (!resting) schedule_.failed(nextHop, until);
    expect(nextHop, until);  // whoever waits in the store, and to forget the destination when nobody does
    NextHopState& state = nextHops_[nextHop];
    state.lastFailure = reason;
    state.moreInStore = state.asked = false;
    for (auto& lease : std::exchange(state.waiting, {})) {
        --waiting_;
        task::spawn(core_, postpone(std::move(lease), until, reason), "postpone");
    }
    if (!resting) task::spawn(core_, postponeStored(nextHop, until, std::move(reason)), "postpone");
}

task::Awaitable<void> Dispatcher::postpone(queue::Lease lease, base::Timestamp until, Reason reason) {
    const Counted counted(postponing_);  // as long as it is in memory
    const std::string nextHop = lease.nextHop;
    Settled settled = co_await suspend(services_, std::move(lease), until, std::move(reason));
    expect(nextHop, settled.next.value_or(until));
    all_.handOver(std::move(settled.reports));
}

task::Awaitable<void> Dispatcher::postponeStored(std::string nextHop, base::Timestamp until, Reason reason) {
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
        .nextHop = nextHop, .now = now, .horizon = retry.max, .limit = claimsAtOnce, .arrivedBefore = tooOld};
    co_await postponeEach(old, until, reason);
    old.arrivedBefore = dead.tellBefore;
    old.untold = dead.tellAttempts;
    if (isWarning) co_await postponeEach(std::move(old), until, std::move(reason));
    forgetIfDone(nextHop);
}

task::Awaitable<void> Dispatcher::postponeEach(queue::Wanted wanted, base::Timestamp until, Reason reason) {
    while (!co_await task::isCancelled()) {
        const auto leases = co_await queue::leaseDue(services_.writer, services_.bodies, wanted);
        if (!leases || leases->empty()) co_return;
        for (const auto& lease : *leases)
            co_await postpone(lease, until, reason);
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

task::Awaitable<void> Dispatcher::runSchedule() {
    const auto scheduled = std::make_shared<task::Event>(core_.executor());
    scheduled_ = scheduled;
    for (;;) {
        const auto now = this->now();
        if (mayLoad())
            for (auto& nextHop : schedule_.takeDue(now, dueAtOnce - loading_))
                task::spawn(core_, loadCounted(std::move(nextHop)), "load");
        const auto due = mayLoad() ? schedule_.nextDue() : std::optional(now + shortestNap);
        const auto nap = due ? std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*due - now), 0ms,
                                          std::chrono::milliseconds(longestNap))
                             : std::chrono::milliseconds(longestNap);
        if (co_await scheduled->waitFor(nap) == task::Woken::cancelled) co_return;
    }
}

task::Awaitable<void> Dispatcher::loadCounted(std::string nextHop) {
    ++loading_;
    std::exception_ptr thrown;
    try {
        co_await load(nextHop);
    } catch (...) {
        thrown = std::current_exception();
        expect(nextHop, now() + troublePause);
    }
    --loading_;
    reschedule();
    if (thrown) std::rethrow_exception(thrown);  // to the log
}

// At most one at a time for a next hop: the schedule forgets it until it is added again.
task::Awaitable<void> Dispatcher::load(std::string nextHop) {
    const bool probing = schedule_.failures(nextHop) > 0;
    // Nobody is there yet: as many as connections can take, since the first of them may find it dead.
    const auto known = nextHops_.find(nextHop);
    const bool isServed = known != nextHops_.end() && known->second.workers > 0;
    const auto share = shareOf(services_.settings->waitingLeases) / 2;
    const auto room =
        std::max<std::size_t>(1, isServed ? share : std::min(share, services_.settings->concurrency));
    queue::Wanted wanted{.nextHop = nextHop,
                         .now = now(),
                         .horizon = services_.settings->retry.max,
                         .limit = probing ? 1 : std::min(claimsAtOnce, static_cast<int>(room))};
    auto leases = co_await queue::leaseDue(services_.writer, services_.bodies, wanted);
    if (!leases) {
        services_.log.as("qmgr").error("taking mail for " + nextHop + ": " + toText(leases.error()));
        co_await task::sleepFor(troublePause);
        expect(nextHop, now());
        co_return;
    }
    const auto first = co_await queue::firstDue(services_.bodies, nextHop);
    const auto now = this->now();
    NextHopState& state = nextHops_[nextHop];
    state.moreInStore = state.asked = false;
    if (!first) {
        expect(nextHop, now + troublePause);
    } else if (*first && (**first > now || leases->empty())) {
        expect(nextHop, std::max(**first, now + shortestNap));
    } else if (*first) {
        state.moreInStore = true;  // asked again once these are under way
    } else if (leases->empty() && state.workers == 0 && state.waiting.empty()) {
        schedule_.succeeded(nextHop);  // nobody waits any more: how it fared is of no use
    }
    if (leases->empty()) forgetIfDone(nextHop);
    for (auto& lease : *leases)
        admit(std::move(lease), From::store, now);
}

double Dispatcher::random() {
    return std::uniform_real_distribution<double>(0, 1)(random_);
}

}  // namespace postseal::deliver
