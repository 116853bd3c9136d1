// One-shot completion across threads: a coroutine hands its Completion's address to another thread and waits;
// the other thread sets the value and the coroutine goes on, on its own core. Nothing is allocated: the
// Completion lives in the waiting coroutine. The wait can't be cut short (what was handed over is awaited to
// its end), so whoever takes a Completion completes it, always, exactly once.
#pragma once

#include "task/awaitable.hpp"

#include <boost/asio/execution_context.hpp>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace postseal::task {

class CompletionBatch;

namespace detail {

class Waiter {
protected:
    explicit Waiter(const Executor& executor);
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() = default;

    Awaitable<void> waited();
    void post();

private:
    friend class task::CompletionBatch;
    using Handler = asio::async_result<asio::use_awaitable_t<>, void()>::handler_type;

    static void resumeAll(Waiter* first);
    void resume();

    asio::io_context* context_;
    Waiter* next_ = nullptr;
    std::optional<Handler> handler_;
    bool done_ = false;  // the core's thread alone looks at it
};

}  // namespace detail

template <class T>
class Completion : public detail::Waiter {
public:
    /// On the executor of the coroutine that will wait: an io_context's.
    explicit Completion(const Executor& executor) : Waiter(executor) {}

    /// Once, on the core.
    Awaitable<T> wait() {
        co_await waited();
        co_return std::move(*value_);
    }

    /// From any thread, once. The Completion may be gone when this returns.
    void complete(T value) {
        value_.emplace(std::move(value));
        post();
    }
    /// As above, resumed when the batch is flushed.
    void complete(T value, CompletionBatch& batch);

private:
    std::optional<T> value_;
};

/// Completions that are resumed with one post for each io_context. One thread; flushes when it goes.
class CompletionBatch {
public:
    CompletionBatch() = default;
    ~CompletionBatch() { flush(); }
    CompletionBatch(const CompletionBatch&) = delete;
    CompletionBatch& operator=(const CompletionBatch&) = delete;

    void add(detail::Waiter& waiter);
    void flush();

private:
    struct Chain {
        asio::io_context* context;
        detail::Waiter* first;
        detail::Waiter* last;
    };
    std::vector<Chain> chains_;
};

template <class T>
void Completion<T>::complete(T value, CompletionBatch& batch) {
    value_.emplace(std::move(value));
    batch.add(*this);
}

}  // namespace postseal::task
