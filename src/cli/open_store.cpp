#include "cli/open_store.hpp"

#include "app/schemas.hpp"
#include "config/load.hpp"
#include "queue/lease.hpp"
#include "store/data_dir.hpp"
#include "store/open.hpp"

#include <cstdio>
#include <optional>
#include <utility>

namespace postseal::cli {
namespace {

base::Result<std::filesystem::path, std::string> dataDirOf(const std::string& configFile) {
    const auto settings = config::load(configFile, config::Purpose::look);
    if (!settings) return base::fail(config::toText(settings.error()));
    const auto file = store::databaseFile(settings->dataDir);
    std::error_code ignored;  // what can't be looked at can't be opened either, and that is told
    if (!std::filesystem::exists(file, ignored))
        return base::fail(file.string() + " does not exist: has the server run with this configuration?");
    return settings->dataDir;
}

}  // namespace

base::Result<OpenStore, std::string> openStore(const std::string& configFile) {
    const auto dataDir = dataDirOf(configFile);
    if (!dataDir) return base::fail(dataDir.error());
    auto engine = store::readersOf(*dataDir)();
    if (!engine) return base::fail(base::toText(engine.error()));
    return OpenStore{std::move(*engine), *dataDir, store::Ownership::isTaken(*dataDir)};
}

base::Result<OpenStore, std::string> openStoreToSteer(const std::string& configFile) {
    const auto dataDir = dataDirOf(configFile);
    if (!dataDir) return base::fail(dataDir.error());
    // Ours until the leases are void, no longer: a server that starts then finds the directory free.
    std::optional<store::Ownership> ours;
    if (!store::Ownership::isTaken(*dataDir)) {
        auto taken = store::Ownership::take(*dataDir);
        if (!taken && taken.error().code != store::Errc::owned)
            return base::fail(base::toText(taken.error()));
        if (taken) ours = std::move(*taken);
    }
    auto engine = store::writerOf(*dataDir, app::schemas())();
    if (!engine) return base::fail(base::toText(engine.error()));
    if (ours)
        if (const auto voided = queue::voidLeases(**engine); !voided)
            return base::fail(base::toText(voided.error()));
    return OpenStore{std::move(*engine), *dataDir, !ours};
}

base::Result<OpenStore, std::string> openStoreToWrite(const std::string& configFile) {
    const auto dataDir = dataDirOf(configFile);
    if (!dataDir) return base::fail(dataDir.error());
    auto engine = store::writerOf(*dataDir, app::schemas())();
    if (!engine) return base::fail(base::toText(engine.error()));
    return OpenStore{std::move(*engine), *dataDir, store::Ownership::isTaken(*dataDir)};
}

int failWith(const std::string& words) {
    std::fprintf(stderr, "postseal: %s%s", words.c_str(), words.ends_with('\n') ? "" : "\n");
    return 2;
}

int sayNo(const std::string& words) {
    std::fprintf(stderr, "postseal: %s\n", words.c_str());
    return 1;
}

void print(std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    std::fputs(text.c_str(), stdout);
}

}  // namespace postseal::cli
