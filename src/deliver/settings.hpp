// What an administrator can set about delivery. Times and counts with their defaults and reasons.
#pragma once

#include "base/domain_name.hpp"
#include "deliver/report_rates.hpp"
#include "queue/backoff.hpp"
#include "record/language.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace postseal::deliver {

struct Settings {
    std::string hostname;  // EHLO name and the reporting MTA of bounces
    // Of reports about mail that does not tell what its author reads; several: one after the other.
    std::vector<record::Language> languages{record::Language::english};
    queue::RetrySettings retry = {};
    ReportLimits reports = {};
    std::size_t concurrency = 20;              // connections to one next hop at a time, as Postfix's default
    std::size_t connections = 1000;            // and in all
    std::chrono::seconds idle{5};              // an open connection waits that long for the next message
    std::size_t messagesPerConnection = 1000;  // 1: no reuse
    std::size_t addressesPerAttempt =
        10;  // of all hosts together, so that a long MX list can't hold a message for hours
    std::size_t waitingLeases =
        10000;  // held in memory for all next hops of a core; above it they wait in the store
};

}  // namespace postseal::deliver
