// How this room asks DNS: net::Resolver's way, or a test's.
#pragma once

#include "dns/answer.hpp"
#include "task/awaitable.hpp"

#include <functional>
#include <vector>

namespace postseal::discover {

/// Answers to all questions, in their order.
using Ask = std::function<task::Awaitable<std::vector<dns::Answer>>(std::vector<dns::Question>)>;

}  // namespace postseal::discover
