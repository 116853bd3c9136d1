// Why a recipient is still in the queue: what its row holds, and the words for people. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::queue {

/// As the row's column holds it.
enum class State : std::int64_t {
    queued = 0,
    held = 1,  // by an administrator
    kept = 2,  // a report that can't be delivered: held, too, until somebody has seen it (queue/kept)
};
/// `queued` or `held`: a kept report is held, and its reason says why.
std::string_view toText(State state);

/// Whose failure the reason tells, as the row's column holds it.
enum class Tried : std::int64_t {
    itself = 0,
    another = 1,  // it was not tried, since another one had just failed there
};

/// The reason as it is shown, and searched: "delivery temporarily suspended: timed out".
std::string reasonText(State state, Tried tried, std::string_view reason);

}  // namespace postseal::queue
