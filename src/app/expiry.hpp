// Lets old records go, a little each second and only once an hour, so that nobody waits for it and a clock
// that jumped costs little before someone sees it (rule 54). On the supervisor's thread; blocking, short.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "ledger/retention.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

#include <chrono>

namespace postseal::app {

class Expiry {
public:
    static constexpr std::chrono::seconds pause{3600};
    static constexpr int rowsAtOnce = 500;

    Expiry(store::Writer& writer, store::Readers& readers) : writer_(writer), readers_(readers) {}

    /// Once a second; does something when its time has come.
    base::Result<void> tick(const ledger::Settings& settings, base::Timestamp now);

private:
    store::Writer& writer_;
    store::Readers& readers_;
    base::Timestamp next_{};
};

}  // namespace postseal::app
