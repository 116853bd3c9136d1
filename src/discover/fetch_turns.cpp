#include "discover/fetch_turns.hpp"

#include <algorithm>
#include <utility>

namespace postseal::discover {

FetchTurns::Running& FetchTurns::laneOf(policy::MailKind kind) {
    return lanes_.at(kind == policy::MailKind::message ? 0 : 1);
}

bool FetchTurns::hasRoom(const Running& lane, const std::string& owner) {
    if (lane.count >= lane.limits.most) return false;
    const auto known = lane.ofOwner.find(owner);
    return known == lane.ofOwner.end() || known->second < lane.limits.ofOneOwner;
}

void FetchTurns::start(Running& lane, const std::string& owner) {
    ++lane.count;
    ++lane.ofOwner[owner];
}

void FetchTurns::enqueue(Running& lane, Turn& turn) {
    auto& waiting = lane.waiting[turn.owner];
    if (waiting.empty()) lane.order.push_back(turn.owner);
    waiting.push_back(&turn);
}

task::Awaitable<void> FetchTurns::begin(Turn& turn) {
    auto& lane = laneOf(turn.kind);
    if (hasRoom(lane, turn.owner)) {
        start(lane, turn.owner);
        co_return;
    }
    task::Completion<std::monostate> begun(co_await task::asio::this_coro::executor);
    turn.waiting = &begun;
    enqueue(lane, turn);
    co_await begun.wait();
}

void FetchTurns::end(const Turn& turn) {
    auto& lane = laneOf(turn.kind);
    --lane.count;
    if (const auto known = lane.ofOwner.find(turn.owner); --known->second == 0) lane.ofOwner.erase(known);
    next(lane);
}

/// The first owner in turn who may; who has more to wait for stands behind the others then.
void FetchTurns::next(Running& lane) {
    const auto owner =
        std::ranges::find_if(lane.order, [&](const std::string& each) { return hasRoom(lane, each); });
    if (owner == lane.order.end()) return;
    const auto name = std::move(*owner);
    lane.order.erase(owner);
    auto waiting = lane.waiting.find(name);
    auto* turn = waiting->second.front();
    waiting->second.pop_front();
    if (waiting->second.empty())
        lane.waiting.erase(waiting);
    else
        lane.order.push_back(name);
    start(lane, name);
    std::exchange(turn->waiting, nullptr)->complete({});
}

void FetchTurns::mailWaits(Turn& turn) {
    if (turn.kind == policy::MailKind::message || turn.waiting == nullptr) return;
    auto& from = laneOf(turn.kind);
    const auto waiting = from.waiting.find(turn.owner);
    std::erase(waiting->second, &turn);
    if (waiting->second.empty()) {
        from.waiting.erase(waiting);
        std::erase(from.order, turn.owner);
    }
    turn.kind = policy::MailKind::message;
    auto& lane = laneOf(turn.kind);
    enqueue(lane, turn);
    next(lane);
}

}  // namespace postseal::discover
