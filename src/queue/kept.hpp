// Reports that can't be delivered (queue::keep): they stay until an administrator releases or deletes them,
// within bounds. The old ones are let go, and where there are too many, first those that others sent through
// us, then our own, the oldest before the others. Whoever lets them go says so. Blocking.
#pragma once

#include "queue/look.hpp"
#include "store/batch.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace postseal::queue {

struct KeptLimits {
    std::chrono::days longest{30};
    std::int64_t most = 1000;  // recipients; a report has one
};

/// Beyond the limits, with those of their recipients that are kept; at most `atOnce` messages.
base::Result<std::vector<Listed>> keptBeyond(store::Engine& engine, const KeptLimits& limits,
                                             base::Timestamp now, int atOnce);

enum class RemovedBy { administrator, limits };  // counted as deleted, or discarded
/// Takes a recipient that nobody delivers out of the queue, and the message with its last one; the body's
/// file is below `dataDir`. Fails with Errc::conflict where it is in delivery by now, or gone.
void remove(store::Batch& batch, const Listed& message, const ListedRecipient& recipient,
            const std::filesystem::path& dataDir, RemovedBy by);

}  // namespace postseal::queue
