// A worker: one coroutine with at most one connection, which delivers leases of one next hop, one after the
// other, and waits a little for the next before it says QUIT. The connection is used again only under an
// equal requirement (rule 16).
#pragma once

#include "deliver/course.hpp"
#include "task/awaitable.hpp"

namespace postseal::deliver {

class Dispatcher;

/// Spawned by the dispatcher, which outlives it.
task::Awaitable<void> work(Dispatcher* dispatcher, course::Start start);

}  // namespace postseal::deliver
