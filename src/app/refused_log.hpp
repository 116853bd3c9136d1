// What the rules for incoming mail refused: those who judge add, on any core, and each tick writes it
// (ledger/refused).
#pragma once

#include "app/resident.hpp"
#include "ledger/refused.hpp"

#include <chrono>

namespace postseal::app {

class RefusedLog final : public Resident {
public:
    RefusedLog(const Ground& ground, const std::shared_ptr<const Loaded>& loaded)
        : writer_(ground.writer), log_(ground.log), clock_(ground.clock),
          kept_(loaded->settings.ledger.refused) {}

    ledger::RefusedMails& mails() { return mails_; }

    Done tick(const Now& now) override { return write(now.calendar); }
    void stop() override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override {
        kept_ = loaded->settings.ledger.refused;
    }
    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    Done write(base::Timestamp now);

    store::Writer& writer_;
    log::Log log_;
    base::Clock clock_;
    std::chrono::seconds kept_;
    ledger::RefusedMails mails_;
};

}  // namespace postseal::app
