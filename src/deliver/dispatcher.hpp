// Hands leases to workers, for the next hops whose home is this core: how many connections each next hop may
// have, who waits, which destination rests after it failed as a whole, and what is taken from the store when
// its time comes. A worker is a coroutine with at most one connection (deliver/worker). One per core;
// handOver alone is for any thread.
#pragma once

#include "base/clock_jump.hpp"
#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "deliver/settings.hpp"
#include "queue/lease.hpp"
#include "queue/schedule.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postseal::deliver {

class Dispatchers;

/// What the dispatcher knows of one next hop. Kept while anyone waits or works for it.
struct NextHopState {
    std::deque<queue::Lease> waiting;
    std::size_t workers = 0;
    std::size_t most = 0;  // workers that the host takes, as far as we know; 0: as many as are allowed
    std::size_t reachedSince = 0;  // attempts that reached it since `most` changed
    base::Timestamp lastReached{};
    bool moreInStore = false;  // leaseDue gave as many as it was asked for
    bool asked = false;        // for those: they are on their way
    std::size_t taken = 0;     // by workers since it was asked
    bool starved = false;      // has no connection, and waits for one of the core's share
    Reason lastFailure;        // why it rests
};

/// A worker with an open connection that waits for its next lease.
struct IdleWorker {
    explicit IdleWorker(const task::Executor& executor) : woken(executor) {}
    task::Event woken;
    std::optional<queue::Lease> lease;
};

class Dispatcher {
public:
    Dispatcher(task::Core& core, Dispatchers& all, DeliveryServices& services);

    /// Spawns the schedule's coroutine.
    void start();
    /// On the core: takes leases of next hops that live here.
    void take(std::vector<queue::Lease> leases);
    /// On the core: someone in the store waits for `nextHop` until `when`.
    void expect(const std::string& nextHop, base::Timestamp when);
    /// On the core: who waits in the store for `nextHop` is due now, whatever it waited for.
    void retry(const std::string& nextHop);
    /// On the core: an administrator made mail of `nextHop` due in the store.
    void steered(const std::string& nextHop);
    /// On the core: new settings, policy or routes are in force; nobody rests any longer for what the old
    /// ones found.
    void reloaded();

    /// For workers: the next lease of `nextHop`, at once; none: nothing waits.
    std::optional<queue::Lease> nextLease(const std::string& nextHop);
    /// Lends an idle worker until it is given a lease or leaves.
    void idle(const std::string& nextHop, IdleWorker& worker);
    void leave(const std::string& nextHop, IdleWorker& worker);
    /// Others wait for a connection: whoever has had a good share of its own gives it up.
    bool isAnyoneStarved() const { return !starved_.empty(); }
    /// A worker ended; its connection is free for others.
    void workerEnded(const std::string& nextHop);
    /// An attempt reached nobody, but others hold connections to the next hop: it takes fewer than we opened.
    /// True: `lease` waits for one of them, and the worker is to end.
    bool leaveToOthers(const std::string& nextHop, const Outcome& outcome, queue::Lease& lease);
    /// An attempt is over: the destination rests or is well, and what was deferred is noted.
    task::Awaitable<void> attempted(std::string nextHop, Outcome outcome, queue::Lease lease);

    task::Core& core() { return core_; }
    DeliveryServices& services() { return services_; }

private:
    task::Awaitable<void> runSchedule();
    void reschedule();
    task::Awaitable<void> loadCounted(std::string nextHop);
    task::Awaitable<void> load(std::string nextHop);
    task::Awaitable<void> postpone(queue::Lease lease, base::Timestamp until, Reason reason);
    task::Awaitable<void> bringForward(std::string nextHop);
    task::Awaitable<void> postponeStored(std::string nextHop, base::Timestamp until, Reason reason);
    task::Awaitable<void> postponeEach(queue::Wanted wanted, base::Timestamp until, Reason reason);
    task::Awaitable<void> sendBack(queue::Lease lease);
    enum class From { arrival, store };
    void admit(queue::Lease lease, From from, base::Timestamp now);
    bool isFull(const NextHopState& state, From from) const;
    void askForMore(const std::string& nextHop, NextHopState& state);
    bool mayLoad() const;
    std::size_t mostWorkers(const std::string& nextHop, const NextHopState& state) const;
    void reached(const std::string& nextHop);
    void serve(const std::string& nextHop);
    void serveStarved();
    void forgetIfDone(const std::string& nextHop);
    void rest(const std::string& nextHop, Reason reason);
    base::Timestamp now();
    double random();

    task::Core& core_;
    Dispatchers& all_;
    DeliveryServices& services_;
    queue::Schedule schedule_;
    base::ClockJump clock_;
    // The schedule changed. Its coroutine's own: a timer must not outlive the core, and we do.
    std::weak_ptr<task::Event> scheduled_;
    std::unordered_map<std::string, NextHopState> nextHops_;
    std::unordered_map<std::string, std::vector<IdleWorker*>> idle_;
    std::deque<std::string> starved_;  // next hops that wait for a connection, first come first served
    std::size_t connections_ = 0;
    std::size_t waiting_ = 0;
    std::size_t loading_ = 0;     // next hops
    std::size_t postponing_ = 0;  // leases
    std::mt19937_64 random_;
};

/// All cores' dispatchers; knows where a next hop lives.
class Dispatchers {
public:
    Dispatchers(task::Cores& cores, std::vector<std::unique_ptr<DeliveryServices>> services);

    /// Before the cores run.
    void start();

    // All others from any thread.

    /// Leases whose batch is committed; each goes to the home core of its next hop.
    void handOver(std::vector<queue::Lease> leases);
    /// Someone in the store waits for `nextHop` until `when`.
    void expect(const std::string& nextHop, base::Timestamp when);
    /// Who waits in the store for `nextHop` is due now, whatever it waited for.
    void retry(const std::string& nextHop);
    /// An administrator made mail of `nextHop` due in the store.
    void steered(const std::string& nextHop);
    /// Another configuration: from now on each core works by it.
    void adopt(Settings settings, std::shared_ptr<const directory::Directory> directory);
    /// New settings, policy or routes are in force; nobody rests any longer for what the old ones found.
    void reloaded();

    Dispatcher& homeOf(std::string_view nextHop);

private:
    std::vector<std::unique_ptr<DeliveryServices>> services_;
    std::vector<std::unique_ptr<Dispatcher>> dispatchers_;
};

}  // namespace postseal::deliver
