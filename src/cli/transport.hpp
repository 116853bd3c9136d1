// The transport record of a message as `postseal trace` tells it: its hops, what became of each recipient,
// and the verdict in people's words. Pure: hop records and queue rows in, text out.
#pragma once

#include "record/hop.hpp"

#include <span>
#include <string>
#include <vector>

namespace postseal::cli {

/// A recipient that still waits in the queue.
struct Waiting {
    record::QueueId queueId;
    std::string address, reason;
};

struct TracedRecipient {
    std::string address;
    std::string state;    // queued, delivered, returned
    std::string verdict;  // sealed, encrypted, open (what the hops from our server on had), waits, returns
    std::string reason;   // why it waits or returned, for people
};

struct Transport {
    record::QueueId queueId;  // empty: refused, nothing was queued
    std::string messageId, sender;
    std::vector<TracedRecipient> recipients;
    std::vector<record::HopRecord> hops;  // in order of time
};

/// One for each message, in order of their first hop.
std::vector<Transport> transportsOf(std::vector<record::HopRecord> hops, std::span<const Waiting> waiting);

std::string forPeople(std::span<const Transport> transports);
std::string toJson(std::span<const Transport> transports);

}  // namespace postseal::cli
