// What the alliances that we joined demand of mail that comes in, as discover/inbound asks for it.
#pragma once

#include "discover/inbound.hpp"
#include "policy/alliance_set.hpp"

#include <memory>

namespace postseal::discover {

/// `set` null: the lists are not read yet, so that mail waits.
std::shared_ptr<const AllianceDemands> demandsOf(const std::shared_ptr<const policy::AllianceSet>& set);

}  // namespace postseal::discover
