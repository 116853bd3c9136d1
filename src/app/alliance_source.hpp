// Where a list comes from, for the command line: a file, or a URL that is fetched as the server would fetch
// it, under its configuration. One core of its own. Called by one thread.
#pragma once

#include "base/result.hpp"

#include <string>

namespace postseal::app {

/// The text; the error begins with the file or URL.
base::Result<std::string, std::string> readAllianceSource(const std::string& configFile,
                                                          const std::string& source);

}  // namespace postseal::app
