// The listeners: sockets that were bound with the rights of the start, and the fronts that their connections
// lead to.
#pragma once

#include "app/front.hpp"
#include "app/resident.hpp"
#include "net/listener.hpp"

#include <vector>

namespace postseal::app {

/// One for each listener of the configuration, in its order.
using Sockets = std::vector<net::Listener>;

class Listening final : public Resident {
public:
    /// `sockets` are each core's; `fronts` has each role of the configuration's listeners.
    Listening(const Ground& ground, std::vector<config::Listener> listeners, std::vector<Sockets> sockets,
              Fronts fronts)
        : cores_(ground.cores), log_(ground.log), listeners_(std::move(listeners)),
          sockets_(std::move(sockets)), fronts_(std::move(fronts)) {}

    void start() override;
    void stop() override { sockets_.clear(); }
    std::vector<std::string> needsRestart(const config::Settings& from,
                                          const config::Settings& to) const override;

private:
    task::Cores& cores_;
    log::Log log_;
    std::vector<config::Listener> listeners_;
    std::vector<Sockets> sockets_;  // until they accept
    Fronts fronts_;
};

}  // namespace postseal::app
