#include "queue/spool.hpp"

#include "store/key.hpp"

#include <algorithm>
#include <array>

namespace postseal::queue {
namespace {

using store::Statement;

// claimed: in delivery by the server that owns the data directory. state: 0 queued, 1 held. Claimed rows are
// in no index, so that a message delivered at once never touches one.
constexpr std::array<std::string_view, 5> steps{R"(
CREATE TABLE messages(
  id INTEGER PRIMARY KEY, sender TEXT NOT NULL, body_type INTEGER NOT NULL, message_id TEXT NOT NULL,
  arrived INTEGER NOT NULL, body_size INTEGER NOT NULL, file TEXT, prefix BLOB NOT NULL, body BLOB);
CREATE INDEX messages_by_file ON messages(file) WHERE file IS NOT NULL;
CREATE TABLE recipients(
  message INTEGER NOT NULL, number INTEGER NOT NULL, next_hop TEXT NOT NULL, address TEXT NOT NULL,
  claimed INTEGER NOT NULL, state INTEGER NOT NULL, next_attempt INTEGER NOT NULL, attempts INTEGER NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY(message, number)) WITHOUT ROWID;
CREATE INDEX recipients_due ON recipients(next_hop, next_attempt) WHERE claimed = 0 AND state = 0;
CREATE TABLE balance(
  only INTEGER PRIMARY KEY, accepted INTEGER NOT NULL, delivered INTEGER NOT NULL, returned INTEGER NOT NULL,
  deleted INTEGER NOT NULL, discarded INTEGER NOT NULL, newest_id INTEGER NOT NULL);
INSERT INTO balance VALUES(1, 0, 0, 0, 0, 0, 0);
)",
                                                // What the sender wants to be told, and forwarding.
                                                R"(
ALTER TABLE messages ADD COLUMN smtputf8 INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN envelope_id TEXT NOT NULL DEFAULT '';
ALTER TABLE recipients ADD COLUMN notify INTEGER NOT NULL DEFAULT 12;
ALTER TABLE recipients ADD COLUMN original TEXT NOT NULL DEFAULT '';
ALTER TABLE recipients ADD COLUMN sent_as TEXT NOT NULL DEFAULT '';
ALTER TABLE recipients ADD COLUMN told_delay INTEGER NOT NULL DEFAULT 0;
)",
                                                // Next hops that the server is to look at (queue/steer).
                                                R"(
CREATE TABLE steered(number INTEGER PRIMARY KEY, next_hop TEXT NOT NULL);
)",
                                                // REQUIRETLS and TLS-Required: No.
                                                R"(
ALTER TABLE messages ADD COLUMN tls_demand INTEGER NOT NULL DEFAULT 0;
)",
                                                // Whose failure the reason tells; reports that are kept.
                                                R"(
ALTER TABLE recipients ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
UPDATE recipients SET suspended = 1, reason = substr(reason, 33)
  WHERE substr(reason, 1, 32) = 'delivery temporarily suspended: ';
CREATE INDEX recipients_kept ON recipients(message) WHERE state = 2;
)"};

constexpr Statement insertMessage{
    "INSERT INTO messages(id, sender, body_type, message_id, arrived, body_size, file, "
    "prefix, body, smtputf8, returned, envelope_id, tls_demand) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
    "?10, ?11, ?12, ?13)"};
constexpr Statement insertRecipient{
    "INSERT INTO recipients(message, number, next_hop, address, claimed, state, "
    "next_attempt, attempts, reason, notify, original, sent_as) "
    "VALUES(?1, ?2, ?3, ?4, 1, 0, ?5, 0, '', ?6, ?7, ?8)"};
constexpr Statement countAccepted{
    "UPDATE balance SET accepted = accepted + ?1, newest_id = CASE WHEN ?2 > newest_id "
    "THEN ?2 ELSE newest_id END WHERE only = 1"};
constexpr std::array<Statement, 4> countEnd{{
    {"UPDATE balance SET delivered = delivered + ?1 WHERE only = 1"},
    {"UPDATE balance SET returned = returned + ?1 WHERE only = 1"},
    {"UPDATE balance SET deleted = deleted + ?1 WHERE only = 1"},
    {"UPDATE balance SET discarded = discarded + ?1 WHERE only = 1"},
}};
constexpr Statement deleteRecipient{
    "DELETE FROM recipients WHERE message = ?1 AND number = ?2 AND claimed = 1"};
