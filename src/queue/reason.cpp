#include "queue/reason.hpp"

namespace postseal::queue {

std::string_view toText(State state) {
    switch (state) {
    case State::queued: return "queued";
    case State::held:
    case State::kept: return "held";
    }
    return "";
}

std::string reasonText(State state, Tried tried, std::string_view reason) {
    std::string text;
    if (state == State::kept) text = "a report that can't be delivered: ";
    if (tried == Tried::another && !reason.empty()) text += "delivery temporarily suspended: ";
    return text += reason;
}

}  // namespace postseal::queue
