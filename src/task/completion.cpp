#include "task/completion.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace postseal::task {
namespace detail {

Waiter::Waiter(const Executor& executor)
    : context_(static_cast<asio::io_context*>(&asio::query(executor, asio::execution::context))) {}

Awaitable<void> Waiter::waited() {
    if (done_) co_return;
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [](auto handler, Waiter* waiter) { waiter->handler_.emplace(std::move(handler)); },
        asio::use_awaitable, this);
}

void Waiter::post() {
    asio::post(*context_, [this] { resume(); });
}

void Waiter::resume() {
    done_ = true;
    if (!handler_) return;  // not waiting yet
    auto handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)();
}

void Waiter::resumeAll(Waiter* first) {
    while (first) {
        auto* waiter = std::exchange(first, first->next_);
        waiter->resume();
    }
}

}  // namespace detail

void CompletionBatch::add(detail::Waiter& waiter) {
    const auto chain = std::ranges::find(chains_, waiter.context_, &Chain::context);
    if (chain == chains_.end()) {
        chains_.push_back({waiter.context_, &waiter, &waiter});
        return;
    }
    chain->last->next_ = &waiter;
    chain->last = &waiter;
}

void CompletionBatch::flush() {
    for (const auto& chain : chains_)
        asio::post(*chain.context, [first = chain.first] { detail::Waiter::resumeAll(first); });
    chains_.clear();
}

}  // namespace postseal::task
