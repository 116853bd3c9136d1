#include "deliver/course.hpp"

#include "deliver/shares.hpp"

#include <algorithm>
#include <utility>

namespace postseal::deliver {
namespace {

using namespace std::chrono_literals;

constexpr int leasesAtOnce = 100;      // recipients taken from the store for one next hop at a time
constexpr std::size_t dueAtOnce = 64;  // next hops loaded before the schedule is looked at again
constexpr auto longestNap = 10s;       // so that a clock that jumps is noticed
// Who is due may be nobody's to take just now (held, or in delivery): asked for that often, not in a circle.
constexpr auto shortestNap = 1s;
constexpr auto servedWithin = 60s;  // a next hop reached so lately is not dead, whatever one connection found
constexpr auto troublePause = 5s;  // before a store in trouble, or one whose mail had no room, is asked again
constexpr auto reportPause = 60s;  // of a report without room: mail that is due meanwhile comes before it
constexpr std::size_t lowWater = 50;  // leases in memory below which more are taken from the store
constexpr std::size_t turn = 200;     // leases taken until those in the store have their turn, come what may
constexpr std::size_t reportTurn = 10;    // while mail waits, one report in so many
constexpr std::size_t shareOfLoaded = 4;  // 1/4 for what comes from the store; the rest is for arrivals
constexpr base::Timestamp atOnce{};
constexpr int horizons = 2;  // of retry.max: later than that no retry of ours can be (queue/lease)

constexpr std::size_t at(Carries carries) {
    return static_cast<std::size_t>(carries);
}

Carries carriesOf(const queue::Lease& lease) {
    return lease.reversePath() ? Carries::mail : Carries::report;
}

constexpr std::size_t sum(const std::array<std::size_t, 2>& both) {
    return both[0] + both[1];
}

}  // namespace

std::optional<course::Action> Course::next() {
    if (!actions_.empty()) {
        auto action = std::move(actions_.front());
        actions_.pop_front();
        return action;
    }
    if (std::exchange(isToLook_, false)) return course::Look{};
    return std::nullopt;
}

std::chrono::milliseconds Course::nap(base::Timestamp now) const {
    const auto due = mayLoad() ? schedule_.nextDue() : std::optional(now + shortestNap);
    if (!due) return longestNap;
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*due - now), 0ms,
                      std::chrono::milliseconds(longestNap));
}

void Course::arrived(queue::Lease lease, base::Timestamp now) {
    const auto nextHop = lease.route.text();
    admit(std::move(lease), From::arrival, now);
    serve(nextHop);
}

void Course::waits(const std::string& nextHop, base::Timestamp when, base::Timestamp now) {
    // Rule 54: the clock went back; leaseDue takes what is due by no clock of today.
    const bool isBeyond = when > now + horizons * limits_.retry.max;
    schedule_.add(nextHop, isBeyond ? now : when);
    isToLook_ = true;
}

void Course::look(base::Timestamp now) {
    if (!mayLoad()) return;
    // At most one at a time for a next hop: the schedule forgets it until it is added again.
    for (auto& nextHop : schedule_.takeDue(now, dueAtOnce - loading_)) {
        ++loading_;
        const int most = mostToLoad(nextHop);
        actions_.emplace_back(course::Load{std::move(nextHop), most});
    }
}

/// What is loaded finds room, and leaves the pool's threads to others.
bool Course::mayLoad() const {
    const auto most = std::max<std::size_t>(1, limits_.waitingLeases / shareOfLoaded);
    return sum(waiting_) + postponing_ < most && loading_ < dueAtOnce;
}

int Course::mostToLoad(const std::string& nextHop) const {
    if (schedule_.failures(nextHop) > 0) return 1;  // to find out how it fares
    const auto found = nextHops_.find(nextHop);
    const bool isServed = found != nextHops_.end() && found->second.workers > 0;
    // Nobody is there yet: as many as connections can take, since the first of them may find it dead.
    const auto share = shareOf(limits_.waitingLeases) / 2;
    const auto room = std::max<std::size_t>(1, isServed ? share : std::min(share, limits_.concurrency));
    return std::min(leasesAtOnce, static_cast<int>(room));
}

void Course::loaded(const std::string& nextHop, std::vector<queue::Lease> leases,
                    const base::Result<std::optional<base::Timestamp>>& first, base::Timestamp now) {
    --loading_;
    isToLook_ = true;
    const auto found = nextHops_.find(nextHop);
    if (found != nextHops_.end()) found->second.inStore = InStore::nothing;
    const bool isIdle =
        found == nextHops_.end() || (found->second.workers == 0 && found->second.waits() == 0);
    if (!first) {
        waits(nextHop, now + troublePause, now);
    } else if (*first && (**first > now || leases.empty())) {
        waits(nextHop, std::max(**first, now + shortestNap), now);
    } else if (*first) {
        nextHops_[nextHop].inStore = InStore::more;  // asked again once these are under way
    } else if (leases.empty() && isIdle) {
        schedule_.succeeded(nextHop);  // nobody waits any more: how it fared is of no use
    }
    for (auto& lease : leases)
        admit(std::move(lease), From::store, now);
    serve(nextHop);
}

