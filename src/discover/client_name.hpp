// The name of a client: that of its PTR record, confirmed by an address record of that name, as Postfix does.
#pragma once

#include "base/ip_address.hpp"
#include "discover/ask.hpp"
#include "policy/inbound_client.hpp"
#include "task/awaitable.hpp"

namespace postseal::discover {

/// Never `notAsked`. Where the confirmation failed, the name is what the client claims.
task::Awaitable<policy::ClientName> clientName(Ask ask, base::IpAddress client);

}  // namespace postseal::discover
