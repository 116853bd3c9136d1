// One SMTP session with a client: performs what smtp::ServerSession says, on a connection. Decides who may
// send to whom (never an open relay), and makes each message durable together with its hop record in one
// batch before the 250 is said. A session stays on its core.
#pragma once

#include "log/sink.hpp"
#include "net/connection.hpp"
#include "queue/body.hpp"
#include "queue/id.hpp"
#include "queue/spool.hpp"
#include "receive/client_names.hpp"
#include "receive/rates.hpp"
#include "receive/refusal_budget.hpp"
#include "receive/settings.hpp"
#include "store/writer.hpp"
#include "task/cores.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace postseal::receive {

/// Of one core; its thread writes, others may read what is a little old.
struct Counters {
    std::uint64_t connections = 0, turnedAway = 0, messages = 0, refusals = 0, tlsFailures = 0;
};

/// What the sessions of one core share. Outlives them.
struct Services {
    task::Core& core;
    log::Log log;
    store::Writer& writer;
    queue::Bodies& bodies;
    queue::IdMaker& ids;
    Rates& rates;
    ClientNames& names;
    const std::atomic<bool>& queueReady;                      // until then mail is put off
    std::function<void(std::vector<queue::Claim>)> handOver;  // freshly queued, already claimed
    RefusalBudget refusals = {};
    Counters counters = {};
};

/// Spawned once a connection; the services outlive it.
task::Awaitable<void> serve(Services* services, std::shared_ptr<const Site> site, net::Connection connection);

}  // namespace postseal::receive
