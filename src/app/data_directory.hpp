// The data directory: ours alone, and its store open. One that can't be had yet is no reason not to come up
// (rule 56): it is tried again each second, and until then nothing in it is touched.
#pragma once

#include "app/resident.hpp"
#include "store/data_dir.hpp"

#include <atomic>
#include <optional>

namespace postseal::app {

class DataDirectory final : public Resident {
public:
    /// `ownership` none: it could not be had at the start.
    DataDirectory(const config::Settings& settings, std::optional<store::Ownership> ownership, log::Log log);

    store::Writer& writer() { return writer_; }
    store::Readers& readers() { return readers_; }

    Done open() override;
    /// Says when the store gets into trouble, and when it is well again.
    Done tick(const Now& now) override;
    /// Commits what waits.
    void stop() override { writer_.stop(); }
    std::vector<std::string> needsRestart(const config::Settings& from,
                                          const config::Settings& to) const override;

private:
    store::Opener opener() const;

    std::filesystem::path path_;
    log::Log log_;
    std::optional<store::Ownership> ownership_;
    std::atomic<bool> isOwner_;
    store::Writer writer_;
    store::Readers readers_;
    std::string trouble_;  // as it was last logged
};

}  // namespace postseal::app
