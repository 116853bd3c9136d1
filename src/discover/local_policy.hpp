// What this house itself says of a domain, for the decision: its exception, the alliances that name it, and
// what is remembered of it. Of memory only where the next hop is the domain itself: through a route nobody's
// own hosts are reached. An alliance's demand stays there, too: it is met by its members' hosts or not at
// all.
#pragma once

#include "discover/alliances.hpp"
#include "discover/destination.hpp"
#include "discover/exceptions.hpp"
#include "discover/memory_store.hpp"

namespace postseal::discover {

/// None: one of them is not read yet.
std::optional<LocalPolicy> localPolicyOf(const Exceptions& exceptions, const Alliances& alliances,
                                         const MemoryStore& memory, const Query& query, base::Timestamp now);

}  // namespace postseal::discover
