#include "task/completion.hpp"

#include "task/cores.hpp"
#include "task/event.hpp"
#include "task/pool.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

using namespace postseal;
using namespace postseal::task;
using namespace std::chrono_literals;

namespace {

/// Another thread that answers what it is given, in batches.
class Answerer {
public:
    Answerer() : thread_([this] { serve(); }) {}
    ~Answerer() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    Answerer(const Answerer&) = delete;
    Answerer& operator=(const Answerer&) = delete;

    void ask(Completion<std::unique_ptr<int>>& completion) {
        const std::lock_guard lock(mutex_);
        asked_.push_back(&completion);
        changed_.notify_all();
    }

private:
    void serve() {
        std::unique_lock lock(mutex_);
        while (true) {
            changed_.wait(lock, [this] { return stopping_ || !asked_.empty(); });
            if (asked_.empty()) return;
            auto now = std::exchange(asked_, {});
            lock.unlock();
            {
                CompletionBatch batch;
                for (auto* completion : now)
                    completion->complete(std::make_unique<int>(++answers_), batch);
            }
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Completion<std::unique_ptr<int>>*> asked_;
    bool stopping_ = false;
    int answers_ = 0;
    std::thread thread_;
};

Awaitable<void> asker(Answerer* answerer, std::atomic<long>* sum, bool late) {
    const auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 50; ++i) {
        Completion<std::unique_ptr<int>> completion(executor);
        answerer->ask(completion);
        if (late) co_await sleepFor(1ms);  // answered before anyone waits
        const auto answer = co_await completion.wait();
        *sum += *answer;
        if (&coreOf(co_await asio::this_coro::executor) != &coreOf(executor))
            throw std::logic_error("another core");
    }
}

}  // namespace

TEST_CASE("every completion is answered once, on the asker's core, before or after it waits") {
    Cores cores(2, {});
    cores.start();
    Answerer answerer;
    std::atomic<long> sum = 0;
    for (unsigned i = 0; i < 100; ++i)
        spawn(cores[i % 2], asker(&answerer, &sum, i % 10 == 0), "asker");
    CHECK(cores.waitUntilEmpty(60s));
    CHECK(sum == 5000L * 5001 / 2);
    CHECK(cores[0].tasks.counters().failed + cores[1].tasks.counters().failed == 0);
}

namespace {

Awaitable<void> cancelledWhileAsking(Answerer* answerer, Core* core, std::atomic<long>* sum) {
    const auto executor = co_await asio::this_coro::executor;
    core->tasks.cancelAll();
    Completion<std::unique_ptr<int>> completion(executor);
    answerer->ask(completion);
    *sum += *co_await completion.wait();
}

Awaitable<void> work(Pool* pool, std::atomic<int>* done) {
    const auto here = std::this_thread::get_id();
    std::string text = "a text too long to lie within the string itself";
    const auto there = co_await pool->run([text] { return std::pair(std::this_thread::get_id(), text); });
    if (there.first == here || std::this_thread::get_id() != here || there.second != text) co_return;
    co_await pool->run([] {});
    try {
        co_await pool->run([] { throw std::runtime_error("full"); });
    } catch (const std::runtime_error& error) {
        if (error.what() == std::string("full")) ++*done;
    }
}

}  // namespace

TEST_CASE("what was handed over is awaited to its end, cancelled or not") {
    Core core(0, {});
    Answerer answerer;
    std::atomic<long> sum = 0;
    spawn(core, cancelledWhileAsking(&answerer, &core, &sum), "asker");
    const auto guard = asio::make_work_guard(core.context);
    std::thread thread([&core] { core.context.run(); });
    CHECK(core.tasks.waitUntilEmpty(10s));
    core.context.stop();
    thread.join();
    CHECK(sum == 1);
}

TEST_CASE("the pool works on its own threads and gives back values and exceptions") {
    Cores cores(2, {});
    cores.start();
    Pool pool(2);
    std::atomic<int> done = 0;
    for (unsigned i = 0; i < 50; ++i)
        spawn(cores[i % 2], work(&pool, &done), "worker");
    CHECK(cores.waitUntilEmpty(60s));
    CHECK(done == 50);
}