void Course::loadFailed(const std::string& nextHop, base::Timestamp now) {
    --loading_;
    waits(nextHop, now + troublePause, now);
}

void Course::admit(queue::Lease lease, From from, base::Timestamp now) {
    const std::string& nextHop = lease.route.text();
    NextHop& hop = nextHops_[nextHop];
    if (const auto until = schedule_.restsUntil(nextHop, now); until && hop.workers == 0) {
        ++postponing_;
        actions_.emplace_back(course::Postpone{std::move(lease), *until, hop.lastFailure});
        return;
    }
    const auto carries = carriesOf(lease);
    if (const auto until = giveBackUntil(hop, carries, from, now)) {
        actions_.emplace_back(course::GiveBack{std::move(lease), *until});
        return;
    }
    hop.waiting[at(carries)].push_back(std::move(lease));
    ++waiting_[at(carries)];
}

/// Where there is no room in memory for it: when it is due in the store.
std::optional<base::Timestamp> Course::giveBackUntil(const NextHop& hop, Carries carries, From from,
                                                     base::Timestamp now) const {
    const auto most = limits_.waitingLeases;
    if (carries == Carries::report && waiting_[at(carries)] >= shareOfReports(most)) return now + reportPause;
    // While older mail waits in the store, what arrives has half of the room: else a next hop that is busy
    // for days would never come to it.
    const bool isOvertaking = from == From::arrival && hop.inStore != InStore::nothing;
    if (isOvertaking && hop.waits() >= shareOf(most) / 2) return atOnce;
    return hasRoom({sum(waiting_), hop.waits()}, most) ? std::nullopt : std::optional(atOnce);
}

void Course::gaveBack(const std::string& nextHop, base::Timestamp until, base::Timestamp now) {
    waits(nextHop, std::max(until, now + troublePause), now);
    // Whoever delivers there takes it sooner, when there is room.
    const auto found = nextHops_.find(nextHop);
    if (found != nextHops_.end() && found->second.workers > 0 && found->second.inStore == InStore::nothing)
        found->second.inStore = InStore::more;
    serve(nextHop);
}

std::optional<queue::Lease> Course::take(const std::string& nextHop) {
    const auto found = nextHops_.find(nextHop);
    if (found == nextHops_.end() || found->second.waits() == 0) return std::nullopt;
    return pop(nextHop, found->second);
}

/// Somebody waits there.
queue::Lease Course::pop(const std::string& nextHop, NextHop& hop) {
    auto& [mail, reports] = hop.waiting;
    const bool isReport = mail.empty() || (!reports.empty() && hop.mailInRow + 1 >= reportTurn);
    hop.mailInRow = isReport || reports.empty() ? 0 : hop.mailInRow + 1;
    auto& line = isReport ? reports : mail;
    queue::Lease lease = std::move(line.front());
    line.pop_front();
    --waiting_[at(isReport ? Carries::report : Carries::mail)];
    ++hop.taken;
    if (hop.inStore == InStore::more && (hop.waits() < lowWater || hop.taken >= turn)) {
        hop.inStore = InStore::asked;
        hop.taken = 0;
        schedule_.add(nextHop, atOnce);
        isToLook_ = true;
    }
    return lease;
}

void Course::serve(const std::string& nextHop) {
    const auto found = nextHops_.find(nextHop);
    if (found == nextHops_.end()) return;
    NextHop& hop = found->second;
    while (hop.waits() > 0 && !hop.idle.empty()) {
        const auto worker = hop.idle.back();  // the one that rested least: its connection is the freshest
        hop.idle.pop_back();
        actions_.emplace_back(course::Hand{worker, pop(nextHop, hop)});
    }
    connect(nextHop, hop);
    forgetIfDone(found);
}

void Course::connect(const std::string& nextHop, NextHop& hop) {
    while (hop.waits() > 0 && hop.workers < mostWorkers(nextHop, hop)) {
        const auto carries = hop.waiting[at(Carries::mail)].empty() ? Carries::report : Carries::mail;
        if (!mayConnect(hop, carries)) {
            if (hop.workers == 0 && !std::exchange(hop.isStarved[at(carries)], true))
                starved_[at(carries)].push_back(nextHop);
            return;
        }
        ++hop.workers;
        ++connections_[at(carries)];
        actions_.emplace_back(course::Start{nextHop, carries, pop(nextHop, hop)});
    }
}

bool Course::mayConnect(const NextHop& hop, Carries carries) const {
    if (carries == Carries::report && connections_[at(carries)] >= shareOfReports(limits_.connections))
        return false;
    return deliver::mayConnect({sum(connections_), hop.workers}, limits_.connections);
}

