// The front `socketmap`: policies for a Postfix, by what is known of destinations alone; it needs no queue.
// Each tick writes what was asked.
#pragma once

#include "app/front.hpp"
#include "app/outbound.hpp"
#include "app/resident.hpp"
#include "companion/socketmap.hpp"
#include "task/per_core.hpp"

namespace postseal::app {

class PostfixFront final : public Resident {
public:
    PostfixFront(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, const Outbound& outbound);

    Front front();
    Done tick(const Now& now) override;
    void stop() override;
    void adopt(const std::shared_ptr<const Loaded>& loaded) override;

    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    Done write(base::Timestamp now);

    task::Cores& cores_;
    store::Writer& writer_;
    log::Log log_;
    base::Clock clock_;
    std::chrono::seconds kept_;  // as long as the ledger keeps its details
    companion::Questions questions_{};
    task::PerCore<companion::SocketmapServices> parts_;
};

}  // namespace postseal::app
