// Makes what happened to a lease true: the queue's rows, the hop records and the reports to the sender, where
// they are due (RFC 3461 §5.2), in one batch; then the log lines. A store that can't commit is asked again
// until it can: what a peer has taken must not be delivered twice, and nothing is lost meanwhile, since the
// lease is still on disk.
#pragma once

#include "deliver/outcome.hpp"
#include "deliver/services.hpp"
#include "queue/spool.hpp"
#include "task/awaitable.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postseal::deliver {

/// In the store until then.
struct Waiting {
    std::string nextHop;
    base::Timestamp until{};
};

struct Settled {
    std::vector<queue::Lease> reports;    // queued and claimed: hand them over
    std::vector<Waiting> waiting;         // reports, too, of which enough have left (deliver/report_rates)
    std::optional<base::Timestamp> next;  // when what was deferred is due; none: nothing was
};

/// `random` in [0, 1) spreads the next attempt.
task::Awaitable<Settled> settle(DeliveryServices& services, queue::Lease lease, Outcome outcome,
                                double random);

/// The destination rests until `until`: counts as an attempt without a connection.
task::Awaitable<Settled> suspend(DeliveryServices& services, queue::Lease lease, base::Timestamp until,
                                 Reason reason);

/// How long a report waits before it is asked again whether it may leave: some of them are asked earlier.
std::chrono::seconds pauseOfReport(const queue::RetrySettings& retry, double random);
/// Whether a lease from the store is a report that has to wait on; it has left otherwise, and counts.
bool mustWait(DeliveryServices& services, const queue::Lease& lease, base::Timestamp now);

/// Untried, and due not before `until`.
task::Awaitable<void> giveBack(DeliveryServices& services, queue::Lease lease, base::Timestamp until);

}  // namespace postseal::deliver
