#include "discover/exceptions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postseal::discover {
namespace {

using store::Row;
using store::Statement;
using store::Value;

constexpr std::array<std::string_view, 1> steps{R"(
CREATE TABLE exceptions(
  domain TEXT PRIMARY KEY, revision INTEGER NOT NULL, level TEXT, requiretls TEXT, until INTEGER NOT NULL,
  owner TEXT NOT NULL, reason TEXT NOT NULL, made INTEGER NOT NULL, ended_by TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX exceptions_by_revision ON exceptions(revision);
)"};

constexpr Statement selectChanged{
    "SELECT domain, revision, level, requiretls, until, owner, reason, made, ended_by FROM "
    "exceptions WHERE revision > ?1 ORDER BY domain"};
constexpr Statement put{
    "INSERT INTO exceptions(domain, revision, level, requiretls, until, owner, reason, made, ended_by) "
    "VALUES(?1, "
    "(SELECT IFNULL(MAX(revision), 0) + 1 FROM exceptions), ?2, ?3, ?4, ?5, ?6, ?7, '') ON CONFLICT(domain) "
    "DO UPDATE "
    "SET revision = excluded.revision, level = excluded.level, requiretls = excluded.requiretls, until = "
    "excluded.until, owner = excluded.owner, reason = excluded.reason, made = excluded.made, ended_by = ''"};
constexpr Statement endOne{
    "UPDATE exceptions SET revision = (SELECT MAX(revision) FROM exceptions) + 1, until = ?2, "
    "ended_by = ?3 WHERE domain = ?1 AND until > ?2"};
// The newest stays: its revision is never given twice.
constexpr Statement forgetOld{
    "DELETE FROM exceptions WHERE until < ?1 AND revision < (SELECT MAX(revision) FROM exceptions)"};

KeptException rowOf(const Row& row) {
    return {.exception = {.domain = std::string(row.text(0)),
                          .level = record::parseLevel(row.text(2)),
                          .requireTls = policy::parseRequireTlsMode(row.text(3)),
                          .until = base::fromMicros(row.integer(4)),
                          .owner = std::string(row.text(5)),
                          .reason = std::string(row.text(6)),
                          .made = base::fromMicros(row.integer(7))},
            .endedBy = std::string(row.text(8)),
            .revision = row.integer(1)};
}

template <class Word>
Value wordOrNull(const std::optional<Word>& word) {
    return word ? Value(std::string(toText(*word))) : Value();
}

}  // namespace

const store::Schema exceptionsSchema{"exceptions", steps};

base::Result<std::vector<KeptException>> exceptions(store::Engine& engine, std::int64_t after) {
    std::vector<KeptException> rows;
    const auto read =
        store::query(engine, selectChanged, {after}, [&](const Row& row) { rows.push_back(rowOf(row)); });
    if (!read) return base::fail(read.error());
    return rows;
}

store::Batch putException(const policy::Exception& exception) {
    store::Batch batch;
    batch.add(put, exception.domain, wordOrNull(exception.level), wordOrNull(exception.requireTls),
              base::toMicros(exception.until), exception.owner, exception.reason,
              base::toMicros(exception.made));
    batch.add(forgetOld, base::toMicros(exception.made - shownAfterEnd));
    return batch;
}

store::Batch endException(const std::string& domain, const std::string& by, base::Timestamp now) {
    store::Batch batch;
    batch.expect(1, endOne, domain, base::toMicros(now), by);
    return batch;
}

base::Result<std::vector<KeptException>> Exceptions::load(store::Readers& readers) {
    std::int64_t newest = 0;
    {
        const std::scoped_lock lock(mutex_);
        newest = newest_;
    }
    auto rows = readers.read<std::vector<KeptException>>(
        [newest](store::Engine& engine) { return exceptions(engine, newest); });
    if (!rows) return rows;
    const std::scoped_lock lock(mutex_);
    for (const auto& row : *rows) {
        newest_ = std::max(newest_, row.revision);
        kept_.insert_or_assign(row.exception.domain, row.exception);
    }
    isLoaded_ = true;
    return rows;
}

std::optional<policy::Exception> Exceptions::find(const std::string& domain, base::Timestamp now) const {
    const std::scoped_lock lock(mutex_);
    const auto known = kept_.find(domain);
    return known != kept_.end() && known->second.holds(now) ? std::optional(known->second) : std::nullopt;
}

}  // namespace postseal::discover
