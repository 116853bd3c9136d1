// One SMTP session with a client: performs what smtp::ServerSession says, on a connection. Decides who may
// send to whom (never an open relay), and makes each message durable together with its hop record in one
// batch before the 250 is said. A session stays on its core.
#pragma once

#include "net/connection.hpp"
#include "receive/services.hpp"
#include "receive/settings.hpp"

#include <memory>

namespace postseal::receive {

/// Spawned once a connection; the services outlive it.
task::Awaitable<void> serve(ReceivingServices* services, std::shared_ptr<const Site> site,
                            net::Connection connection);

}  // namespace postseal::receive
