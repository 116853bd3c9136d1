#include "ledger/search.hpp"

#include "ledger/hash.hpp"
#include "record/json.hpp"
#include "record/json_text.hpp"
#include "store/key.hpp"

#include <algorithm>
#include <utility>

namespace postseal::ledger {
namespace {

using record::Assurance;
using record::HopRecord;
using record::HopResult;
using store::Row;
using store::Statement;

constexpr Statement selectHops{"SELECT record FROM hops WHERE message = ?1 ORDER BY id"};
constexpr Statement selectArrivals{"SELECT message, record FROM hops WHERE message_id_hash = ?1 AND "
                                   "message_id_hash IS NOT NULL ORDER BY message"};
constexpr Statement selectSettled{"SELECT address, state, reason FROM settled WHERE message = ?1"};

base::Error damaged(const std::string& why) {
    return store::makeError(store::Errc::corrupt, "a hop record can't be read: " + why);
}

std::string_view verdictOf(const HopRecord& hop) {
    if (hop.local) return "sealed";  // it crosses no network
    switch (hop.assurance.value_or(Assurance::cleartext)) {
    case Assurance::cleartext: return "open";
    case Assurance::encrypted: return "encrypted";
    case Assurance::authenticated: return "sealed";
    }
    return "open";
}

RecipientFate& fateOf(TransportRecord& transport, std::string_view address) {
    auto& all = transport.recipients;
    const auto found = std::ranges::find(all, address, &RecipientFate::address);
    if (found != all.end()) return *found;
    return all.emplace_back(RecipientFate{.address = std::string(address)});
}

/// One hop's word on one recipient.
void apply(const HopRecord& hop, const record::RecipientOutcome& outcome, RecipientFate& fate) {
    const auto& reason = outcome.reply.empty() ? hop.reason : outcome.reply;
    switch (outcome.result) {
    case HopResult::accepted: break;
    case HopResult::delivered:
        fate.state = "delivered";
        fate.verdict = verdictOf(hop);
        fate.reason.clear();
        break;
    case HopResult::deferred: fate.reason = reason; break;
    case HopResult::bounced:
    case HopResult::refused:
        fate.state = "returned";
        fate.verdict = "returns";
        fate.reason = reason;
        break;
    }
}

base::Result<void> readHops(store::Engine& engine, std::int64_t key, TransportRecord& transport) {
    std::string fault;
    auto read = store::query(engine, selectHops, {key}, [&](const Row& row) {
        auto hop = record::parseHop(row.text(0));
        if (hop)
            transport.hops.push_back(std::move(*hop));
        else
            fault = hop.error();
    });
    if (!read) return read;
    if (!fault.empty()) return base::fail(damaged(fault));
    // Arrival and departure may bear one time.
    std::ranges::sort(transport.hops, {},
                      [](const HopRecord& hop) { return std::pair(hop.time, hop.direction); });
    return {};
}

base::Result<TransportRecord> readTransport(store::Engine& engine, std::int64_t key) {
    TransportRecord transport;
    transport.queueId = store::fromKey(key);
    if (const auto read = readHops(engine, key, transport); !read) return base::fail(read.error());
    for (const HopRecord& hop : transport.hops) {
        if (transport.messageId.empty()) transport.messageId = hop.messageId;
        if (transport.sender.empty()) transport.sender = hop.sender;
        for (const auto& outcome : hop.recipients)
            apply(hop, outcome, fateOf(transport, outcome.address));
    }
    const auto read = store::query(engine, selectSettled, {key}, [&](const Row& row) {
        RecipientFate& fate = fateOf(transport, row.text(0));
        fate.state = row.text(1);
        if (fate.state != "delivered") fate.verdict = "returns";
        fate.reason = row.text(2);
    });
    if (!read) return base::fail(read.error());
    return transport;
}

/// The messages that arrived with that Message-ID.
base::Result<std::vector<std::int64_t>> keysOf(store::Engine& engine, std::string_view messageId) {
    std::vector<std::int64_t> keys;
    const auto wanted = withoutBrackets(messageId);
    const auto read = store::query(engine, selectArrivals, {hashOf(messageId)}, [&](const Row& row) {
        const auto hop = record::parseHop(row.text(1));
        if (hop && withoutBrackets(hop->messageId) == wanted) keys.push_back(row.integer(0));
    });
    if (!read) return base::fail(read.error());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

void write(record::JsonText& json, const TransportRecord& transport) {
    json.open('{');
    json.member("queue_id", transport.queueId.text()).member("message_id", transport.messageId);
    json.member("sender", transport.sender);
    json.key("recipients").open('[');
    for (const RecipientFate& fate : transport.recipients) {
        json.open('{');
        json.member("address", fate.address).member("state", fate.state);
        json.member("verdict", fate.verdict).member("reason", fate.reason);
        json.close('}');
    }
    json.close(']');
    json.key("hops").open('[');
    for (const HopRecord& hop : transport.hops)
        json.raw(record::toJson(hop));
    json.close(']');
    json.close('}');
}

}  // namespace

base::Result<std::vector<TransportRecord>> find(store::Engine& engine, std::string_view idOrMessageId) {
    std::vector<TransportRecord> found;
    if (const auto id = record::QueueId::parse(idOrMessageId)) {
        auto transport = readTransport(engine, store::toKey(*id));
        if (!transport) return base::fail(transport.error());
        if (transport->queueId == *id && !(transport->hops.empty() && transport->recipients.empty()))
            found.push_back(std::move(*transport));
        if (!found.empty()) return found;
    }
    const auto keys = keysOf(engine, idOrMessageId);
    if (!keys) return base::fail(keys.error());
    for (const auto key : *keys) {
        auto transport = readTransport(engine, key);
        if (!transport) return base::fail(transport.error());
        found.push_back(std::move(*transport));
    }
    return found;
}

std::string toJson(const std::vector<TransportRecord>& records) {
    record::JsonText json;
    json.open('[');
    for (const TransportRecord& transport : records)
        write(json, transport);
    json.close(']');
    return json.take();
}

}  // namespace postseal::ledger
