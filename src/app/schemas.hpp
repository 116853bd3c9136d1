// The tables of all rooms: whoever opens the store to write brings them up to date together.
#pragma once

#include "store/migrations.hpp"

#include <vector>

namespace postseal::app {

std::vector<store::Schema> schemas();

}  // namespace postseal::app
