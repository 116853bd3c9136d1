// Transport records: all hop records of a message, found by queue id or Message-ID, also when the message has
// left the queue. On a read-only connection; blocking.
#pragma once

#include "record/hop.hpp"
#include "store/engine.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::ledger {

/// What the records tell last of a recipient; whether it is still queued or held, the queue knows.
struct RecipientFate {
    std::string address;
    std::string state = "queued";   // queued, delivered, returned, deleted, discarded
    std::string verdict = "waits";  // sealed, encrypted, open, waits, returns; how it left us
    std::string reason = {};        // empty where nothing went wrong
};

struct TransportRecord {
    record::QueueId queueId;
    std::string messageId;
    std::string sender;  // empty: null reverse-path
    std::vector<RecipientFate> recipients;
    std::vector<record::HopRecord> hops;  // in the order of time
};

/// The messages that bear the queue id or Message-ID (with or without angle brackets); none: empty.
base::Result<std::vector<TransportRecord>> find(store::Engine& engine, std::string_view idOrMessageId);

/// What `trace --json` prints: an array.
std::string toJson(const std::vector<TransportRecord>& records);

}  // namespace postseal::ledger
