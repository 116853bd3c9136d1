#include "task/cores.hpp"
#include "task/event.hpp"

#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

using namespace postseal;
using namespace postseal::task;
using namespace std::chrono_literals;

namespace {

Awaitable<void> sleeper(std::atomic<int>* cancelled, std::atomic<int>* goodbyes) {
    if (!co_await sleepFor(1h)) ++*cancelled;
    asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
    const auto [error] = co_await timer.async_wait(asTuple);  // an operation after cancellation still works
    if (!error && co_await isCancelled()) ++*goodbyes;
}

Awaitable<void> thrower() {
    co_await sleepFor(1ms);
    throw std::runtime_error("broken");
}

Awaitable<void> count(std::atomic<int>* done) {
    ++*done;
    co_return;
}

Awaitable<void> spawner(std::atomic<int>* done) {
    const auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 100; ++i)
        spawn(executor, count(done), "child");
}

}  // namespace

TEST_CASE("shutdown: every coroutine is cancelled, may say goodbye, and is awaited") {
    Cores cores(2, {});
    cores.start();
    std::atomic<int> cancelled = 0;
    std::atomic<int> goodbyes = 0;
    for (int i = 0; i < 100; ++i)
        spawn(cores[static_cast<std::size_t>(i % 2)], sleeper(&cancelled, &goodbyes), "sleeper");
    CHECK(!cores.waitUntilEmpty(20ms));
    cores.cancelAll();
    CHECK(cores.waitUntilEmpty(10s));
    CHECK(cancelled == 100);
    CHECK(goodbyes == 100);
    // who comes too late is cancelled at once
    spawn(cores[0], sleeper(&cancelled, &goodbyes), "late");
    CHECK(cores.waitUntilEmpty(10s));
    CHECK(cancelled == 101);
}

TEST_CASE("an exception ends its coroutine, is counted, and nothing else falls") {
    Cores cores(1, {});
    cores.start();
    std::atomic<int> done = 0;
    spawn(cores[0], thrower(), "thrower");
    spawn(cores[0], spawner(&done), "spawner");
    CHECK(cores.waitUntilEmpty(10s));
    const auto counters = cores[0].tasks.counters();
    CHECK(counters.started == 102);
    CHECK(counters.failed == 1);
    CHECK(counters.running == 0);
    CHECK(done == 100);
}

TEST_CASE("what still waits is destroyed with the cores") {
    std::atomic<int> cancelled = 0;
    std::atomic<int> goodbyes = 0;
    {
        Cores cores(2, {});
        cores.start();
        for (int i = 0; i < 10; ++i)
            spawn(cores[static_cast<std::size_t>(i % 2)], sleeper(&cancelled, &goodbyes), "sleeper");
        CHECK(!cores.waitUntilEmpty(20ms));
    }
    CHECK(cancelled == 0);
}

namespace {

Awaitable<void> waiter(Event* event, std::vector<Woken>* seen) {
    seen->push_back(co_await event->wait());
    seen->push_back(co_await event->waitFor(1ms));
    seen->push_back(co_await event->wait());
    seen->push_back(co_await event->wait());
}

Awaitable<void> setter(Event* event, Core* core) {
    event->set();
    event->set();
    co_await sleepFor(100ms);
    event->set();
    co_await sleepFor(20ms);
    core->tasks.cancelAll();
}

}  // namespace

TEST_CASE("an event wakes its waiter once, by signal, time or cancellation") {
    Core core(0, {});
    Event event(core.executor());
    std::vector<Woken> seen;
    spawn(core, waiter(&event, &seen), "waiter");
    spawn(core, setter(&event, &core), "setter");
    core.context.run();
    CHECK(seen == std::vector{Woken::set, Woken::timeout, Woken::set, Woken::cancelled});
}
