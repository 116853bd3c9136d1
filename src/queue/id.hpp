// Queue ids: never reused, sorted by time, also when the clock goes back.
#pragma once

#include "base/time.hpp"
#include "record/message_id.hpp"
#include "store/readers.hpp"

#include <atomic>
#include <cstdint>

namespace postseal::queue {

/// The newest id that the store knows of, or knew; none: the epoch. Blocking.
base::Result<base::Timestamp> newestId(store::Readers& readers);

/// One for all cores; any thread.
class IdMaker {
public:
    /// `after`: the newest id there is (newestId), so that a clock that went back makes none twice.
    explicit IdMaker(base::Timestamp after = {}) : last_(base::toMicros(after)) {}

    /// The same for a store that could be read only later.
    void startAfter(base::Timestamp newest);
    record::QueueId next(base::Timestamp now);

private:
    std::atomic<std::int64_t> last_;  // microseconds: no two ids have the same
};

}  // namespace postseal::queue