constexpr Statement deleteEmpty{
    "DELETE FROM messages WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM recipients WHERE "
    "message = ?1)"};
constexpr Statement deferOne{"UPDATE recipients SET claimed = 0, attempts = attempts + 1, next_attempt = ?3, "
                             "reason = ?4, suspended = ?5 "
                             "WHERE message = ?1 AND number = ?2 AND claimed = 1"};
constexpr Statement keepOne{
    "UPDATE recipients SET claimed = 0, state = 2, attempts = attempts + 1, next_attempt = ?3, reason = ?4, "
    "suspended = ?5 WHERE message = ?1 AND number = ?2 AND claimed = 1"};
constexpr Statement releaseOne{"UPDATE recipients SET claimed = 0, next_attempt = max(next_attempt, ?3) "
                               "WHERE message = ?1 AND number = ?2 AND claimed = 1"};
constexpr Statement deferDead{
    "UPDATE recipients SET attempts = attempts + 1, next_attempt = ?3, reason = ?4, suspended = 1 "
    "WHERE (message, number) IN "
    "(SELECT message, number FROM recipients WHERE next_hop = ?1 AND claimed = 0 "
    "AND state = 0 AND next_attempt <= ?2 "
    "AND message >= ?5 AND NOT (message < ?7 AND told_delay = 0 AND notify & 8 AND attempts + 1 >= ?8) "
    "ORDER BY next_attempt LIMIT ?6)"};
constexpr Statement markTold{"UPDATE recipients SET told_delay = 1 WHERE message = ?1 AND number = ?2"};

constexpr Statement bringOnes{"UPDATE recipients SET next_attempt = ?2 WHERE (message, number) IN "
                              "(SELECT message, number FROM recipients WHERE next_hop = ?1 AND claimed = 0 "
                              "AND state = 0 AND next_attempt > ?2 ORDER BY next_attempt LIMIT ?3)"};

constexpr Statement undoAccepted{
    "UPDATE balance SET accepted = accepted - (SELECT count(*) FROM recipients WHERE "
    "message = ?1) WHERE only = 1"};
constexpr Statement undoRecipients{"DELETE FROM recipients WHERE message = ?1"};
constexpr Statement undoMessage{"DELETE FROM messages WHERE id = ?1"};

/// Ids begin with the time of arrival, so the oldest are those with the smallest keys.
std::int64_t firstKeyAt(base::Timestamp arrived) {
    return store::toKey(record::QueueId::make(std::max(arrived, base::Timestamp()), 0));
}

void insertRow(store::Batch& batch, const Message& message, std::int64_t key) {
    const auto& file = message.body.file();
    const auto row = batch.add(
        insertMessage, key, record::toText(message.sender), static_cast<std::int64_t>(message.bodyType),
        message.messageId, base::toMicros(message.arrived),
        static_cast<std::int64_t>(message.body.sizeBytes()),
        file ? store::Value(file->name()) : store::Value(), store::Blob{message.prefix}, message.body.bytes(),
        std::int64_t{message.smtpUtf8}, static_cast<std::int64_t>(message.returned), message.envelopeId,
        static_cast<std::int64_t>(message.tls));
    if (file) batch.whenChanged(row, [file] { file->decide(BodyFile::Fate::keep); });
}

Lease& leaseOf(std::vector<Lease>& leases, const NewRecipient& recipient,
               const std::shared_ptr<const Message>& shared) {
    const auto found = std::ranges::find_if(leases, [&](const Lease& lease) {
        return lease.route == recipient.route && lease.sentAs == recipient.sentAs;
    });
    if (found != leases.end()) return *found;
    return leases.emplace_back(Lease{shared, recipient.route, {}, recipient.sentAs});
}

void change(store::Batch& batch, const Statement& how, const Lease& lease,
            std::span<const LeasedRecipient> recipients, const Trouble& trouble, base::Timestamp time) {
    const auto key = store::toKey(lease.message->id);
    for (const LeasedRecipient& recipient : recipients)
        batch.expect(1, how, key, recipient.number, base::toMicros(time), trouble.reason,
                     static_cast<std::int64_t>(trouble.tried));
    batch.persist();
}

}  // namespace

