// The calendar's clock as a value: how code that must read the time again and again is given it by whoever
// owns a clock (task/clock.hpp), or by a test. Pure.
#pragma once

#include "base/time.hpp"

#include <functional>

namespace postseal::base {

using Clock = std::function<Timestamp()>;

}  // namespace postseal::base
