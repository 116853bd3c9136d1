// The timer wheel of a core: slots of 100 ms, each an intrusive list. One Deadline a session, armed anew for
// every phase: that is a store into the node, no allocation, no timer. It fires up to 100 ms late, never
// early. A Wheel and its Deadlines belong to one io_context's thread; the Wheel outlives them.
#pragma once

#include "base/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace postseal::task {

class Wheel;

namespace detail {
struct Link {
    Link* before = this;
    Link* after = this;

    bool isAlone() const { return after == this; }
    void unlink() {
        before->after = after;
        after->before = before;
        before = after = this;
    }
    void insertBefore(Link& other) {
        before = other.before;
        after = &other;
        before->after = this;
        other.before = this;
    }
};
}  // namespace detail

class Deadline : private detail::Link {
public:
    using Expired = void (*)(void* subject);

    /// `expired(subject)` is called once on the core's thread when the time is up; it may arm, disarm or
    /// destroy any Deadline, this one too.
    Deadline(Wheel& wheel, Expired expired, void* subject)
        : wheel_(&wheel), expired_(expired), subject_(subject) {}
    ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    /// From now; what was armed before is forgotten.
    void arm(std::chrono::milliseconds duration);
    /// Tick::max(): never.
    void armAt(base::Tick tick);
    void disarm() { due_ = never; }

private:
    friend class Wheel;
    static constexpr std::int64_t never = INT64_MAX;

    Wheel* wheel_;
    Expired expired_;
    void* subject_;
    std::int64_t due_ = never;    // in slots since the clock's epoch
    std::int64_t visit_ = never;  // when the slot that holds it is looked at: not later than due_
};

class Wheel {
public:
    explicit Wheel(boost::asio::io_context& context);
    ~Wheel();
    Wheel(const Wheel&) = delete;
    Wheel& operator=(const Wheel&) = delete;

    base::Tick now() const { return std::chrono::steady_clock::now(); }
    /// No Deadline fires any more. Called before the io_context goes.
    void stop();

private:
    friend class Deadline;
    struct Timer;
    static constexpr std::int64_t slotCount = 1024;

    void put(Deadline& deadline);
    void remove(Deadline& deadline);
    void wait();
    void turn();
    void visit(detail::Link& slot, std::int64_t now);

    boost::asio::io_context& context_;
    std::unique_ptr<Timer> timer_;
    std::array<detail::Link, slotCount> slots_;
    std::int64_t turned_ = 0;  // the last slot that was visited
    std::size_t count_ = 0;    // Deadlines in slots; the timer runs only while there are any
    bool waiting_ = false;
    bool stopped_ = false;
};

}  // namespace postseal::task
