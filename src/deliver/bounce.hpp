// The message that tells a sender what became of a message (RFC 3461 §5.2, §6): reads as much of the original
// as is to come back, has mail/dsn write the text, and says where it goes. It is queued in the batch that
// takes the recipients out, or defers them (deliver/settle).
#pragma once

#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "queue/spool.hpp"
#include "task/awaitable.hpp"

#include <span>

namespace postseal::deliver {

/// A report to be queued, and how it came in: from ourselves, so that it can be traced like any other
/// message.
struct QueuedReport {
    DsnKind kind = DsnKind::failure;
    queue::NewMessage message;
    record::HopRecord hop;
    std::chrono::seconds wait{0};  // before it is asked whether it may leave
};

/// What a report is about.
struct DsnCause {
    DsnKind kind = DsnKind::failure;
    const queue::Lease& lease;           // of a message with a sender: nobody is told of a report that fails
    std::span<const RecipientEnd> ends;  // of the recipients to be told of; at least one
    std::span<const record::HopRecord> hops;  // of this attempt
    base::Timestamp now{};
};
task::Awaitable<QueuedReport> makeDsn(DeliveryServices& services, DsnCause cause);

/// The log lines of its queueing, in Postfix's words.
void logDsn(const DeliveryServices& services, const record::QueueId& about, const QueuedReport& dsn);

}  // namespace postseal::deliver
