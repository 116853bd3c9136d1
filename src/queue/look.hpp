// Looking at the queue: list, find, balance, on a read-only connection, for the command line and for pages.
// Blocking.
#pragma once

#include "base/time.hpp"
#include "queue/reason.hpp"
#include "record/envelope.hpp"
#include "record/message_id.hpp"
#include "store/engine.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::queue {

struct ListedRecipient {
    std::int64_t number = 0;  // within the message
    std::string address;
    std::string nextHop;
    State state = State::queued;
    bool inDelivery = false;
    base::Timestamp nextAttempt{};
    int attempts = 0;
    std::string reason;  // why it waits; empty: not tried yet
    Tried tried = Tried::itself;
};
/// Its reason for people.
std::string reasonText(const ListedRecipient& recipient);

struct Listed {
    record::QueueId id;
    std::string sender;  // empty: null reverse-path
    std::string messageId;
    std::uint64_t sizeBytes = 0;
    base::Timestamp arrived{};
    std::vector<ListedRecipient> recipients;
    std::string bodyFile;  // its name; empty: the body is in the row
    record::TlsDemand tls = record::TlsDemand::none;
};

/// Oldest first, at most `limit` messages younger than `after`; page on with the last id.
base::Result<std::vector<Listed>> list(store::Engine& engine, const record::QueueId& after, int limit);
/// By queue id or Message-ID (with or without its angle brackets), as far as it is still queued.
base::Result<std::vector<Listed>> find(store::Engine& engine, std::string_view idOrMessageId);

/// Counted per recipient since the store began; our own bounces are among the accepted.
struct Balance {
    std::int64_t accepted = 0, delivered = 0, returned = 0, queued = 0, held = 0, deleted = 0, discarded = 0;
    std::int64_t keptReports = 0;  // of the held: reports that can't be delivered

    std::int64_t difference() const {
        return accepted - delivered - returned - queued - held - deleted - discarded;
    }
    bool operator==(const Balance&) const = default;
};
base::Result<Balance> balance(store::Engine& engine);

std::string toJson(const Listed& message);  // an element of `queue list --json`
std::string toJson(const Balance& balance);

}  // namespace postseal::queue
