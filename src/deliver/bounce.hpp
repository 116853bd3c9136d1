// The message that returns to a sender what could not be delivered: reads the header of the original, has
// mail/dsn write the text, and says where it goes. It is queued in the batch that takes the failed recipients
// out (deliver/settle).
#pragma once

#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "queue/spool.hpp"
#include "task/awaitable.hpp"

#include <span>

namespace postseal::deliver {

/// A bounce to be queued, and how it came in: from ourselves, so that it can be traced like any other
/// message.
struct Bounce {
    queue::NewMessage message;
    record::HopRecord hop;
};

/// `message` has a sender; nobody is told of a bounce that bounces.
task::Awaitable<Bounce> makeBounce(Services& services, const queue::Message& message,
                                   std::span<const RecipientEnd> failed, base::Timestamp now);

/// The log lines of its queueing, in Postfix's words.
void logBounce(const Services& services, const record::QueueId& about, const Bounce& bounce);

}  // namespace postseal::deliver
