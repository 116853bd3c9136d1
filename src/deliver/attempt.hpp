// One attempt to deliver one lease: over the hosts of its next hop in their order, over each host's
// addresses, each under the requirement that policy made for it. What a host does to one recipient decides
// for that recipient; what fails before goes to the next host (RFC 5321 §5.1). Clear text is tried only where
// the requirement permits it, on a new connection (rule 45). Never throws a recipient away: whoever is not
// decided is deferred.
#pragma once

#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "net/smtp_client.hpp"
#include "queue/spool.hpp"
#include "task/awaitable.hpp"

#include <memory>
#include <string>

namespace postseal::deliver {

/// A connection that may serve several messages, and what it was made under.
struct Link {
    std::unique_ptr<net::SmtpClient> client;  // null: none
    std::string host;
    std::string requirement;  // its text form: the key of rule 16
    std::string tlsTrouble;   // why it is in clear text, though TLS was meant
    std::size_t transactions = 0;

    bool isOpen() const { return client && client->isReady(); }
    /// QUIT, where there is someone to say it to.
    task::Awaitable<void> close();
};

/// Leaves `link` open where it may be used again.
task::Awaitable<Outcome> attempt(DeliveryServices& services, Link& link, const queue::Lease& lease);

}  // namespace postseal::deliver
