#include "app/daily_review.hpp"

#include "app/review.hpp"

namespace postseal::app {

Resident::Done DailyReview::tick(const Now& now) {
    if (now.steady < next_) return {};
    next_ = now.steady + pause;
    for (const auto& warning : review(loaded_->settings, *loaded_->directory, loaded_->file, now.calendar))
        log_.warning(log::Line().text(warning));
    return {};
}

}  // namespace postseal::app
