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

int leastAttempts(const RetrySettings& settings, std::chrono::seconds age) {
    int expected = 1;
    seconds at{0};
    for (seconds delay = std::max(settings.first, seconds(1)); at + delay <= age && delay < settings.max;
         delay *= 2) {
        at += delay;
        ++expected;
    }
    if (settings.max.count() > 0) expected += static_cast<int>((age - at) / settings.max);
    return (expected * 3 + 3) / 4;
}

bool isOver(const RetrySettings& settings, std::chrono::seconds age, int failed) {
    return age >= settings.giveUp && failed >= leastAttempts(settings, settings.giveUp);
}

bool isLate(const RetrySettings& settings, std::chrono::seconds age, int failed) {
    return settings.warn.count() > 0 && age >= settings.warn &&
           failed >= leastAttempts(settings, settings.warn);
}

}  // namespace postseal::queue
