// The front `socketmap`: policies for a Postfix, by what is known of destinations alone; it needs no queue.
#pragma once

#include "app/front.hpp"
#include "app/outbound.hpp"
#include "app/resident.hpp"
#include "companion/socketmap.hpp"
#include "task/per_core.hpp"

namespace postseal::app {

class PostfixFront final : public Resident {
public:
    PostfixFront(const Ground& ground, const Outbound& outbound);

    Front front();

    std::vector<std::string> needsRestart(const config::Settings&, const config::Settings&) const override {
        return {};
    }

private:
    task::Cores& cores_;
    task::PerCore<companion::SocketmapServices> parts_;
};

}  // namespace postseal::app
