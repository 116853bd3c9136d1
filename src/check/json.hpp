// The one JSON form of a check: an object as `postseal check --json` prints it (docs/check.md). What stands
// for one leg stands at the top, too, where there is only one.
#pragma once

#include "check/checked.hpp"

#include <string>

namespace postseal::check {

std::string toJson(const Checked& checked);

}  // namespace postseal::check
