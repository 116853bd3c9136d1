// Whether a transfer that was made kept to what a member of an alliance promises, as far as its record tells:
// what `alliance promote` looks at before a member is enforced. Whether a chain ends at one of the list's own
// anchors no record tells; where it ends at none of the configured CAs either, that is not held against it.
// Pure; any thread.
#pragma once

#include "policy/alliance.hpp"
#include "record/hop.hpp"

#include <string>

namespace postseal::policy {

/// Why the member's demand would have stopped the transfer; empty: it would not. `hop` is to the member
/// (direction out) or from it.
std::string whyStopped(const AllianceMember& member, const record::HopRecord& hop);

}  // namespace postseal::policy
