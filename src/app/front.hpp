// What the connections of a listener's role lead to.
#pragma once

#include "config/settings.hpp"
#include "net/connection.hpp"

#include <cstddef>
#include <functional>
#include <map>

namespace postseal::app {

/// On the core; `listener` is its place in the configuration. Spawns the session and returns.
using Front = std::function<void(std::size_t core, std::size_t listener, net::Connection connection)>;
using Fronts = std::map<config::Listener::Role, Front>;

}  // namespace postseal::app
