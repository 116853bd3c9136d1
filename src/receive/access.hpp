// Who may send to whom: mail for our domains is taken from anyone, everything else only from the networks
// that may relay, a list that is empty by default. Never an open relay. Pure; any thread.
#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "directory/directory.hpp"
#include "record/mailbox.hpp"
#include "smtp/reply.hpp"

#include <string>
#include <vector>

namespace postseal::receive {

enum class Relaying { allowed, refused };
Relaying relayingFor(const base::IpAddress& client, const std::vector<base::Network>& relayNetworks);

/// The next hop of the recipient's mail, or the refusal to be said at RCPT (rule 60).
base::Result<std::string, smtp::Reply>
decideRecipient(const record::Mailbox& recipient, const directory::Directory& directory, Relaying relaying);

}  // namespace postseal::receive
