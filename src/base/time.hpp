// Points in time. Timestamp is the calendar's (UTC, microseconds: what the store keeps); Tick is the steady
// clock's, for deadlines. Pure: nobody reads a clock here, callers pass the time in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::base {

using Microseconds = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Microseconds>;
using Tick = std::chrono::steady_clock::time_point;

constexpr std::int64_t toMicros(Timestamp time) {
    return time.time_since_epoch().count();
}
constexpr Timestamp fromMicros(std::int64_t micros) {
    return Timestamp(Microseconds(micros));
}

std::string toRfc3339(Timestamp time);  // 2026-11-23T19:38:44Z, with .123456 where there is a fraction
std::string toRfc5322(Timestamp time);  // Mon, 23 Nov 2026 19:38:44 +0000

/// A date (`2027-01-31`) or an RFC 3339 time in any offset; else nullopt.
std::optional<Timestamp> parseRfc3339(std::string_view text);

/// `90`, `30s`, `5m`, `4h`, `5d`, `2w`, `2y` (365 days); a bare number is seconds. Negative, empty, too
/// large: nullopt.
std::optional<std::chrono::seconds> parseDuration(std::string_view text);
std::string toText(std::chrono::seconds duration);  // 5m, 4h, 5d; the largest unit that leaves no rest

}  // namespace postseal::base
