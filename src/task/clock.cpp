#include "task/clock.hpp"

namespace postseal::task {

base::Timestamp timeNow() {
    return std::chrono::floor<base::Microseconds>(std::chrono::system_clock::now());
}

base::Clock steadyCalendar() {
    const auto calendar = timeNow();
    const auto steady = std::chrono::steady_clock::now();
    return [=] {
        return calendar +
               std::chrono::duration_cast<base::Microseconds>(std::chrono::steady_clock::now() - steady);
    };
}

}  // namespace postseal::task
