// What an attempt tells of how its domain is reached, for the memory (policy/memory): the protection that a
// delivery had, or what was found where policy held it back. Only of the domain's own hosts: through a route
// nothing is learnt of who lies beyond it. Nothing of reports either: whom they go to is a stranger's to
// choose.
#pragma once

#include "deliver/outcome.hpp"
#include "policy/memory.hpp"
#include "queue/spool.hpp"

#include <optional>

namespace postseal::deliver {

/// None: the attempt tells nothing of it.
std::optional<policy::Contact> contactOf(const queue::Lease& lease, const Outcome& outcome);

}  // namespace postseal::deliver
