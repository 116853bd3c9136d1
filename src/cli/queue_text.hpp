// The queue as `postseal queue list|show|balance` tells it to people. Pure: what the queue gave in, text out.
#pragma once

#include "queue/look.hpp"

#include <string>
#include <vector>

namespace postseal::cli {

/// One message a line, its recipients below it with when and why they wait.
std::string forPeople(const std::vector<queue::Listed>& messages);
std::string forPeople(const queue::Balance& balance);

}  // namespace postseal::cli
