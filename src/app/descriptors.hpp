// How many sessions the limit of open files allows: a server that runs out of descriptors fails where nobody
// expects it, so it turns clients away with a 421 before. Pure.
#pragma once

#include "config/settings.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace postseal::app {

/// Cuts limits.sessions to what `descriptors` open files allow; the warning, if it had to.
std::optional<std::string> fitSessions(config::Settings& settings, std::size_t descriptors);

}  // namespace postseal::app
