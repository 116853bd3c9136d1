#include "discover/mta_sts_store.hpp"

#include <array>

namespace postseal::discover {
namespace {

using store::Statement;

constexpr std::array<std::string_view, 1> steps{R"(
CREATE TABLE mta_sts(
  domain TEXT PRIMARY KEY, id TEXT NOT NULL, policy TEXT NOT NULL, fetched INTEGER NOT NULL,
  expires INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;
)"};

constexpr Statement replaceRow{"INSERT OR REPLACE INTO mta_sts(domain, id, policy, fetched, expires, used) "
                               "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
constexpr Statement deleteRow{"DELETE FROM mta_sts WHERE domain = ?1"};
constexpr Statement selectAll{
    "SELECT domain, id, policy, fetched, expires, used FROM mta_sts ORDER BY domain"};

}  // namespace

const store::Schema stsSchema{"mta_sts", steps};

void put(store::Batch& batch, const StoredSts& row) {
    batch.add(replaceRow, row.domain, row.id, row.text, base::toMicros(row.fetched),
              base::toMicros(row.expires), base::toMicros(row.used));
}

void removeSts(store::Batch& batch, const std::string& domain) {
    batch.add(deleteRow, domain);
}

base::Result<std::vector<StoredSts>> loadSts(store::Engine& engine) {
    std::vector<StoredSts> rows;
    const auto read = store::query(engine, selectAll, {}, [&](const store::Row& row) {
        rows.push_back({.domain = std::string(row.text(0)),
                        .id = std::string(row.text(1)),
                        .text = std::string(row.text(2)),
                        .fetched = base::fromMicros(row.integer(3)),
                        .expires = base::fromMicros(row.integer(4)),
                        .used = base::fromMicros(row.integer(5))});
    });
    if (!read) return base::fail(read.error());
    return rows;
}

}  // namespace postseal::discover
