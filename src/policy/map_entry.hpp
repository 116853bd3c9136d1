// The right-hand side of a policy map's line: a level and its attributes. Within this room only.
#pragma once

#include "policy/map.hpp"

#include <span>
#include <vector>

namespace postseal::policy {

/// A word and the line it stands on; an entry may be continued on further lines.
struct Word {
    std::string_view text;
    std::size_t line = 0;
};

/// Appends every fault to `faults`; the entry is of use only where there is none. `words` is not empty.
MapEntry parseEntry(std::span<const Word> words, const LoadAnchors& loadAnchors,
                    std::vector<MapFault>& faults);

/// The start of a fault: the foreign word, escaped and in quotes.
std::string inQuotes(std::string_view word);

}  // namespace postseal::policy
