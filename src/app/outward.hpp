// What the rooms on the way out are given of the configuration: how destinations are found and connected to,
// and how their questions reach DNS.
#pragma once

#include "app/load.hpp"
#include "discover/destination.hpp"
#include "net/resolver.hpp"
#include "net/smtp_client.hpp"
#include "task/awaitable.hpp"

#include <memory>
#include <vector>

namespace postseal::app {

/// `map` null: there was never a valid one, so nothing is sent outward.
std::shared_ptr<const discover::DestinationSettings>
destinationSettings(const Loaded& loaded, std::shared_ptr<const policy::Map> map);
net::SmtpDialerSettings dialerSettings(const Loaded& loaded);

/// All questions at once; the answers in their order. The resolver outlives what waits.
task::Awaitable<std::vector<dns::Answer>> askAll(net::Resolver* resolver,
                                                 std::vector<dns::Question> questions);

/// A client's name, confirmed by its address record; empty: none. An error after two seconds without an
/// answer.
task::Awaitable<base::Result<std::string>> clientName(net::Resolver* resolver, base::IpAddress client);

}  // namespace postseal::app
