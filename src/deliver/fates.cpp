#include "deliver/fates.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace postseal::deliver {
namespace {

using record::HopResult;

bool isGivenUp(const queue::RetrySettings& settings, std::chrono::seconds age, const RecipientEnd& end) {
    return end.result == HopResult::bounced || queue::isOver(settings, age, end.recipient.attempts + 1);
}

std::vector<RecipientEnd>& whereGivenUp(Fates& fates, const queue::Message& message,
                                        const RecipientEnd& end) {
    if (!message.sender) return fates.kept;
    return end.recipient.notify.failure ? fates.returned : fates.discarded;
}

}  // namespace

Fates fatesOf(const queue::RetrySettings& settings, const queue::Message& message,
              std::vector<RecipientEnd> ends, base::Timestamp now) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - message.arrived);
    Fates fates;
    for (auto& end : ends) {
        if (end.result == HopResult::delivered) {
            fates.delivered.push_back(std::move(end));
        } else if (isGivenUp(settings, age, end)) {
            whereGivenUp(fates, message, end).push_back(std::move(end));
        } else {
            const bool isLate = queue::isLate(settings, age, end.recipient.attempts + 1);
            if (isLate && !end.recipient.toldDelay) fates.late.push_back(end);
            fates.deferred.push_back(std::move(end));
        }
    }
    return fates;
}

std::vector<Telling> tellingsOf(const queue::Message& message, const Fates& fates) {
    std::vector<Telling> tellings;
    if (!message.sender) return tellings;
    const auto tell = [&](DsnKind kind, const std::vector<RecipientEnd>& ends, const auto& isToTell) {
        Telling telling{.kind = kind};
        std::ranges::copy_if(ends, std::back_inserter(telling.ends), isToTell);
        if (!telling.ends.empty()) tellings.push_back(std::move(telling));
    };
    tell(DsnKind::failure, fates.returned, [](const RecipientEnd&) { return true; });
    tell(DsnKind::delay, fates.late, [](const RecipientEnd& end) { return end.recipient.notify.delay; });
    // Where the peer does DSN, it is the peer who tells of success (§5.2.2).
    tell(DsnKind::success, fates.delivered, [](const RecipientEnd& end) {
        return end.recipient.notify.success && end.means != RecipientEnd::Means::passedOn;
    });
    return tellings;
}

base::Timestamp nextAttempt(const queue::RetrySettings& settings, std::span<const RecipientEnd> deferred,
                            base::Timestamp now, double random) {
    const auto leastTried = std::ranges::min_element(
        deferred, {}, [](const RecipientEnd& end) { return end.recipient.attempts; });
    return now + queue::retryDelay(settings, leastTried->recipient.attempts + 1, random);
}

}  // namespace postseal::deliver
