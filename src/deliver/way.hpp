// How a transport is reached: its hosts in the order to be tried, and how they are spoken to. What stays on
// this machine (discover/course) goes by neither DNS nor the policy map, since nobody is between.
#pragma once

#include "deliver/services.hpp"
#include "net/endpoint.hpp"
#include "queue/spool.hpp"
#include "record/transport.hpp"
#include "smtp/client_session.hpp"
#include "task/awaitable.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::deliver {

struct Way {
    std::shared_ptr<const discover::Destination> destination;
    smtp::Dialect dialect = smtp::Dialect::smtp;
    bool isLocal = false;
    std::optional<record::UnixSocket> socket = {};  // of the destination's one host

    /// Where `host` listens.
    std::vector<net::SocketAddress> placesOf(const discover::Host& host) const;
};

/// Those of a lease who are reached alike: on a route that several domains share, one of them may be known
/// for something (memory, an exception).
struct Leg {
    Way way;
    std::optional<discover::Query> query;  // that found the way; none: it is on this machine
    std::vector<queue::LeasedRecipient> recipients;
};
/// At least one. The lease's route is no Maildir.
task::Awaitable<std::vector<Leg>> legsOf(DeliveryServices& services, const queue::Lease& lease);

}  // namespace postseal::deliver
