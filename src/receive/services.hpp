// What the sessions of one core share. Its thread uses it.
#pragma once

#include "ledger/refused.hpp"
#include "log/sink.hpp"
#include "queue/body.hpp"
#include "queue/id.hpp"
#include "queue/spool.hpp"
#include "receive/arrival_memory.hpp"
#include "receive/client_names.hpp"
#include "receive/rates.hpp"
#include "receive/refusal_budget.hpp"
#include "store/writer.hpp"
#include "task/cores.hpp"

#include <atomic>
#include <functional>
#include <vector>

namespace postseal::receive {

/// Outlives the sessions.
struct ReceivingServices {
    task::Core& core;
    log::Log log;
    store::Writer& writer;
    queue::Bodies& bodies;
    queue::IdMaker& ids;
    Rates& rates;
    ArrivalMemory& memory;
    ClientNames& names;
    const std::atomic<bool>& queueReady;                      // until then mail is put off
    std::function<void(std::vector<queue::Lease>)> handOver;  // freshly queued, already claimed
    ledger::RefusedMails& refusedMails;                       // by the rules for incoming mail
    RefusalBudget refusals = {};
};

}  // namespace postseal::receive
