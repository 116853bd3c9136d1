// What discover is given of the configuration: how destinations are found and connected to.
#pragma once

#include "app/load.hpp"
#include "discover/outbound.hpp"

#include <memory>

namespace postseal::app {

/// `map` null: there was never a valid one, so nothing is sent outward.
std::shared_ptr<const discover::DestinationSettings>
destinationSettings(const Loaded& loaded, std::shared_ptr<const policy::Map> map);
discover::OutboundSettings outboundSettings(const Loaded& loaded, std::shared_ptr<const policy::Map> map);
/// Whom we may connect to for what others publish over HTTPS.
std::shared_ptr<const discover::StsFetchSettings> fetchSettings(const Loaded& loaded);

}  // namespace postseal::app
