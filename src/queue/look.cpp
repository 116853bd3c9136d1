#include "queue/look.hpp"

#include "queue/spool.hpp"
#include "record/json_text.hpp"
#include "store/key.hpp"

namespace postseal::queue {
namespace {

using store::Row;
using store::Statement;

constexpr Statement selectAfter{
    "SELECT id, sender, message_id, body_size + length(prefix), arrived, file, tls_demand FROM messages "
    "WHERE id > ?1 ORDER BY id LIMIT ?2"};
constexpr Statement selectById{
    "SELECT id, sender, message_id, body_size + length(prefix), arrived, file, tls_demand FROM messages "
    "WHERE id = ?1"};
constexpr Statement selectByMessageId{
    "SELECT id, sender, message_id, body_size + length(prefix), arrived, file, tls_demand FROM "
    "messages WHERE message_id = ?1 ORDER BY id"};
constexpr Statement selectRecipients{
    "SELECT number, address, next_hop, state, claimed, next_attempt, attempts, "
    "reason, suspended FROM recipients WHERE message = ?1 "
    "ORDER BY number"};
constexpr Statement selectCounters{
    "SELECT accepted, delivered, returned, deleted, discarded FROM balance WHERE only = 1"};
constexpr Statement countStates{"SELECT state, count(*) FROM recipients GROUP BY state"};
constexpr Statement begin{"BEGIN"};
constexpr Statement commit{"COMMIT"};

base::Result<std::vector<Listed>> read(store::Engine& engine, const Statement& statement,
                                       std::initializer_list<store::Value> values) {
    std::vector<Listed> messages;
    auto done = store::query(engine, statement, values, [&](const Row& row) {
        messages.push_back({store::fromKey(row.integer(0)),
                            std::string(row.text(1)),
                            std::string(row.text(2)),
                            static_cast<std::uint64_t>(row.integer(3)),
                            base::fromMicros(row.integer(4)),
                            {},
                            std::string(row.text(5)),
                            static_cast<record::TlsDemand>(row.integer(6))});
    });
    for (Listed& message : messages) {
        if (!done) break;
        done = store::query(engine, selectRecipients, {store::toKey(message.id)}, [&](const Row& row) {
            message.recipients.push_back({row.integer(0), std::string(row.text(1)), std::string(row.text(2)),
                                          static_cast<State>(row.integer(3)), row.integer(4) != 0,
                                          base::fromMicros(row.integer(5)), static_cast<int>(row.integer(6)),
                                          std::string(row.text(7)), static_cast<Tried>(row.integer(8))});
        });
    }
    if (!done) return base::fail(done.error());
    return messages;
}

/// All reads see one moment; a read-only transaction ends by itself when something fails.
template <class Job>
auto atOnce(store::Engine& engine, const Job& job) -> decltype(job()) {
    if (const auto begun = store::run(engine, begin); !begun) return base::fail(begun.error());
    auto result = job();
    if (const auto ended = store::run(engine, commit); !ended) return base::fail(ended.error());
    return result;
}

}  // namespace

std::string reasonText(const ListedRecipient& recipient) {
    return reasonText(recipient.state, recipient.tried, recipient.reason);
}

base::Result<std::vector<Listed>> list(store::Engine& engine, const record::QueueId& after, int limit) {
    return atOnce(engine, [&] {
        return read(engine, selectAfter, {store::toKey(after), static_cast<std::int64_t>(limit)});
    });
}

base::Result<std::vector<Listed>> find(store::Engine& engine, std::string_view idOrMessageId) {
    return atOnce(engine, [&]() -> base::Result<std::vector<Listed>> {
        if (const auto id = record::QueueId::parse(idOrMessageId)) {
            auto found = read(engine, selectById, {store::toKey(*id)});
            if (!found || !found->empty()) return found;
        }
        std::string messageId(idOrMessageId);
        if (!messageId.starts_with('<')) messageId = '<' + messageId + '>';
        return read(engine, selectByMessageId, {messageId});
    });
}

base::Result<Balance> balance(store::Engine& engine) {
    return atOnce(engine, [&]() -> base::Result<Balance> {
        Balance balance;
        auto done = store::query(engine, selectCounters, {}, [&](const Row& row) {
            balance.accepted = row.integer(0);
            balance.delivered = row.integer(1);
            balance.returned = row.integer(2);
            balance.deleted = row.integer(3);
            balance.discarded = row.integer(4);
        });
        if (!done) return base::fail(done.error());
        done = store::query(engine, countStates, {}, [&](const Row& row) {
            const auto state = static_cast<State>(row.integer(0));
            (state == State::queued ? balance.queued : balance.held) += row.integer(1);
            if (state == State::kept) balance.keptReports = row.integer(1);
        });
        if (!done) return base::fail(done.error());
        return balance;
    });
}

std::string toJson(const Listed& message) {
    record::JsonText json;
    json.open('{');
    json.member("queue_id", message.id.text()).member("sender", message.sender);
    json.key("recipients").open('[');
    for (const ListedRecipient& recipient : message.recipients) {
        json.open('{');
        json.member("address", recipient.address).member("state", toText(recipient.state));
        json.member("next_attempt", base::toRfc3339(recipient.nextAttempt))
            .member("attempts", recipient.attempts);
        json.member("reason", reasonText(recipient)).member("next_hop", recipient.nextHop);
        json.member("in_delivery", recipient.inDelivery);
        json.close('}');
    }
    json.close(']');
    json.member("size", message.sizeBytes).member("arrived", base::toRfc3339(message.arrived));
    json.member("message_id", message.messageId);
    json.member("requiretls", message.tls == record::TlsDemand::required);
    json.member("tls_optional", message.tls == record::TlsDemand::optional);
    json.close('}');
    return json.take();
}

std::string toJson(const Balance& balance) {
    record::JsonText json;
    json.open('{');
    json.member("accepted", balance.accepted).member("delivered", balance.delivered);
    json.member("returned", balance.returned).member("queued", balance.queued).member("held", balance.held);
    json.member("deleted", balance.deleted).member("discarded", balance.discarded);
    json.member("difference", balance.difference()).member("undeliverable_reports", balance.keptReports);
    json.close('}');
    return json.take();
}

}  // namespace postseal::queue
