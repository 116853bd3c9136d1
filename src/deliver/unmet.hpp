// What it means for those who wait that policy keeps their message from a host: how the connection broke it,
// and the words for the log, for the queue and for the sender. Any thread.
#pragma once

#include "deliver/outcome.hpp"
#include "policy/explain.hpp"
#include "queue/backoff.hpp"
#include "smtp/client_session.hpp"

#include <optional>
#include <string>

namespace postseal::deliver {

/// How a connection's failure broke its requirement; none: it is no matter of policy.
std::optional<policy::Unmet> unmetBy(const smtp::SessionFailure& failure,
                                     const record::Requirement& requirement, const std::string& relay);
/// For records.
record::Why whyOf(const policy::Unmet& unmet);

/// A fault may be all that it is: another time it may be otherwise.
bool isPassing(const policy::Unmet& unmet);

/// For now, with what is told once it returns.
Reason reasonOf(const record::Requirement& requirement, const policy::Unmet& unmet,
                const record::Mailbox& recipient);

/// Who waits will be returned after this attempt, and an MTA-STS policy kept the message from a host.
bool endsByMtaSts(const queue::RetrySettings& settings, const queue::Message& message, const Outcome& outcome,
                  base::Timestamp now);

}  // namespace postseal::deliver
