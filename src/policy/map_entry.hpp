// The right-hand side of a policy map's line: a level and its attributes. Within this room only.
#pragma once

#include "policy/map.hpp"
#include "policy/map_words.hpp"

#include <span>
#include <vector>

namespace postseal::policy {

/// Appends every fault to `faults`; the entry is of use only where there is none. `words` is not empty.
MapEntry parseEntry(std::span<const Word> words, const LoadAnchors& loadAnchors,
                    std::vector<MapFault>& faults);

}  // namespace postseal::policy
