// A listening socket of one core. Cores listen on the same address side by side (SO_REUSEPORT) and the kernel
// spreads the connections. The accept loop survives what goes wrong with one connection, and waits a little
// while descriptors or memory are out; how many sessions there may be is for the receiver of the connections
// to say.
#pragma once

#include "base/result.hpp"
#include "log/sink.hpp"
#include "net/connection.hpp"
#include "net/endpoint.hpp"
#include "task/awaitable.hpp"

#include <functional>
#include <memory>

namespace postseal::task {
struct Core;
}

namespace postseal::net {

class Listener {
public:
    /// Port 0: the system chooses, local() tells. The error names the address.
    static base::Result<Listener> open(task::Core& core, Endpoint at);
    /// Takes over a descriptor that listens already (socket activation); it is shared with other cores by
    /// dup(2).
    static base::Result<Listener> adopt(task::Core& core, int descriptor);

    Listener(Listener&&) noexcept;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();

    const Endpoint& local() const;
    /// Gives each connection to `take` (which spawns its session and returns) until the task is cancelled. To
    /// be spawned on the listener's core, with a Listener of its own.
    static Awaitable<void> acceptAll(Listener listener, std::function<void(Connection)> take, log::Log log);

private:
    struct State;
    explicit Listener(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace postseal::net
