// The course of a transport: whether its mail stays on this machine, where nobody is between (a Maildir, a
// Unix socket, LMTP or SMTP on a loopback address), or leaves over a network, by DNS and the policy map. The
// one place that says so, for delivery and for `check`. Pure.
#pragma once

#include "discover/destination.hpp"
#include "record/next_hop.hpp"
#include "record/transport.hpp"
#include "smtp/client_session.hpp"

#include <memory>
#include <optional>

namespace postseal::discover {

struct Course {
    smtp::Dialect dialect = smtp::Dialect::smtp;
    std::optional<record::NextHop> nextHop = {};    // over the network; none: it stays on this machine
    std::shared_ptr<const Destination> here = {};   // its one host; null: over the network, or a Maildir
    std::optional<record::UnixSocket> socket = {};  // of that host
};

/// SMTP on `localhost` or its addresses is of this machine where a port is written, since then the
/// administrator wrote it: an address without one may stand in any recipient's. A map's entry for it is kept
/// to, as for other hosts.
Course courseOf(const record::Transport& transport, const policy::Map* map);

}  // namespace postseal::discover
