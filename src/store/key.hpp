// The integer by which tables know a message: its queue id's time and sequence in one number, so that rows of
// new messages lie together at a table's end. Pure in itself; any thread.
#pragma once

#include "record/message_id.hpp"

#include <cstdint>

namespace postseal::store {

/// 0 for an empty id and for one that no maker of ours made: it finds nothing.
std::int64_t toKey(const record::QueueId& id);
record::QueueId fromKey(std::int64_t key);  // empty for 0

}  // namespace postseal::store
