// The hop records of an attempt: what is known of a transfer whatever comes of it. Results, recipients and
// reasons are the attempt's to fill in.
#pragma once

#include "deliver/way.hpp"
#include "discover/destination.hpp"
#include "net/smtp_client.hpp"
#include "queue/spool.hpp"
#include "record/hop.hpp"

#include <string>

namespace postseal::deliver {

/// Over a connection, or what was to be one.
record::HopRecord hopOver(const queue::Lease& lease, const Way& way, const discover::Host& host,
                          const net::SmtpClient& client);
/// To a host that was not connected to.
record::HopRecord hopWithout(const queue::Lease& lease, const discover::Host& host);
/// Nobody was found.
record::HopRecord hopToNobody(const queue::Lease& lease, const discover::Failure& failure);

}  // namespace postseal::deliver
