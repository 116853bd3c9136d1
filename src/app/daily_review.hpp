// Certificates end by themselves: our own, and what else app/review looks at, are looked at once a day,
// whatever else happens. At start and after a reload the supervisor tells of them.
#pragma once

#include "app/resident.hpp"

#include <chrono>
#include <utility>

namespace postseal::app {

class DailyReview final : public Resident {
public:
    static constexpr std::chrono::days pause{1};

    DailyReview(std::shared_ptr<const Loaded> loaded, base::Tick now, log::Log log)
        : loaded_(std::move(loaded)), next_(now + pause), log_(log) {}

    Done tick(const Now& now) override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override { loaded_ = loaded; }
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    std::shared_ptr<const Loaded> loaded_;
    base::Tick next_;
    log::Log log_;
};

}  // namespace postseal::app
