#include "ledger/retention.hpp"

#include "store/key.hpp"

#include <algorithm>

namespace postseal::ledger {
namespace {

using store::Statement;

constexpr Statement expireHops{
    "DELETE FROM hops WHERE id IN (SELECT id FROM hops WHERE message < ?1 ORDER BY message LIMIT ?2)"};
constexpr Statement expireSettled{"DELETE FROM settled WHERE (message, address) IN (SELECT message, address "
                                  "FROM settled WHERE message < ?1 ORDER "
                                  "BY message LIMIT ?2)"};
constexpr Statement expireRefusals{
    "DELETE FROM refusals WHERE id IN (SELECT id FROM refusals ORDER BY id LIMIT ?2) AND at < ?1"};

/// The smallest key of a message that arrived at that time.
std::int64_t firstKeyAt(base::Timestamp time) {
    return store::toKey(record::QueueId::make(std::max(time, base::Timestamp()), 0));
}

}  // namespace

void expire(store::Batch& batch, const Settings& settings, base::Timestamp now, base::Timestamp oldestQueued,
            int limit) {
    const auto count = static_cast<std::int64_t>(limit);
    const auto before = firstKeyAt(std::min(now - settings.detail, oldestQueued));
    batch.add(expireHops, before, count);
    batch.add(expireSettled, before, count);
    batch.add(expireRefusals, base::toMicros(now - settings.refused), count);
}

}  // namespace postseal::ledger
