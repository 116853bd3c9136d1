// When to try again, and when to give up. Pure: the caller passes age, attempts and randomness.
#pragma once

#include <chrono>

namespace postseal::queue {

struct RetrySettings {
    std::chrono::seconds first{std::chrono::minutes(5)};
    std::chrono::seconds max{std::chrono::hours(4)};
    std::chrono::seconds giveUp{std::chrono::hours(120)};
    // At that age the sender is told that the message still waits; zero: never. Postfix says nothing
    // (delay_warning_time = 0h), so that its users learn of an address that waits after five days.
    std::chrono::seconds warn{std::chrono::hours(4)};
};

/// The wait after the `failed`-th failed attempt (1, 2, ...): first, doubled each time up to max, spread by a
/// tenth to either side so that what failed together does not come back together. `random` is in [0, 1).
std::chrono::seconds retryDelay(const RetrySettings& settings, int failed, double random);

/// The failed attempts that a message of that age has had at least where the server and its clock were
/// always there: three quarters of those that the settings make.
int leastAttempts(const RetrySettings& settings, std::chrono::seconds age);

/// Giving up needs the age and three quarters of the attempts that belong to it: a clock that jumps, or a
/// server that was switched off, expires nothing in bulk (rule 54).
bool isOver(const RetrySettings& settings, std::chrono::seconds age, int failed);
/// The sender is to be told of the delay; by the same two measures.
bool isLate(const RetrySettings& settings, std::chrono::seconds age, int failed);

}  // namespace postseal::queue
