// Can one validate behind these servers? Each is asked for the root's keys with their signatures: a resolver
// that leaves signatures out, as those of some providers and routers do, is named with its cure before mail
// waits for it. By UDP; a server that is silent, or whose answer does not fit, is no word against it.
#pragma once

#include "net/resolver_settings.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace postseal::task {
struct Core;
}

namespace postseal::net {

constexpr std::chrono::seconds probePatience{5};  // all servers are asked at once

/// The servers that questions go to: the configuration's, else those of /etc/resolv.conf.
std::vector<Endpoint> serversOf(const ResolverSettings& settings);

/// On the core. What is wrong with which server and what to do, for people; empty: nothing, or it is not we
/// who validate.
task::Awaitable<std::string> whyNothingValidates(task::Core* core, ResolverSettings settings);

/// The same, blocking, for a command.
std::string whyNothingValidates(const ResolverSettings& settings);

}  // namespace postseal::net
