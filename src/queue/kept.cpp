#include "queue/kept.hpp"

#include "queue/body.hpp"
#include "store/key.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace postseal::queue {
namespace {

using store::Row;
using store::Statement;

// The time since when it is kept stands where that of the next attempt stood.
constexpr Statement selectOld{"SELECT DISTINCT message FROM recipients WHERE state = 2 AND next_attempt < ?1 "
                              "ORDER BY message LIMIT ?2"};
// What others sent bears our Received; a report of ours has no field before its text.
constexpr Statement selectTooMany{
    "SELECT message FROM recipients JOIN messages ON id = message WHERE state = 2 ORDER BY length(prefix) = "
    "0, "
    "message LIMIT min(?2, max(0, (SELECT count(*) FROM recipients WHERE state = 2) - ?1))"};
constexpr Statement deleteOne{"DELETE FROM recipients WHERE message = ?1 AND number = ?2 AND claimed = 0"};
constexpr Statement countDeleted{"UPDATE balance SET deleted = deleted + 1 WHERE only = 1"};
constexpr Statement countDiscarded{"UPDATE balance SET discarded = discarded + 1 WHERE only = 1"};
constexpr Statement deleteEmpty{
    "DELETE FROM messages WHERE id = ?1 AND NOT EXISTS(SELECT 1 FROM recipients WHERE message = ?1)"};

base::Result<std::vector<record::QueueId>> select(store::Engine& engine, const Statement& statement,
                                                  std::int64_t bound, int atOnce) {
    std::vector<record::QueueId> ids;
    const auto read = store::query(engine, statement, {bound, std::int64_t{atOnce}},
                                   [&](const Row& row) { ids.push_back(store::fromKey(row.integer(0))); });
    if (!read) return base::fail(read.error());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

}  // namespace

base::Result<std::vector<Listed>> keptBeyond(store::Engine& engine, const KeptLimits& limits,
                                             base::Timestamp now, int atOnce) {
    auto ids = select(engine, selectOld, base::toMicros(now - limits.longest), atOnce);
    if (ids && ids->empty()) ids = select(engine, selectTooMany, limits.most, atOnce);
    if (!ids) return base::fail(ids.error());
    std::vector<Listed> beyond;
    for (const auto& id : *ids) {
        auto found = find(engine, id.text());
        if (!found) return base::fail(found.error());
        for (auto& message : *found) {
            std::erase_if(message.recipients, [](const auto& one) { return one.state != State::kept; });
            beyond.push_back(std::move(message));
        }
    }
    return beyond;
}

void remove(store::Batch& batch, const Listed& message, const ListedRecipient& recipient,
            const std::filesystem::path& dataDir, RemovedBy by) {
    const auto key = store::toKey(message.id);
    batch.expect(1, deleteOne, key, recipient.number);
    batch.expect(1, by == RemovedBy::administrator ? countDeleted : countDiscarded);
    const auto gone = batch.add(deleteEmpty, key);
    if (message.bodyFile.empty()) return;
    const auto file = std::make_shared<BodyFile>(dataDir / "bodies" / message.bodyFile, BodyFile::Fate::keep);
    batch.whenChanged(gone, [file] { file->decide(BodyFile::Fate::remove); });
}

}  // namespace postseal::queue
