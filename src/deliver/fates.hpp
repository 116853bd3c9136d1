// What an attempt means for each recipient, and for the sender: who is gone, who waits, who is given up, and
// of whom a report is due (RFC 3461 §5.2, rule 54). A report that can't be delivered is never given up:
// nobody would hear of what it tells. Pure.
#pragma once

#include "deliver/outcome.hpp"
#include "queue/backoff.hpp"
#include "queue/spool.hpp"

#include <span>
#include <vector>

namespace postseal::deliver {

struct Fates {
    std::vector<RecipientEnd> delivered;
    std::vector<RecipientEnd> returned;   // the sender is told
    std::vector<RecipientEnd> discarded;  // he wants to hear of no failure (NOTIFY)
    std::vector<RecipientEnd> kept;       // of a message without a sender: held, for the administrator to see
    std::vector<RecipientEnd> deferred;
    std::vector<RecipientEnd> late;  // of the deferred ones: now it is time to tell
};
Fates fatesOf(const queue::RetrySettings& settings, const queue::Message& message,
              std::vector<RecipientEnd> ends, base::Timestamp now);

/// A report that is due, and of whom.
struct Telling {
    DsnKind kind = DsnKind::failure;
    std::vector<RecipientEnd> ends = {};
};
/// None for a message without a sender.
std::vector<Telling> tellingsOf(const queue::Message& message, const Fates& fates);

/// The next attempt of those that are deferred together, at least one: by the least tried of them. `random`
/// in [0, 1) spreads it.
base::Timestamp nextAttempt(const queue::RetrySettings& settings, std::span<const RecipientEnd> deferred,
                            base::Timestamp now, double random);

}  // namespace postseal::deliver
