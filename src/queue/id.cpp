#include "queue/id.hpp"

#include <algorithm>

namespace postseal::queue {

record::QueueId IdMaker::next(base::Timestamp now) {
    auto last = last_.load(std::memory_order_relaxed);
    std::int64_t mine = 0;
    do
        mine = std::max(base::toMicros(now), last + 1);
    while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    return record::QueueId::make(base::fromMicros(mine), 0);
}

}  // namespace postseal::queue
