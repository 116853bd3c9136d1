// How many sessions are open, in all and per client (an IPv4 address, an IPv6 /64). Shared by all cores: one
// table in shards, each with a mutex (docs/architecture.md has the other locks). Any thread.
#pragma once

#include "base/ip_address.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace postseal::receive {

struct SessionLimits {
    unsigned sessions = 10000;
    unsigned sessionsPerClient = 50;
};

enum class Admission { admitted, tooManySessions, tooManyFromClient };

class Rates {
public:
    /// A place among the sessions; given back when it goes.
    class Seat {
    public:
        Seat() = default;
        Seat(Rates* rates, const base::IpAddress& client) : rates_(rates), client_(client) {}
        Seat(Seat&& other) noexcept : rates_(std::exchange(other.rates_, nullptr)), client_(other.client_) {}
        Seat& operator=(Seat&& other) noexcept {
            std::swap(rates_, other.rates_);
            std::swap(client_, other.client_);
            return *this;
        }
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        ~Seat() {
            if (rates_ != nullptr) rates_->leave(client_);
        }

    private:
        Rates* rates_ = nullptr;
        base::IpAddress client_;
    };

    struct Entry {
        Admission admission = Admission::admitted;
        Seat seat;  // empty unless admitted
    };

    /// The limits are parameters, so that a reload changes them for those who come next.
    Entry enter(const base::IpAddress& client, const SessionLimits& limits);
    unsigned sessions() const { return sessions_.load(std::memory_order_relaxed); }

private:
    struct Shard {
        std::mutex mutex;
        std::map<base::IpAddress, unsigned> clients;
    };

    void leave(const base::IpAddress& client);
    Shard& shardOf(const base::IpAddress& key);

    std::atomic<unsigned> sessions_ = 0;
    std::array<Shard, 32> shards_;
};

}  // namespace postseal::receive
