// The words of every coroutine: awaitable<T>, the executor it runs on, and the token that turns Asio's errors
// into values (`auto [error, n] = co_await socket.async_read_some(buffer, asTuple)`).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace postseal::task {

namespace asio = boost::asio;

template <class T>
using Awaitable = asio::awaitable<T>;
using Executor = asio::any_io_executor;

inline constexpr auto asTuple = asio::as_tuple(asio::use_awaitable);

/// Whether the task that asks has been told to end (server's shutdown): take up nothing new, finish what is
/// under way.
inline Awaitable<bool> isCancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace postseal::task
