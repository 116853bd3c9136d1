// The queue by destination: how much waits for each next hop, since when, why, and when it is tried again.
// On a read-only connection; blocking, in short reads however long the queue.
#pragma once

#include "base/time.hpp"
#include "store/engine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postseal::queue {

struct ListedDestination {
    std::string nextHop;
    std::int64_t waiting = 0, inDelivery = 0, held = 0;  // recipients
    base::Timestamp oldest{};                            // when the first of them came
    std::string reason = {};  // the one that most of them wait for; empty: not tried yet
    std::optional<base::Timestamp> nextAttempt = {};  // of who waits; none: nobody does
};
/// Those with most recipients first.
base::Result<std::vector<ListedDestination>> destinations(store::Engine& engine);

std::string toJson(const ListedDestination& destination);  // an element of `queue destinations --json`

}  // namespace postseal::queue
