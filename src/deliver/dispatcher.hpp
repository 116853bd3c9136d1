// Carries out the course of delivery for the next hops whose home is this core: spawns workers, takes leases
// from the store, puts off, gives back. What is to be done is deliver/course's to decide. One per core; its
// methods are called on the core.
#pragma once

#include "base/clock_jump.hpp"
#include "deliver/course.hpp"
#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "deliver/settings.hpp"
#include "queue/lease.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"

#include <cstddef>
#include <cstdint>
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
struct Settled;

/// Woken with a lease, or left without one.
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
    /// A lease of a next hop that lives here.
    void take(queue::Lease lease);
    /// Someone in the store waits for `nextHop` until `when`.
    void expect(const std::string& nextHop, base::Timestamp when);
    /// Who waits in the store for `nextHop` is due now, whatever it waited for.
    void retry(std::string nextHop);
    /// An administrator made mail of `nextHop` due in the store.
    void steered(const std::string& nextHop);
    /// Another configuration.
    void adopt(std::shared_ptr<const Settings> settings,
               std::shared_ptr<const directory::Directory> directory, std::size_t connections);
    /// New settings, policy or routes are in force; nobody rests any longer for what the old ones found.
    void reloaded();

    // For workers.

    /// The next lease of `nextHop`, at once; none: nothing waits.
    std::optional<queue::Lease> nextLease(const std::string& nextHop);
    /// Lends an idle worker until it is given a lease or leaves.
    WorkerId idle(const std::string& nextHop, IdleWorker& worker);
    void leave(const std::string& nextHop, WorkerId worker);
    /// Others wait for a connection: whoever has had a good share of its own gives it up.
    bool isAnyoneStarved(Carries carries) const { return course_.isAnyoneStarved(carries); }
    /// A worker ended; its connection is free for others.
    void workerEnded(const std::string& nextHop, Carries carries);
    /// The attempt reached nobody, but others hold connections to the next hop: the worker is to leave its
    /// lease to them, and to end.
    bool isForOthers(const std::string& nextHop, const Outcome& outcome) const;
    void leaveToOthers(const std::string& nextHop, queue::Lease lease);
    /// An attempt is over: the destination rests or is well, and what was deferred is noted.
    task::Awaitable<void> attempted(std::string nextHop, Outcome outcome, queue::Lease lease);

    task::Core& core() { return core_; }
    DeliveryServices& services() { return services_; }

private:
    void carryOut();
    void perform(course::Start start);
    void perform(course::Hand hand);
    void perform(course::Postpone postpone);
    void perform(course::PostponeStored postpone);
    void perform(course::GiveBack back);
    void perform(course::Load load);
    void perform(course::BringForward forward);
    void perform(course::Look look);

    task::Awaitable<void> runSchedule();
    task::Awaitable<void> load(course::Load load);
    task::Awaitable<bool> leaseSome(course::Load load);
    task::Awaitable<void> postponeInTurn();
    task::Awaitable<void> postpone(course::Postpone postpone);
    task::Awaitable<base::Timestamp> putOff(queue::Lease lease, base::Timestamp until, Reason reason);
    task::Awaitable<void> postponeStored(course::PostponeStored postpone);
    task::Awaitable<void> postponeEach(queue::Wanted wanted, base::Timestamp until, Reason reason);
    void pass(Settled settled);
    task::Awaitable<void> bringForward(std::string nextHop);
    task::Awaitable<void> sendBack(course::GiveBack back);
    base::Timestamp now();
    double random();

    task::Core& core_;
    Dispatchers& all_;
    DeliveryServices& services_;
    Course course_;
    base::ClockJump clock_;
    // The schedule changed. Its coroutine's own: a timer must not outlive the core, and we do.
    std::weak_ptr<task::Event> scheduled_;
    std::deque<course::Postpone> toPostpone_;
    std::size_t postponers_ = 0;  // coroutines that do so
    std::unordered_map<WorkerId, IdleWorker*> idle_;
    std::uint64_t lastWorker_ = 0;
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
    void adopt(Settings settings, const std::shared_ptr<const directory::Directory>& directory);
    /// New settings, policy or routes are in force; nobody rests any longer for what the old ones found.
    void reloaded();

    Dispatcher& homeOf(std::string_view nextHop);

private:
    std::vector<std::unique_ptr<DeliveryServices>> services_;
    std::vector<std::unique_ptr<Dispatcher>> dispatchers_;
};

}  // namespace postseal::deliver
