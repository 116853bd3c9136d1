#include "receive/rates.hpp"

#include <algorithm>

namespace postseal::receive {
namespace {

/// Whoever has one IPv6 address has the whole /64.
base::IpAddress clientKey(const base::IpAddress& address) {
    if (address.isV4()) return address;
    std::array<std::uint8_t, 16> bytes{};
    std::ranges::copy(address.bytes().first(8), bytes.begin());
    return base::IpAddress::v6(bytes);
}

}  // namespace

Rates::Shard& Rates::shardOf(const base::IpAddress& key) {
    std::size_t hash = 0;
    for (const auto byte : key.bytes())
        hash = hash * 31 + byte;
    return shards_[hash % shards_.size()];
}

Rates::Entry Rates::enter(const base::IpAddress& client, const SessionLimits& limits) {
    if (sessions_.fetch_add(1, std::memory_order_relaxed) >= limits.sessions) {
        sessions_.fetch_sub(1, std::memory_order_relaxed);
        return {Admission::tooManySessions, {}};
    }
    const auto key = clientKey(client);
    auto& shard = shardOf(key);
    const std::lock_guard lock(shard.mutex);
    auto& count = shard.clients[key];
    if (count >= limits.sessionsPerClient) {
        if (count == 0) shard.clients.erase(key);
        sessions_.fetch_sub(1, std::memory_order_relaxed);
        return {Admission::tooManyFromClient, {}};
    }
    ++count;
    return {Admission::admitted, Seat(this, key)};
}

void Rates::leave(const base::IpAddress& client) {
    auto& shard = shardOf(client);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.clients.find(client);
    if (found != shard.clients.end() && --found->second == 0) shard.clients.erase(found);
    sessions_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace postseal::receive
