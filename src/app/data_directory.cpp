#include "app/data_directory.hpp"

#include "app/schemas.hpp"
#include "store/open.hpp"

#include <utility>

namespace postseal::app {

DataDirectory::DataDirectory(const config::Settings& settings, std::optional<store::Ownership> ownership,
                             log::Log log)
    : path_(settings.dataDir), log_(log), ownership_(std::move(ownership)), isOwner_(ownership_.has_value()),
      writer_(opener(), {.dataDir = path_, .reserveBytes = settings.diskReserveBytes}),
      readers_(store::readersOf(path_)) {}

store::Opener DataDirectory::opener() const {
    return [this, open = store::writerOf(path_, schemas())] {
        if (isOwner_) return open();
        return base::Result<std::unique_ptr<store::Engine>>(
            base::fail(store::makeError(store::Errc::io, "the data directory can't be used")));
    };
}

Resident::Done DataDirectory::open() {
    if (!ownership_) {
        auto taken = store::Ownership::take(path_);
        if (!taken) return base::fail("the data directory can't be used: " + base::toText(taken.error()));
        if (!taken->corrected().empty()) log_.warning(log::Line().text(taken->corrected()));
        ownership_ = std::move(*taken);
        isOwner_ = true;
    }
    // The first commit opens the store and brings its tables up to date, which whoever reads relies on.
    if (const auto done = writer_.commitBlocking({}); !done)
        return base::fail("the store can't be opened: " + base::toText(done.error()));
    return {};
}

Resident::Done DataDirectory::tick(const Now& /*now*/) {
    const auto found = writer_.trouble();
    auto trouble = found ? base::toText(*found) : std::string();
    if (trouble == trouble_) return {};
    if (found)
        log_.error(log::Line().text("the store is in trouble: " + trouble));
    else
        log_.info("the store is well again");
    trouble_ = std::move(trouble);
    return {};
}

std::vector<std::string> DataDirectory::needsRestart(const config::Settings& from,
                                                     const config::Settings& to) const {
    std::vector<std::string> keys;
    if (from.dataDir != to.dataDir) keys.emplace_back("data_dir");
    if (from.diskReserveBytes != to.diskReserveBytes) keys.emplace_back("limits.disk_reserve");
    return keys;
}

}  // namespace postseal::app
