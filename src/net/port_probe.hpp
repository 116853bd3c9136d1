// Whether a port is ours alone. Cores share their ports (SO_REUSEPORT), and the kernel lets another program
// that does the same have a share as well, Postfix for one: connections would go now to the one, now to the
// other. So each address is bound once without sharing before it is bound for good. Blocking, short.
#pragma once

#include "base/result.hpp"
#include "net/endpoint.hpp"

#include <string>
#include <vector>

namespace postseal::net {

/// A process that listens; of several that share a socket, the first.
struct PortHolder {
    Endpoint at;
    int process = 0;
    std::string program;

    bool operator==(const PortHolder&) const = default;
};

/// Fails where the address, or one that it stands for (0.0.0.0:25 and 127.0.0.1:25), is served already, and
/// where it can't be bound at all. The error is for people: it names who has it and what to do. Waits for a
/// moment, since a server that has just ended may still be letting go.
base::Result<void> probePort(const Endpoint& at);

/// Who listens where connections to `at` would go: all of them for root, for others their own.
std::vector<PortHolder> holdersOf(const Endpoint& at);

}  // namespace postseal::net
