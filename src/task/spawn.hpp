// Coroutines that nobody awaits: sessions, accept loops, dispatchers. Each belongs to the Group of its core,
// which logs what escapes it, counts it, and at shutdown cancels and awaits all. A spawned coroutine takes
// values only and returns void; after cancellation its waits end with operation_aborted and it may still say
// goodbye.
#pragma once

#include "log/sink.hpp"
#include "task/awaitable.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace postseal::task {

struct Core;

/// The spawned coroutines of one core.
class Group {
public:
    explicit Group(log::Log log) : log_(log) {}
    ~Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;

    struct Counters {
        std::uint64_t started = 0;
        std::uint64_t failed = 0;  // ended by an exception
        std::uint64_t running = 0;
    };
    /// Any thread.
    Counters counters() const;

    /// On the core: every coroutine's wait ends with operation_aborted, now and for those that begin later.
    void cancelAll();
    /// On the core: whether that has been said, also of coroutines that have put their own cancellation off.
    bool isCancelled() const { return cancelled_; }
    /// From a thread that is no core: true when none runs any more, false when the time is up first.
    bool waitUntilEmpty(std::chrono::milliseconds limit);

private:
    friend void spawn(Core& core, Awaitable<void> work, std::string_view name);
    struct Task;
    static Awaitable<void> run(Task& task, Awaitable<void> work);
    void ended();

    log::Log log_;
    Task* first_ = nullptr;
    bool cancelled_ = false;
    std::atomic<std::uint64_t> started_ = 0;
    std::atomic<std::uint64_t> failed_ = 0;
    std::atomic<std::uint64_t> running_ = 0;
    std::mutex mutex_;
    std::condition_variable empty_;
};

/// Starts `work` on the core, from any thread, soon. `name` (a literal) is what the log calls it.
void spawn(Core& core, Awaitable<void> work, std::string_view name);
/// The same by the executor of a core.
void spawn(const Executor& executor, Awaitable<void> work, std::string_view name);

}  // namespace postseal::task
