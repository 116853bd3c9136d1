// The name of a client, by a lookup that is given (its PTR record, confirmed by an address record of that
// name, as Postfix does). Asked once an address and kept for a while; a resolver that does not answer costs
// one bounded wait, and then nobody waits for a minute. Loopback is not asked for: 127.0.0.1 and ::1 are
// localhost. One per core, on its thread.
#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>

namespace postseal::net {
class Resolver;
}

namespace postseal::receive {

/// The confirmed name; empty: it has none. An error: nobody could say. Must end within 2 s or so.
using LookUpName = std::function<task::Awaitable<base::Result<std::string>>(base::IpAddress)>;

class ClientNames {
public:
    static constexpr std::chrono::seconds kept{600}, silence{60};
    static constexpr std::size_t most = 10'000;

    explicit ClientNames(LookUpName lookUp) : lookUp_(std::move(lookUp)) {}

    /// Empty: it has none, or nobody could say.
    task::Awaitable<std::string> find(base::IpAddress client);

private:
    struct Known {
        std::string name;
        base::Tick until;
    };

    LookUpName lookUp_;
    std::map<base::IpAddress, Known> known_;
    base::Tick silentUntil_{};
};

/// By DNS: the name of the PTR record, confirmed by its address record; an error after two seconds without an
/// answer. The resolver outlives whoever asks.
LookUpName lookUpBy(net::Resolver& resolver);

}  // namespace postseal::receive
