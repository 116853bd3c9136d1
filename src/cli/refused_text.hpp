// What `postseal report refused` prints for people: who was refused by which rule, the most refused first.
// Pure.
#pragma once

#include "ledger/refused.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace postseal::cli {

/// At most `limit` of them; the rest together in one line.
std::string forPeople(const std::vector<ledger::RefusedSum>& sums, std::size_t limit);

}  // namespace postseal::cli
