// The queue as the `postseal queue` commands tell it to people. Pure: what the queue gave, and the time, in,
// text out.
#pragma once

#include "queue/destinations.hpp"
#include "queue/look.hpp"
#include "queue/steer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postseal::cli {

/// `in 4 min`, `3 h ago`, `now`.
std::string relative(base::Timestamp time, base::Timestamp now);

/// The message in a line, its recipients below it with when and why they wait.
std::string forPeople(const queue::Listed& message, base::Timestamp now);
std::string forPeople(const std::vector<queue::ListedDestination>& destinations, base::Timestamp now);
std::string forPeople(const queue::Balance& balance);

/// `12 recipients of 10 messages`.
std::string counted(std::int64_t recipients, std::int64_t messages);
/// The command's name: retry, hold, release, delete.
std::string_view nameOf(queue::Steer steer);
/// What was done, or with `isDryRun` would be.
std::string forPeople(queue::Steer steer, const queue::Steered& steered, bool isDryRun);

}  // namespace postseal::cli
