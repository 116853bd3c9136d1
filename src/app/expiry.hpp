// Lets old records and old reports that nobody took go, a little each second and only once an hour, so that
// nobody waits for it. A clock that jumped lets nothing go for a day (rule 54). On the supervisor's thread;
// blocking, short.
#pragma once

#include "base/clock_jump.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "ledger/retention.hpp"
#include "log/sink.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

namespace postseal::app {

class Expiry {
public:
    static constexpr std::chrono::seconds pause{3600};
    static constexpr int rowsAtOnce = 500;

    Expiry(store::Writer& writer, store::Readers& readers, std::filesystem::path dataDir, log::Log log)
        : writer_(writer), readers_(readers), dataDir_(std::move(dataDir)), log_(log) {}

    /// After the clock went forward by more than `pause`, or where all would go at once: for somebody to see
    /// it.
    static constexpr std::chrono::hours restAfterJump{24};

    /// Once a second; does something when its time has come.
    base::Result<void> tick(const ledger::Settings& settings, base::Timestamp now, base::Tick steady);

private:
    store::Writer& writer_;
    store::Readers& readers_;
    std::filesystem::path dataDir_;
    log::Log log_;
    base::Result<bool> isDoubtful(const ledger::Settings& settings, base::Timestamp now, base::Tick steady);

    base::ClockJump clock_;
    bool isFirst_ = true;
    base::Tick restUntil_{};
    base::Timestamp next_{};
};

}  // namespace postseal::app
