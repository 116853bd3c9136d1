#include "cli/open_store.hpp"

#include "config/load.hpp"
#include "store/open.hpp"

#include <cstdio>
#include <filesystem>

namespace postseal::cli {

base::Result<std::unique_ptr<store::Engine>, std::string> openStore(const std::string& configFile) {
    const auto settings = config::load(configFile);
    if (!settings) return base::fail(config::toText(settings.error()));
    const auto file = store::databaseFile(settings->dataDir);
    std::error_code ignored;  // what can't be looked at can't be opened either, and that is told
    if (!std::filesystem::exists(file, ignored))
        return base::fail(file.string() + " does not exist: has the server run with this configuration?");
    auto engine = store::readersOf(settings->dataDir)();
    if (!engine) return base::fail(base::toText(engine.error()));
    return std::move(*engine);
}

int failWith(const std::string& words) {
    std::fprintf(stderr, "postseal: %s%s", words.c_str(), words.ends_with('\n') ? "" : "\n");
    return 2;
}

}  // namespace postseal::cli
