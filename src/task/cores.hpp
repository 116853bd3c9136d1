// The threads that serve: each core is one io_context with its timer wheel and its group of spawned
// coroutines, run by one thread. A session stays on the core where it began.
#pragma once

#include "task/awaitable.hpp"
#include "task/spawn.hpp"
#include "task/wheel.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace postseal::task {

struct Core {
    Core(unsigned number, log::Log log);
    /// Destroys what still waits on the core. Threads that complete or post to it have ended before.
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Executor executor() { return context.get_executor(); }

    unsigned index;
    // The coroutines die with the context and still find their wheel and group.
    Wheel wheel;
    Group tasks;
    asio::io_context context;
};

/// The core of an executor, as `co_await this_coro::executor` gives it.
Core& coreOf(const Executor& executor);

class Cores {
public:
    Cores(unsigned count, log::Log log);
    /// Stops.
    ~Cores();
    Cores(const Cores&) = delete;
    Cores& operator=(const Cores&) = delete;

    std::size_t size() const { return cores_.size(); }
    Core& operator[](std::size_t index) { return *cores_[index]; }

    void start();
    /// From any thread: cancels every spawned coroutine (Group::cancelAll).
    void cancelAll();
    /// From a thread that is no core: whether all spawned coroutines ended in time.
    bool waitUntilEmpty(std::chrono::milliseconds limit);
    /// The threads end; what still waits is destroyed with the Cores. From a thread that is no core.
    void stop();

private:
    using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;
    void run(Core& core);

    log::Log log_;
    std::vector<std::unique_ptr<Core>> cores_;
    std::vector<WorkGuard> guards_;
    std::vector<std::thread> threads_;
};

}  // namespace postseal::task
