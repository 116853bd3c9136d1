// Hop records into the store: appended to the batch that changes the queue, so that a message and its record
// are one. A hop without a queue id (refused before anything was queued) is kept apart, for a shorter time.
// What happened to a recipient without a hop (given up, deleted, discarded) is written by settled(). Any
// thread.
#pragma once

#include "record/hop.hpp"
#include "store/batch.hpp"
#include "store/migrations.hpp"

#include <string>

namespace postseal::ledger {

extern const store::Schema schema;

void append(store::Batch& batch, const record::HopRecord& hop);

/// The end of a recipient that no hop record tells.
struct Settled {
    record::QueueId queueId;
    std::string address;
    std::string state;  // returned, deleted, discarded
    std::string reason;
    base::Timestamp time{};
};
void append(store::Batch& batch, const Settled& settled);

}  // namespace postseal::ledger
