// How long records are kept. Old ones go in small steps, each a batch of its own, so that nobody waits for
// it.
#pragma once

#include "base/time.hpp"
#include "store/batch.hpp"

#include <chrono>

namespace postseal::ledger {

struct Settings {
    std::chrono::seconds detail{std::chrono::hours(24 * 30)};  // of queued messages
    std::chrono::seconds refused{std::chrono::hours(24 * 7)};  // of refusals
};

/// Deletes at most `limit` rows of each kind; the changes of the steps tell whether there is more. Records of
/// what is still queued are older than nothing: pass the arrival of the oldest queued message.
void expire(store::Batch& batch, const Settings& settings, base::Timestamp now, base::Timestamp oldestQueued,
            int limit);

}  // namespace postseal::ledger
