// Answers a Postfix's smtp_tls_policy_maps = socketmap:inet:HOST:PORT:postseal (socketmap_table(5)) by the
// same engine that delivers here. One connection of one Postfix process after the other's requests, in order;
// each answer comes within Postfix's patience, or says TEMP: mail then waits at Postfix. One for each core.
#pragma once

#include "companion/questions.hpp"
#include "discover/destination.hpp"
#include "log/sink.hpp"
#include "net/connection.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace postseal::companion {

struct SocketmapServices {
    static constexpr std::size_t mostSessions = 1000;    // of one core
    static constexpr std::size_t longestRequest = 1000;  // a map's name and a next hop
    static constexpr std::chrono::seconds idle{300};     // Postfix's own limit is 10 s
    static constexpr std::chrono::seconds patience{60};  // for an answer; Postfix waits 100 s
    static constexpr std::chrono::seconds write{30};     // until Postfix has taken it

    discover::Destinations& destinations;
    Questions& questions;
    log::Log log;
    std::size_t sessions = 0;
    std::string anchorFolder = {};  // as in Asked
};

/// What is answered to one request, `postseal example.org`, of a client; never longer than Postfix takes.
task::Awaitable<std::string> answer(SocketmapServices& services, std::string request, net::Endpoint client);

/// A session until the client leaves; spawned.
task::Awaitable<void> serve(SocketmapServices* services, net::Connection connection);

}  // namespace postseal::companion
