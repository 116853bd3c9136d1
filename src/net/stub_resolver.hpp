// Asks a validating resolver of this machine and takes its word for DNSSEC, the AD bit (rule 17): UDP, and
// TCP where an answer was cut. Only loopback servers are given to it (the configuration refuses others). No
// cache: the resolver has one. On its core.
#pragma once

#include "base/time.hpp"
#include "dns/answer.hpp"
#include "net/endpoint.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

namespace postseal::task {
struct Core;
}

namespace postseal::net {

class StubResolver {
public:
    static constexpr int rounds = 3;                         // over all servers
    static constexpr std::chrono::seconds firstPatience{2};  // with one server; doubles with each round

    StubResolver(std::vector<Endpoint> servers, task::Core& core);

    /// Failed when no server has answered by the deadline, or the core's tasks are cancelled.
    task::Awaitable<dns::Answer> ask(dns::Question question, base::Tick deadline);

private:
    std::vector<Endpoint> servers_;
    task::Core& core_;
    std::mt19937 random_;
};

}  // namespace postseal::net