std::size_t Course::mostWorkers(const std::string& nextHop, const NextHop& hop) const {
    // A destination that failed is tried by one connection until it has succeeded.
    if (schedule_.failures(nextHop) > 0) return 1;
    return hop.most == 0 ? limits_.concurrency : std::min(hop.most, limits_.concurrency);
}

void Course::idle(const std::string& nextHop, WorkerId worker) {
    nextHops_.at(nextHop).idle.push_back(worker);
}

void Course::left(const std::string& nextHop, WorkerId worker) {
    std::erase(nextHops_.at(nextHop).idle, worker);
}

void Course::workerEnded(const std::string& nextHop, Carries carries) {
    --connections_[at(carries)];
    --nextHops_.at(nextHop).workers;
    serveStarved(Carries::mail);
    serveStarved(Carries::report);
    serve(nextHop);
}

void Course::serveStarved(Carries carries) {
    auto& starved = starved_[at(carries)];
    while (!starved.empty()) {
        NextHop& hop = nextHops_.at(starved.front());
        if (hop.workers == 0 && !mayConnect(hop, carries)) return;
        const std::string first = std::move(starved.front());
        starved.pop_front();
        hop.isStarved[at(carries)] = false;
        serve(first);
    }
}

bool Course::isAnyoneStarved(Carries carries) const {
    return !starved_[at(Carries::mail)].empty() || !starved_[at(carries)].empty();
}

void Course::attempted(const std::string& nextHop, Reached reached, const Reason& reason, base::Timestamp now,
                       double random) {
    if (reached == Reached::no) return rest(nextHop, reason, now, random);
    schedule_.succeeded(nextHop);
    NextHop& hop = nextHops_.at(nextHop);
    hop.lastReached = now;
    if (hop.most > 0 && ++hop.reachedSince >= hop.most) {
        ++hop.most;  // perhaps it takes one more again
        hop.reachedSince = 0;
    }
}

// Nobody else is tried in vain: who waits in memory and who is due in the store are put off together. Where
// it rests already, this attempt began before the one that found that out: one failure, not another.
void Course::rest(const std::string& nextHop, const Reason& reason, base::Timestamp now, double random) {
    const auto resting = schedule_.restsUntil(nextHop, now);
    const int failures = schedule_.failures(nextHop) + 1;
    const auto until = resting ? *resting : now + queue::retryDelay(limits_.retry, failures, random);
    if (!resting) schedule_.failed(nextHop, until);
    waits(nextHop, until, now);  // whoever waits in the store, and to forget the destination when nobody does
    NextHop& hop = nextHops_.at(nextHop);
    hop.lastFailure = reason;
    hop.inStore = InStore::nothing;
    while (hop.waits() > 0) {
        ++postponing_;
        actions_.emplace_back(course::Postpone{pop(nextHop, hop), until, reason});
    }
    if (!resting) actions_.emplace_back(course::PostponeStored{nextHop, until, reason});
}

void Course::settled(const std::string& nextHop, std::optional<base::Timestamp> next, base::Timestamp now) {
    if (next) waits(nextHop, *next, now);
    serve(nextHop);  // by more connections, if there were none to be had before
}

void Course::postponed(const std::string& nextHop, base::Timestamp until, base::Timestamp now) {
    --postponing_;
    waits(nextHop, until, now);
}

bool Course::isForOthers(const std::string& nextHop, Reached reached, base::Timestamp begun) const {
    const NextHop& hop = nextHops_.at(nextHop);
    return reached == Reached::no && hop.workers > 1 && hop.lastReached + servedWithin > begun;
}

void Course::leftToOthers(const std::string& nextHop, queue::Lease lease) {
    NextHop& hop = nextHops_.at(nextHop);
    hop.most = hop.workers - 1;
    hop.reachedSince = 0;
    const auto carries = carriesOf(lease);
    hop.waiting[at(carries)].push_front(std::move(lease));
    ++waiting_[at(carries)];
}

void Course::steered(const std::string& nextHop, base::Timestamp now) {
    schedule_.forgive(nextHop, now);
    isToLook_ = true;
}

void Course::reloaded(base::Timestamp now) {
    for (auto& nextHop : schedule_.wake(now))
        actions_.emplace_back(course::BringForward{std::move(nextHop)});
    isToLook_ = true;
}

void Course::forgetIfDone(NextHops::iterator hop) {
    const auto& [nextHop, known] = *hop;
    const bool isStarved = known.isStarved[0] || known.isStarved[1];
    if (known.waits() > 0 || known.workers > 0 || isStarved || known.inStore != InStore::nothing) return;
    if (schedule_.failures(nextHop) > 0) return;  // its last failure is still told to others
    nextHops_.erase(hop);
}

}  // namespace postseal::deliver
