// How this room asks DNS: net::Resolver's way (askBy), or a test's.
#pragma once

#include "dns/answer.hpp"
#include "task/awaitable.hpp"

#include <functional>
#include <vector>

namespace postseal::net {
class Resolver;
}

namespace postseal::discover {

/// Answers to all questions, in their order.
using Ask = std::function<task::Awaitable<std::vector<dns::Answer>>(std::vector<dns::Question>)>;

/// The resolver outlives whoever asks; each question has the time that a resolver needs to give up.
Ask askBy(net::Resolver& resolver);

}  // namespace postseal::discover
