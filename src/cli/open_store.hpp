// The store of a configuration, opened to look at it: whether the server runs or not.
#pragma once

#include "base/result.hpp"
#include "store/engine.hpp"

#include <memory>
#include <string>

namespace postseal::cli {

/// The error is for people: a configuration that is wrong, or a store that is not there yet or can't be read.
base::Result<std::unique_ptr<store::Engine>, std::string> openStore(const std::string& configFile);

/// Prints `postseal: words` to standard error and gives the status for it.
int failWith(const std::string& words);

}  // namespace postseal::cli
