// The course of delivery for the next hops whose home is one core: how many connections each may have, who
// waits for one, which destination rests after it failed as a whole, and what is taken from the store when
// its time comes. Decides and does nothing: it is told what happened, and next() says what is to be done.
// Reads no clock; one thread. Its driver is the Dispatcher.
#pragma once

#include "base/time.hpp"
#include "deliver/outcome.hpp"
#include "queue/backoff.hpp"
#include "queue/schedule.hpp"
#include "queue/spool.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace postseal::deliver {

/// Reports (the null reverse-path) have a small share of their own, and go after mail: whoever makes us write
/// many of them must not hold up what people write.
enum class Carries : std::uint8_t { mail, report };

/// A worker with an open connection that waits for its next lease.
enum class WorkerId : std::uint64_t {};

namespace course {

/// A worker of its own, which opens a connection; then workerEnded().
struct Start {
    std::string nextHop;
    Carries carries = Carries::mail;
    queue::Lease lease;
};
/// For a worker that is idle; it is no longer.
struct Hand {
    WorkerId worker{};
    queue::Lease lease;
};
/// It waits as if it had been tried; then postponed().
struct Postpone {
    queue::Lease lease;
    base::Timestamp until{};
    Reason reason;
};
/// So does who is due in the store; then postponedStored().
struct PostponeStored {
    std::string nextHop;
    base::Timestamp until{};
    Reason reason;
};
/// Back to the store, untried and due not before `until`; then gaveBack() with the same time.
struct GiveBack {
    queue::Lease lease;
    base::Timestamp until{};
};
/// Leases at most so many recipients that are due; then loaded() or loadFailed().
struct Load {
    std::string nextHop;
    int most = 0;
};
/// Who waits in the store is due now, whatever it waited for.
struct BringForward {
    std::string nextHop;
};
/// The schedule changed: nap() is another one.
struct Look {};

using Action = std::variant<Start, Hand, Postpone, PostponeStored, GiveBack, Load, BringForward, Look>;

struct Limits {
    queue::RetrySettings retry = {};
    std::size_t concurrency = 20;       // connections to one next hop
    std::size_t connections = 1000;     // and in all
    std::size_t waitingLeases = 10000;  // in memory
};

}  // namespace course

class Course {
public:
    explicit Course(course::Limits limits) : limits_(limits) {}
    void adopt(course::Limits limits) { limits_ = limits; }

    /// What is to be done, one after the other; none: nothing until something happens.
    std::optional<course::Action> next();
    /// How long nothing is due in the store; look() then.
    std::chrono::milliseconds nap(base::Timestamp now) const;

    // What happened.

    /// The clock was set: all that is planned moves with it (rule 54).
    void shift(base::Microseconds jump) { schedule_.shift(jump); }
    /// A lease came straight from reception, or from a report of ours.
    void arrived(queue::Lease lease, base::Timestamp now);
    /// Someone in the store waits for `nextHop` until `when`.
    void waits(const std::string& nextHop, base::Timestamp when, base::Timestamp now);
    void look(base::Timestamp now);
    /// `first`: when the first of those that are left is due (queue::firstDue).
    void loaded(const std::string& nextHop, std::vector<queue::Lease> leases,
                const base::Result<std::optional<base::Timestamp>>& first, base::Timestamp now);
    void loadFailed(const std::string& nextHop, base::Timestamp now);
    /// An attempt is over: the destination was reached, or rests. `random` in [0, 1) spreads its next
    /// attempt.
    void attempted(const std::string& nextHop, Reached reached, const Reason& reason, base::Timestamp now,
                   double random);
    /// What became of it is in the store; `next`: when what was deferred is due.
    void settled(const std::string& nextHop, std::optional<base::Timestamp> next, base::Timestamp now);
    void postponed(const std::string& nextHop, base::Timestamp until, base::Timestamp now);
    void postponedStored(const std::string& nextHop) { serve(nextHop); }
    void gaveBack(const std::string& nextHop, base::Timestamp until, base::Timestamp now);
    void workerEnded(const std::string& nextHop, Carries carries);
    void idle(const std::string& nextHop, WorkerId worker);
    void left(const std::string& nextHop, WorkerId worker);
    /// A worker found nobody, and ends; isForOthers() said so.
    void leftToOthers(const std::string& nextHop, queue::Lease lease);
    /// An administrator made mail of `nextHop` due.
    void steered(const std::string& nextHop, base::Timestamp now);
    /// Nobody rests any longer for what the old settings, policy or routes found.
    void reloaded(base::Timestamp now);

    // What workers ask.

    /// The next lease of `nextHop`, at once; none: nothing waits.
    std::optional<queue::Lease> take(const std::string& nextHop);
    /// An attempt that began then reached nobody, but others hold connections to the next hop: it takes fewer
    /// than we opened, and the lease is better left to one of them.
    bool isForOthers(const std::string& nextHop, Reached reached, base::Timestamp begun) const;
    /// Others wait for a connection: whoever has had a good share of its own gives it up.
    bool isAnyoneStarved(Carries carries) const;

private:
    /// Whether more is due in the store than was taken.
    enum class InStore : std::uint8_t { nothing, more, asked };
    enum class From : std::uint8_t { arrival, store };
    template <class T>
    using ForEach = std::array<T, 2>;  // by Carries

    /// What is known of a next hop; kept while anyone waits or works for it, or it rests.
    struct NextHop {
        ForEach<std::list<queue::Lease>> waiting;  // an empty deque would take half a kilobyte
        ForEach<bool> isStarved{};  // without a connection, it waits for one of the core's share
        std::vector<WorkerId> idle;
        std::size_t workers = 0;  // the idle ones, too
        std::size_t most = 0;     // workers that the host takes, as far as we know; 0: as many as are allowed
        std::size_t reachedSince = 0;  // attempts that reached it since `most` changed
        base::Timestamp lastReached{};
        InStore inStore = InStore::nothing;
        std::size_t taken = 0;      // by workers since the store was asked
        std::size_t mailInRow = 0;  // taken while reports waited
        Reason lastFailure;         // why it rests

        std::size_t waits() const { return waiting[0].size() + waiting[1].size(); }
    };
    using NextHops = std::unordered_map<std::string, NextHop>;

    void admit(queue::Lease lease, From from, base::Timestamp now);
    std::optional<base::Timestamp> giveBackUntil(const NextHop& hop, Carries carries, From from,
                                                 base::Timestamp now) const;
    queue::Lease pop(const std::string& nextHop, NextHop& hop);
    void rest(const std::string& nextHop, const Reason& reason, base::Timestamp now, double random);
    void serve(const std::string& nextHop);
    void connect(const std::string& nextHop, NextHop& hop);
    void serveStarved(Carries carries);
    bool mayConnect(const NextHop& hop, Carries carries) const;
    bool mayLoad() const;
    int mostToLoad(const std::string& nextHop) const;
    std::size_t mostWorkers(const std::string& nextHop, const NextHop& hop) const;
    void forgetIfDone(NextHops::iterator hop);

    course::Limits limits_;
    queue::Schedule schedule_;
    NextHops nextHops_;
    ForEach<std::deque<std::string>> starved_;  // next hops, first come first served
    ForEach<std::size_t> waiting_{};            // leases
    ForEach<std::size_t> connections_{};        // by what they were opened for
    std::size_t loading_ = 0;                   // next hops
    std::size_t postponing_ = 0;                // leases
    std::deque<course::Action> actions_;
    bool isToLook_ = false;
};

}  // namespace postseal::deliver
