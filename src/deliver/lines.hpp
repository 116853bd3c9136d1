// What delivering says in the log, in Postfix's words, so that pflogsumm reads it; `tls=` between `dsn=` and
// `status=` tells what was wanted and what was had.
#pragma once

#include "deliver/outcome.hpp"
#include "log/line.hpp"
#include "queue/spool.hpp"

#include <string>

namespace postseal::deliver {

/// `to=<a@b>, relay=h[ip]:25, delay=1.2, delays=0/0/0.4/0.8, dsn=2.0.0 tls=secure/authenticated, status=sent
/// (250 ok)`
log::Line recipientLine(const queue::Message& message, const RecipientEnd& end, queue::Tried tried,
                        const Delays& delays, base::Timestamp now);
log::Line removedLine(const record::QueueId& id);
/// `from=<a@b>, status=expired, returned to sender`
log::Line expiredLine(const queue::Message& message);
/// `sender non-delivery notification: QUEUEID`
log::Line notificationLine(DsnKind kind, const record::QueueId& id, const record::QueueId& notification);

/// `sender delay notification let go: more reports than may leave to example.net in an hour (17 so far)`
log::Line letGoLine(const queue::Message& message, DsnKind kind, std::size_t soFar);

/// mx.example.org[192.0.2.1]:25; localhost[/run/dovecot/lmtp] for a Unix socket; `none` without an address.
std::string relayText(const record::Peer& peer);

}  // namespace postseal::deliver