const store::Schema schema{"queue", steps};

std::int64_t toInteger(const record::Notify& notify) {
    return (notify.isAsked ? 1 : 0) + (notify.success ? 2 : 0) + (notify.failure ? 4 : 0) +
           (notify.delay ? 8 : 0);
}

record::Notify notifyOf(std::int64_t integer) {
    return {(integer & 1) != 0, (integer & 2) != 0, (integer & 4) != 0, (integer & 8) != 0};
}

std::vector<Lease> put(store::Batch& batch, const NewMessage& message) {
    const auto key = store::toKey(message.kept.id);
    insertRow(batch, message.kept, key);
    const auto shared = std::make_shared<Message>(message.kept);
    shared->body = shared->body.stored(shared->id);
    std::vector<Lease> leases;
    std::int64_t number = 0;
    for (const NewRecipient& recipient : message.recipients) {
        batch.add(insertRecipient, key, number, recipient.route.text(), recipient.address.toText(),
                  base::toMicros(message.kept.arrived), toInteger(recipient.notify), recipient.original,
                  recipient.sentAs ? recipient.sentAs->toText() : std::string());
        leaseOf(leases, recipient, shared)
            .recipients.push_back({number, recipient.address, 0, recipient.notify, recipient.original});
        ++number;
    }
    batch.expect(1, countAccepted, number, key);
    for (const Statement* statement : {&undoAccepted, &undoRecipients, &undoMessage})
        batch.undo(*statement, key);
    return leases;
}

store::Batch::Step settle(store::Batch& batch, const Lease& lease,
                          std::span<const LeasedRecipient> recipients, End end) {
    const auto key = store::toKey(lease.message->id);
    for (const LeasedRecipient& recipient : recipients)
        batch.expect(1, deleteRecipient, key, recipient.number);
    batch.expect(1, countEnd[static_cast<std::size_t>(end)], static_cast<std::int64_t>(recipients.size()));
    const auto removed = batch.add(deleteEmpty, key);
    if (const auto& file = lease.message->body.file())
        batch.whenChanged(removed, [file] { file->decide(BodyFile::Fate::remove); });
    batch.persist();
    return removed;
}

void defer(store::Batch& batch, const Lease& lease, std::span<const LeasedRecipient> recipients,
           const Trouble& trouble, base::Timestamp nextAttempt) {
    change(batch, deferOne, lease, recipients, trouble, nextAttempt);
}

void keep(store::Batch& batch, const Lease& lease, std::span<const LeasedRecipient> recipients,
          const Trouble& trouble, base::Timestamp now) {
    change(batch, keepOne, lease, recipients, trouble, now);
}

void tellDelay(store::Batch& batch, const Lease& lease, std::span<const LeasedRecipient> recipients) {
    const auto key = store::toKey(lease.message->id);
    for (const LeasedRecipient& recipient : recipients)
        batch.expect(1, markTold, key, recipient.number);
}

void release(store::Batch& batch, const Lease& lease, base::Timestamp until) {
    const auto key = store::toKey(lease.message->id);
    for (const LeasedRecipient& recipient : lease.recipients)
        batch.expect(1, releaseOne, key, recipient.number, base::toMicros(until));
    batch.persist();
}

store::Batch::Step defer(store::Batch& batch, const DeadDestination& dead) {
    return batch.add(deferDead, dead.nextHop, base::toMicros(dead.now), base::toMicros(dead.nextAttempt),
                     dead.reason, firstKeyAt(dead.arrivedAfter), static_cast<std::int64_t>(dead.limit),
                     dead.tellBefore ? firstKeyAt(*dead.tellBefore) : std::int64_t{0},
                     std::int64_t{dead.tellAttempts});
}

store::Batch::Step bringForward(store::Batch& batch, const std::string& nextHop, base::Timestamp now,
                                int limit) {
    return batch.add(bringOnes, nextHop, base::toMicros(now), static_cast<std::int64_t>(limit));
}

}  // namespace postseal::queue
