#include "store/key.hpp"

namespace postseal::store {
namespace {

constexpr int sequenceBits = 11;  // 52 bits are left for microseconds: until the year 2112
constexpr std::int64_t sequences = std::int64_t(1) << sequenceBits;
constexpr std::int64_t longestTime = std::int64_t(1) << (63 - sequenceBits);

}  // namespace

std::int64_t toKey(const record::QueueId& id) {
    if (id.empty()) return 0;
    const auto micros = base::toMicros(id.time());
    if (micros < 0 || micros >= longestTime || id.sequence() >= sequences) return 0;
    return micros * sequences + id.sequence();
}

record::QueueId fromKey(std::int64_t key) {
    if (key <= 0) return {};
    return record::QueueId::make(base::fromMicros(key / sequences),
                                 static_cast<std::uint32_t>(key % sequences));
}

}  // namespace postseal::store
