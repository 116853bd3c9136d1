// Lets old records and old reports that nobody took go, a little each second and only once an hour, so that
// nobody waits for it. A clock that jumped lets nothing go for a day (rule 54).
#pragma once

#include "app/resident.hpp"
#include "base/clock_jump.hpp"
#include "ledger/retention.hpp"

#include <chrono>
#include <filesystem>

namespace postseal::app {

class Expiry final : public Resident {
public:
    static constexpr std::chrono::seconds pause{3600};
    static constexpr int rowsAtOnce = 500;

    /// After the clock went forward by more than `pause`, or where all would go at once: for somebody to see
    /// it.
    static constexpr std::chrono::hours restAfterJump{24};

    Expiry(store::Writer& writer, store::Readers& readers, const config::Settings& settings, log::Log log)
        : writer_(writer), readers_(readers), dataDir_(settings.dataDir), log_(log),
          settings_(settings.ledger) {}

    Done tick(const Now& now) override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override { settings_ = loaded->settings.ledger; }
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    base::Result<void> expireSome(const Now& now);
    base::Result<bool> isDoubtful(const Now& now);

    store::Writer& writer_;
    store::Readers& readers_;
    std::filesystem::path dataDir_;
    log::Log log_;
    ledger::Settings settings_;
    base::ClockJump clock_;
    bool isFirst_ = true;
    base::Tick restUntil_{};
    base::Timestamp next_{};
};

}  // namespace postseal::app
