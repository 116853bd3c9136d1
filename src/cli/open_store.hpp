// The store of a configuration, opened to look at it or to steer the queue: whether the server runs or not.
#pragma once

#include "base/result.hpp"
#include "store/engine.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace postseal::cli {

struct OpenStore {
    std::unique_ptr<store::Engine> engine;
    std::filesystem::path dataDir;
    bool isServed = false;  // a server runs: what is claimed in the store is in delivery now
};

/// The error is for people: a configuration that is wrong, or a store that is not there yet or can't be read.
base::Result<OpenStore, std::string> openStore(const std::string& configFile);
/// The same with the right to write. Where no server runs, the claims that one left behind are void.
base::Result<OpenStore, std::string> openStoreToSteer(const std::string& configFile);
/// The same for what does not touch the queue.
base::Result<OpenStore, std::string> openStoreToWrite(const std::string& configFile);

/// Prints `postseal: words` to standard error and gives the status for it.
int failWith(const std::string& words);
/// The same where the answer is no.
int sayNo(const std::string& words);
/// Prints to standard output, with a line's end.
void print(std::string text);

}  // namespace postseal::cli
