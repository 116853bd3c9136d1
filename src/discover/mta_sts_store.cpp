#include "discover/mta_sts_store.hpp"

#include <array>

namespace postseal::discover {
namespace {

using store::Statement;

// Who asked for the rows of the first version is not known: they count as mail's.
constexpr std::array<std::string_view, 2> steps{R"(
CREATE TABLE mta_sts(
  domain TEXT PRIMARY KEY, id TEXT NOT NULL, policy TEXT NOT NULL, fetched INTEGER NOT NULL,
  expires INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
)",
                                                R"(
ALTER TABLE mta_sts ADD COLUMN by_mail INTEGER NOT NULL DEFAULT 1;
)"};

constexpr Statement replaceRow{"INSERT OR REPLACE INTO mta_sts(domain, id, policy, fetched, expires, used, "
                               "by_mail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
constexpr Statement updateByMail{"UPDATE mta_sts SET by_mail = 1 WHERE domain = ?1"};
constexpr Statement deleteRow{"DELETE FROM mta_sts WHERE domain = ?1"};
constexpr Statement selectAll{
    "SELECT domain, id, policy, fetched, expires, used, by_mail FROM mta_sts ORDER BY domain"};

}  // namespace

const store::Schema stsSchema{"mta_sts", steps};

void put(store::Batch& batch, const StoredSts& row) {
    batch.add(replaceRow, row.domain, row.id, row.text, base::toMicros(row.fetched),
              base::toMicros(row.expires), base::toMicros(row.used),
              std::int64_t{row.askedBy == StsShelf::AskedBy::mail});
}

void noteMail(store::Batch& batch, const std::string& domain) {
    batch.add(updateByMail, domain);
}

void removeSts(store::Batch& batch, const std::string& domain) {
    batch.add(deleteRow, domain);
}

base::Result<std::vector<StoredSts>> loadSts(store::Engine& engine) {
    std::vector<StoredSts> rows;
    const auto read = store::query(engine, selectAll, {}, [&](const store::Row& row) {
        rows.push_back(
            {.domain = std::string(row.text(0)),
             .id = std::string(row.text(1)),
             .text = std::string(row.text(2)),
             .fetched = base::fromMicros(row.integer(3)),
             .expires = base::fromMicros(row.integer(4)),
             .used = base::fromMicros(row.integer(5)),
             .askedBy = row.integer(6) != 0 ? StsShelf::AskedBy::mail : StsShelf::AskedBy::reports});
    });
    if (!read) return base::fail(read.error());
    return rows;
}

}  // namespace postseal::discover
