#include "task/event.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace postseal::task {

struct Event::Timer {
    explicit Timer(const Executor& executor) : timer(executor) {}
    asio::steady_timer timer;
};

Event::Event(const Executor& executor) : timer_(std::make_unique<Timer>(executor)) {}
Event::~Event() = default;

void Event::set() {
    set_ = true;
    timer_->timer.cancel();
}

Awaitable<Woken> Event::waitForTimer() {
    if (!set_) {
        if (co_await isCancelled()) co_return Woken::cancelled;
        const auto [error] = co_await timer_->timer.async_wait(asTuple);
        if (!error && !set_) co_return Woken::timeout;
    }
    co_return std::exchange(set_, false) ? Woken::set : Woken::cancelled;
}

Awaitable<Woken> Event::wait() {
    timer_->timer.expires_at(asio::steady_timer::time_point::max());
    return waitForTimer();
}

Awaitable<Woken> Event::waitFor(std::chrono::milliseconds duration) {
    timer_->timer.expires_after(duration);
    return waitForTimer();
}

Awaitable<bool> sleepFor(std::chrono::milliseconds duration) {
    if (co_await isCancelled()) co_return false;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(duration);
    const auto [error] = co_await timer.async_wait(asTuple);
    co_return !error;
}

}  // namespace postseal::task
