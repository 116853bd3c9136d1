// The two names of a message: the queue id that we give it, and the Message-ID of its header (RFC 5322
// §3.6.4).
#pragma once

#include "base/time.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::record {

/// 15 characters without vowels: 11 of the time (microseconds, so ids sort by time), 4 of a sequence that
/// tells ids of one microsecond and of one process apart. Never reused: the maker passes an increasing time.
/// No ':' and no space.
class QueueId {
public:
    static constexpr std::size_t length = 15;
    static QueueId make(base::Timestamp time, std::uint32_t sequence);  // sequence modulo 52^4
    static std::optional<QueueId> parse(std::string_view text);

    QueueId() = default;  // empty: no id yet, NOQUEUE in logs
    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    /// What make() was given (the sequence modulo 52^4); only of an id that is not empty.
    base::Timestamp time() const;
    std::uint32_t sequence() const;

    auto operator<=>(const QueueId&) const = default;

private:
    std::string text_;  // 15 characters are stored without an allocation
};

/// A Message-ID for a message that we write ourselves: `<QUEUEID@hostname>`.
std::string makeMessageId(const QueueId& id, std::string_view hostname);

}  // namespace postseal::record
