// Errors as values: Result<T, E> is what a function gives that can fail, fail(e) is how it says so, and Error
// is what went wrong in an operation on the outside world. Parsers and policies have error types of their
// own: the error is what the caller needs next (a Reply, a ConfigError, a Refusal). Any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace postseal::base {

/// What was being done when an operation on the outside world failed.
enum class Phase { none, configuration, resolve, connect, greeting, tls, command, data, store, file };

std::string_view toText(Phase phase);

struct Error {
    std::error_code code;
    Phase phase = Phase::none;
    std::string detail;  // what was tried, with what, what came; for people

    bool operator==(const Error&) const = default;
};

/// `phase: detail (code's message)`, leaving out what is empty.
std::string toText(const Error& error);

template <class T, class E = Error>
class [[nodiscard]] Result : public tl::expected<T, E> {
public:
    using tl::expected<T, E>::expected;
    Result(tl::expected<T, E> other) : tl::expected<T, E>(std::move(other)) {}  // what map() gives
};

template <class E>
tl::unexpected<std::decay_t<E>> fail(E&& error) {
    return tl::unexpected<std::decay_t<E>>(std::forward<E>(error));
}

}  // namespace postseal::base
