#include "queue/id.hpp"

#include "store/key.hpp"

#include <algorithm>

namespace postseal::queue {
namespace {

constexpr store::Statement newest{"SELECT newest_id FROM balance WHERE only = 1"};

}  // namespace

base::Result<base::Timestamp> newestId(store::Readers& readers) {
    return readers.read<base::Timestamp>([](store::Engine& engine) -> base::Result<base::Timestamp> {
        std::int64_t key = 0;
        const auto read =
            store::query(engine, newest, {}, [&](const store::Row& row) { key = row.integer(0); });
        if (!read) return base::fail(read.error());
        if (key == 0) return base::Timestamp();
        return store::fromKey(key).time();
    });
}

void IdMaker::startAfter(base::Timestamp newest) {
    auto last = last_.load(std::memory_order_relaxed);
    while (last < base::toMicros(newest) &&
           !last_.compare_exchange_weak(last, base::toMicros(newest), std::memory_order_relaxed)) {
    }
}

record::QueueId IdMaker::next(base::Timestamp now) {
    auto last = last_.load(std::memory_order_relaxed);
    std::int64_t mine = 0;
    do
        mine = std::max(base::toMicros(now), last + 1);
    while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    return record::QueueId::make(base::fromMicros(mine), 0);
}

}  // namespace postseal::queue
