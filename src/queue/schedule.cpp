#include "queue/schedule.hpp"

#include <algorithm>

namespace postseal::queue {

void Schedule::place(const std::string& nextHop, State& state, std::optional<base::Timestamp> due) {
    if (state.due) byTime_.erase({*state.due, nextHop});
    state.due = due;
    if (due) byTime_.emplace(*due, nextHop);
}

void Schedule::add(const std::string& nextHop, base::Timestamp when) {
    State& state = states_[nextHop];
    const auto earliest = state.due ? std::min(*state.due, when) : when;
    place(nextHop, state, std::max(earliest, state.rests));
}

int Schedule::failed(const std::string& nextHop, base::Timestamp until) {
    State& state = states_[nextHop];
    state.rests = until;
    if (state.due) place(nextHop, state, std::max(*state.due, until));
    return ++state.failures;
}

void Schedule::succeeded(const std::string& nextHop) {
    const auto found = states_.find(nextHop);
    if (found == states_.end()) return;
    if (!found->second.due) {
        states_.erase(found);
        return;
    }
    found->second.failures = 0;
    found->second.rests = {};
}

std::vector<std::string> Schedule::wake(base::Timestamp now) {
    std::vector<std::string> woken;
    for (auto& [nextHop, state] : states_) {
        if (state.failures == 0) continue;
        state.failures = 0;
        state.rests = {};
        place(nextHop, state, now);
        woken.push_back(nextHop);
    }
    return woken;
}

void Schedule::shift(base::Microseconds jump) {
    byTime_.clear();
    for (auto& [nextHop, state] : states_) {
        if (state.failures > 0) state.rests += jump;
        if (!state.due) continue;
        *state.due += jump;
        byTime_.emplace(*state.due, nextHop);
    }
}

void Schedule::forgive(const std::string& nextHop, base::Timestamp now) {
    State& state = states_[nextHop];
    state.failures = std::min(state.failures, 1);
    state.rests = {};
    place(nextHop, state, now);
}

int Schedule::failures(const std::string& nextHop) const {
    const auto found = states_.find(nextHop);
    return found == states_.end() ? 0 : found->second.failures;
}

std::optional<base::Timestamp> Schedule::restsUntil(const std::string& nextHop, base::Timestamp now) const {
    const auto found = states_.find(nextHop);
    if (found == states_.end() || found->second.rests <= now) return std::nullopt;
    return found->second.rests;
}

std::optional<base::Timestamp> Schedule::nextDue() const {
    if (byTime_.empty()) return std::nullopt;
    return byTime_.begin()->first;
}

std::vector<std::string> Schedule::takeDue(base::Timestamp now, std::size_t limit) {
    std::vector<std::string> due;
    while (due.size() < limit && !byTime_.empty() && byTime_.begin()->first <= now) {
        due.push_back(byTime_.begin()->second);
        byTime_.erase(byTime_.begin());
        State& state = states_.at(due.back());
        state.due.reset();
        if (state.failures == 0) states_.erase(due.back());  // nothing to remember of it
    }
    return due;
}

}  // namespace postseal::queue
