#include "queue/backoff.hpp"

#include <algorithm>

namespace postseal::queue {

using std::chrono::seconds;

std::chrono::seconds retryDelay(const RetrySettings& settings, int failed, double random) {
    seconds delay = settings.first;
    for (int i = 1; i < failed && delay < settings.max; ++i)
        delay *= 2;
    delay = std::min(delay, settings.max);
    const double spread = 0.9 + 0.2 * std::clamp(random, 0.0, 1.0);
    return std::max(seconds(1),
                    seconds(static_cast<seconds::rep>(static_cast<double>(delay.count()) * spread)));
}

bool isOver(const RetrySettings& settings, std::chrono::seconds age, int failed) {
    if (age < settings.giveUp) return false;
    // The attempts that a server which was always there would have made in that age.
    int expected = 1;
    seconds at{0};
    for (seconds delay = std::max(settings.first, seconds(1));
         at + delay <= settings.giveUp && delay < settings.max; delay *= 2) {
        at += delay;
        ++expected;
    }
    if (settings.max.count() > 0) expected += static_cast<int>((settings.giveUp - at) / settings.max);
    return failed * 4 >= expected * 3;
}

}  // namespace postseal::queue
