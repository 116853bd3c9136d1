#include "app/expiry.hpp"

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

base::Result<void> Expiry::tick(const ledger::Settings& settings, base::Timestamp now) {
    if (now < next_ && next_ - now <= pause) return {};
    next_ = now + pause;
    const auto oldest = oldestQueued(readers_, now);
    if (!oldest) return base::fail(oldest.error());
    store::Batch batch;
    ledger::expire(batch, settings, now, *oldest, rowsAtOnce);
    const auto done = writer_.commitBlocking(std::move(batch));
    if (!done) return base::fail(done.error());
    if (std::ranges::any_of(done->changes, [](auto rows) { return rows >= rowsAtOnce; })) next_ = now;
    return {};
}

}  // namespace postseal::app
