#include "app/expiry.hpp"

#include "deliver/kept_reports.hpp"
#include "queue/id.hpp"
#include "queue/look.hpp"
#include "store/batch.hpp"

#include <algorithm>
#include <vector>

namespace postseal::app {
namespace {

/// When the oldest message that still waits came; its records stay.
base::Result<base::Timestamp> oldestQueued(store::Readers& readers, base::Timestamp now) {
    return readers.read<base::Timestamp>([now](store::Engine& engine) -> base::Result<base::Timestamp> {
        const auto first = queue::list(engine, {}, 1);
        if (!first) return base::fail(first.error());
        return first->empty() ? now : first->front().arrived;
    });
}

}  // namespace

/// Whether the time may be wrong. At start there is only the newest message to compare it with.
base::Result<bool> Expiry::isDoubtful(const ledger::Settings& settings, base::Timestamp now,
                                      base::Tick steady) {
    bool jumped = clock_.look(now, steady) > pause;
    if (isFirst_) {
        const auto newest = queue::newestId(readers_);
        if (!newest) return base::fail(newest.error());
        jumped = now - *newest > settings.detail;
        isFirst_ = false;
    }
    if (jumped) restUntil_ = steady + restAfterJump;
    return steady < restUntil_;
}

base::Result<void> Expiry::tick(const ledger::Settings& settings, base::Timestamp now, base::Tick steady) {
    const auto doubtful = isDoubtful(settings, now, steady);
    if (!doubtful) return base::fail(doubtful.error());
    if (*doubtful || (now < next_ && next_ - now <= pause)) return {};
    next_ = now + pause;
    const auto oldest = oldestQueued(readers_, now);
    if (!oldest) return base::fail(oldest.error());
    store::Batch batch;
    ledger::expire(batch, settings, now, *oldest, rowsAtOnce);
    const auto done = writer_.commitBlocking(std::move(batch));
    if (!done) return base::fail(done.error());
    const auto gone = deliver::letKeptReportsGo(readers_, writer_, dataDir_, {}, now, log_);
    if (!gone) return base::fail(gone.error());
    const bool isFull = std::ranges::any_of(done->changes, [](auto rows) { return rows >= rowsAtOnce; });
    if (isFull || *gone > 0) next_ = now;
    return {};
}

}  // namespace postseal::app
