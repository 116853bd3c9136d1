// Waiting within one core: for a signal of another coroutine, for a time, or for whichever comes first.
// Cancellation of the task ends each wait. All on the core's thread.
#pragma once

#include "task/awaitable.hpp"

#include <chrono>
#include <memory>

namespace postseal::task {

enum class Woken { set, timeout, cancelled };

/// Remembers that it was set until one wait has seen it. At most one coroutine waits.
class Event {
public:
    explicit Event(const Executor& executor);
    ~Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void set();
    Awaitable<Woken> wait();
    Awaitable<Woken> waitFor(std::chrono::milliseconds duration);

private:
    struct Timer;
    Awaitable<Woken> waitForTimer();

    std::unique_ptr<Timer> timer_;
    bool set_ = false;
};

/// True when the time is over, false when the task was cancelled.
Awaitable<bool> sleepFor(std::chrono::milliseconds duration);

}  // namespace postseal::task
