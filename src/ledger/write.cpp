#include "ledger/write.hpp"

#include "ledger/hash.hpp"
#include "record/json.hpp"
#include "store/key.hpp"

#include <array>

namespace postseal::ledger {
namespace {

using store::Statement;

// Columns are what is searched for; all else is in the record's one JSON form. Only arrivals are found by
// Message-ID: its index is the one place where rows are not written at the end.
constexpr std::array<std::string_view, 1> steps{R"(
CREATE TABLE hops(
  id INTEGER PRIMARY KEY, message INTEGER NOT NULL, message_id_hash INTEGER, record TEXT NOT NULL);
CREATE INDEX hops_by_message ON hops(message);
CREATE INDEX hops_by_message_id ON hops(message_id_hash) WHERE message_id_hash IS NOT NULL;
CREATE TABLE settled(
  message INTEGER NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(message, address)) WITHOUT ROWID;
CREATE TABLE refusals(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, record TEXT NOT NULL);
)"};

constexpr Statement insertHop{"INSERT INTO hops(message, message_id_hash, record) VALUES(?1, ?2, ?3)"};
constexpr Statement insertRefusal{"INSERT INTO refusals(at, record) VALUES(?1, ?2)"};
constexpr Statement insertSettled{
    "INSERT INTO settled(message, address, state, reason, at) VALUES(?1, ?2, ?3, ?4, ?5) ON "
    "CONFLICT(message, "
    "address) DO UPDATE SET state = excluded.state, reason = excluded.reason, at = excluded.at"};
constexpr Statement undoArrival{"DELETE FROM hops WHERE message = ?1"};

}  // namespace

const store::Schema schema{"ledger", steps};

void append(store::Batch& batch, const record::HopRecord& hop) {
    const auto message = store::toKey(hop.queueId);
    if (message == 0) {
        batch.add(insertRefusal, base::toMicros(hop.time), record::toJson(hop));
        return;
    }
    const bool isArrival = hop.direction == record::Direction::in;
    batch.add(insertHop, message,
              isArrival && !hop.messageId.empty() ? store::Value(hashOf(hop.messageId)) : store::Value(),
              record::toJson(hop));
    if (isArrival) batch.undo(undoArrival, message);
}

void append(store::Batch& batch, const Settled& settled) {
    batch.add(insertSettled, store::toKey(settled.queueId), settled.address, settled.state, settled.reason,
              base::toMicros(settled.time));
}

}  // namespace postseal::ledger
