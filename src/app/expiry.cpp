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
base::Result<bool> Expiry::isDoubtful(const Now& now) {
    bool jumped = clock_.look(now.calendar, now.steady) > pause;
    if (isFirst_) {
        const auto newest = queue::newestId(readers_);
        if (!newest) return base::fail(newest.error());
        jumped = now.calendar - *newest > settings_.detail;
        isFirst_ = false;
    }
    if (jumped) restUntil_ = now.steady + restAfterJump;
    return now.steady < restUntil_;
}

Resident::Done Expiry::tick(const Now& now) {
    if (const auto done = expireSome(now); !done)
        return base::fail("old records stay: " + base::toText(done.error()));
    return {};
}

base::Result<void> Expiry::expireSome(const Now& now) {
    const auto doubtful = isDoubtful(now);
    if (!doubtful) return base::fail(doubtful.error());
    const auto today = now.calendar;
    if (*doubtful || (today < next_ && next_ - today <= pause)) return {};
    next_ = today + pause;
    const auto oldest = oldestQueued(readers_, today);
    if (!oldest) return base::fail(oldest.error());
    store::Batch batch;
    ledger::expire(batch, settings_, today, *oldest, rowsAtOnce);
    const auto done = writer_.commitBlocking(std::move(batch));
    if (!done) return base::fail(done.error());
    const auto gone = deliver::letKeptReportsGo(readers_, writer_, dataDir_, {}, today, log_);
    if (!gone) return base::fail(gone.error());
    const bool isFull = std::ranges::any_of(done->changes, [](auto rows) { return rows >= rowsAtOnce; });
    if (isFull || *gone > 0) next_ = today;
    return {};
}

}  // namespace postseal::app
