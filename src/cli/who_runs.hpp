// Who gives a command, for the records of what it changed.
#pragma once

#include <string>

namespace postseal::cli {

/// By sudo whoever called it, else the user.
std::string whoRuns();

}  // namespace postseal::cli
