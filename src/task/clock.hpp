// The calendar's time, read from this machine's clock: here alone, but for the stamp that log puts before a
// line. Deadlines are the steady clock's (base::Tick). Any thread.
#pragma once

#include "base/clock.hpp"

namespace postseal::task {

base::Timestamp timeNow();

/// The calendar as it is at the call, moved on by the steady clock: setting the clock makes nothing old.
base::Clock steadyCalendar();

}  // namespace postseal::task
