// What all messages on their way in hold in memory: of each its recipients, and what of its text has not gone
// to a file. Half of the bound, and texts go to files as they come; the whole, and no new message is begun.
// Shared by all cores; any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace postseal::receive {

class ArrivalMemory {
public:
    /// What one message holds; given back when it goes.
    class Share {
    public:
        explicit Share(ArrivalMemory& memory) : memory_(memory) {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { set(0); }

        void set(std::size_t bytes) {
            memory_.used_.fetch_add(bytes - bytes_, std::memory_order_relaxed);  // wraps where it shrinks
            bytes_ = bytes;
        }

    private:
        ArrivalMemory& memory_;
        std::size_t bytes_ = 0;
    };

    /// The bound is a parameter, so that a reload changes it for those who come next.
    bool isShort(std::size_t bound) const { return used() >= bound / 2; }
    bool isSpent(std::size_t bound) const { return used() >= bound; }
    std::size_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> used_ = 0;
};

}  // namespace postseal::receive
