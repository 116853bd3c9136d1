// Notices that the calendar's clock was set, by comparing it with the steady one (rule 54): what was planned
// for a time of the old clock must move with it, and what is counted in days must not be over at once. Pure.
#pragma once

#include "base/time.hpp"

#include <chrono>
#include <optional>

namespace postseal::base {

class ClockJump {
public:
    /// Less than that is the clock being steered, or we slept.
    static constexpr std::chrono::seconds least{10};

    /// How far the calendar has moved since the last look, beyond the time that has gone by; zero: as it
    /// should.
    Microseconds look(Timestamp calendar, Tick steady) {
        const auto offset =
            calendar.time_since_epoch() - std::chrono::duration_cast<Microseconds>(steady.time_since_epoch());
        const auto jump = last_ ? offset - *last_ : Microseconds(0);
        last_ = offset;
        return std::chrono::abs(jump) < least ? Microseconds(0) : jump;
    }

private:
    std::optional<Microseconds> last_;  // calendar minus steady
};

}  // namespace postseal::base
