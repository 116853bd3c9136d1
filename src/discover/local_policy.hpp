// What this house itself says of a domain, for the decision: its exception, and what is remembered of it. Of
// memory only where the next hop is the domain itself: through a route nobody's own hosts are reached.
#pragma once

#include "discover/destination.hpp"
#include "discover/exceptions.hpp"
#include "discover/memory_store.hpp"

namespace postseal::discover {

/// None: one of them is not read yet.
std::optional<LocalPolicy> localPolicyOf(const Exceptions& exceptions, const MemoryStore& memory,
                                         const Query& query, base::Timestamp now);

}  // namespace postseal::discover
