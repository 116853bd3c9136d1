// Taking work: the due recipients of a destination become leases. At start all leases are void, since one
// server owns the data directory.
#pragma once

#include "queue/spool.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace postseal::queue {

/// Makes what was claimed by an earlier run due again. Once, before anything is received.
base::Result<void> voidLeases(store::Writer& writer);
/// The same for a command that found no server; whoever calls it owns the data directory meanwhile.
base::Result<void> voidLeases(store::Engine& engine);

struct Backlog {
    std::string nextHop;
    std::int64_t waiting = 0;  // recipients
    base::Timestamp earliest{};
};
/// All destinations that have someone waiting. Blocking.
base::Result<std::vector<Backlog>> waitingBacklogs(store::Readers& readers);

struct Wanted {
    std::string nextHop;
    base::Timestamp now{};
    /// RetrySettings::max: who waits longer than twice that has a clock to blame, and is due.
    std::chrono::seconds horizon{};
    int limit = 100;  // recipients
    /// Only of messages that arrived before: those of a dead destination that may have to be returned.
    std::optional<base::Timestamp> arrivedBefore = {};
    /// Only those whose sender wants to be told of a delay and was not, and that failed so often, this time
    /// included (rule 54: a clock that jumped makes nobody late); 0: all.
    int untold = 0;
};
/// The longest waiting recipients of a destination, claimed durably and grouped by message; empty: none is
/// due. One caller at a time per destination.
task::Awaitable<base::Result<std::vector<Lease>>> leaseDue(store::Writer& writer, Bodies& bodies,
                                                           Wanted wanted);

/// When the first of those that wait for a destination is due; none: nobody waits.
task::Awaitable<base::Result<std::optional<base::Timestamp>>> firstDue(Bodies& bodies, std::string nextHop);

}  // namespace postseal::queue
