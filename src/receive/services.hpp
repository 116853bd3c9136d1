// What the sessions of one core share. Its thread uses it.
#pragma once

#include "discover/inbound.hpp"
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
#include "tls/verify.hpp"

#include <atomic>
#include <functional>
#include <memory>
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
    discover::Ask ask = {};                                   // DNS, for inbound policy
    discover::SharedInboundPolicy policy = {};                // as it is now
    std::shared_ptr<tls::Verifier> clients = {};              // of their chains
    RefusalBudget refusals = {};
};

}  // namespace postseal::receive
