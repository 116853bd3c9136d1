#include "discover/alliance_store.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"

#include <array>
#include <utility>

namespace postseal::discover {
namespace {

using store::Row;
using store::Statement;

constexpr std::array<std::string_view, 1> steps{R"(
CREATE TABLE alliances(
  name TEXT PRIMARY KEY, revision INTEGER NOT NULL, source TEXT NOT NULL, keys TEXT NOT NULL,
  version INTEGER NOT NULL, envelope TEXT NOT NULL, observed INTEGER NOT NULL, accepted TEXT NOT NULL,
  promoted TEXT NOT NULL, made_by TEXT NOT NULL, added INTEGER NOT NULL, looked INTEGER NOT NULL,
  trouble TEXT NOT NULL);
)"};

constexpr Statement selectAll{
    "SELECT name, revision, source, keys, version, envelope, observed, accepted, promoted, made_by, added, "
    "looked, trouble FROM alliances ORDER BY name"};
constexpr Statement selectOne{
    "SELECT name, revision, source, keys, version, envelope, observed, accepted, promoted, made_by, added, "
    "looked, trouble FROM alliances WHERE name = ?1"};
constexpr Statement selectSources{
    "SELECT name, source, looked, trouble FROM alliances WHERE envelope <> '' ORDER BY name"};
constexpr Statement newest{"SELECT IFNULL(MAX(revision), 0) FROM alliances"};
// ?2 is the revision that the change was made from; where it is another by now, no row changes.
constexpr Statement put{
    "INSERT INTO alliances(name, revision, source, keys, version, envelope, observed, accepted, promoted, "
    "made_by, added, looked, trouble) SELECT ?1, (SELECT IFNULL(MAX(revision), 0) + 1 FROM alliances), ?3, "
    "?4, "
    "?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, '' WHERE ?2 = (SELECT IFNULL(MAX(revision), 0) FROM alliances WHERE "
    "name = ?1) ON CONFLICT(name) DO UPDATE SET revision = excluded.revision, source = excluded.source, keys "
    "= excluded.keys, version = excluded.version, envelope = excluded.envelope, observed = "
    "excluded.observed, "
    "accepted = excluded.accepted, promoted = excluded.promoted, made_by = excluded.made_by, added = "
    "excluded.added"};
constexpr Statement noteLook{"UPDATE alliances SET looked = ?2, trouble = ?3 WHERE name = ?1"};

template <class Words>
std::string joined(const Words& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

template <class Take>
void eachWord(std::string_view text, Take take) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) take(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::set<std::string, std::less<>> wordsOf(std::string_view text) {
    std::set<std::string, std::less<>> words;
    eachWord(text, [&](std::string_view word) { words.emplace_hint(words.end(), word); });
    return words;
}

std::vector<base::Bytes> keysOf(std::string_view text) {
    std::vector<base::Bytes> keys;
    eachWord(text, [&](std::string_view word) {
        if (auto key = base::parseBase64(word)) keys.push_back(std::move(*key));
    });
    return keys;
}

AllianceRow rowOf(const Row& row) {
    return {.kept = {.name = std::string(row.text(0)),
                     .revision = row.integer(1),
                     .source = std::string(row.text(2)),
                     .keys = keysOf(row.text(3)),
                     .version = static_cast<std::uint64_t>(row.integer(4)),
                     .envelope = std::string(row.text(5)),
                     .isObserved = row.integer(6) != 0,
                     .accepted = wordsOf(row.text(7)),
                     .promoted = wordsOf(row.text(8)),
                     .by = std::string(row.text(9)),
                     .added = base::fromMicros(row.integer(10))},
            .look = {.time = base::fromMicros(row.integer(11)), .trouble = std::string(row.text(12))}};
}

}  // namespace

const store::Schema alliancesSchema{"alliances", steps};

base::Result<std::vector<AllianceRow>> alliances(store::Engine& engine) {
    std::vector<AllianceRow> rows;
    const auto read =
        store::query(engine, selectAll, {}, [&](const Row& row) { rows.push_back(rowOf(row)); });
    if (!read) return base::fail(read.error());
    return rows;
}

base::Result<std::optional<AllianceRow>> allianceOf(store::Engine& engine, const std::string& name) {
    std::optional<AllianceRow> found;
    const auto read = store::query(engine, selectOne, {name}, [&](const Row& row) { found = rowOf(row); });
    if (!read) return base::fail(read.error());
    return found;
}

base::Result<std::vector<AllianceSource>> allianceSources(store::Engine& engine) {
    std::vector<AllianceSource> all;
    const auto read = store::query(engine, selectSources, {}, [&](const Row& row) {
        all.push_back({.name = std::string(row.text(0)),
                       .source = std::string(row.text(1)),
                       .look = {base::fromMicros(row.integer(2)), std::string(row.text(3))}});
    });
    if (!read) return base::fail(read.error());
    return all;
}

base::Result<std::int64_t> allianceRevision(store::Engine& engine) {
    std::int64_t revision = 0;
    const auto read = store::query(engine, newest, {}, [&](const Row& row) { revision = row.integer(0); });
    if (!read) return base::fail(read.error());
    return revision;
}

store::Batch putAlliance(const KeptAlliance& kept) {
    std::vector<std::string> keys;
    keys.reserve(kept.keys.size());
    for (const auto& key : kept.keys)
        keys.push_back(base::toBase64(key));
    store::Batch batch;
    batch.expect(1, put, kept.name, kept.revision, kept.source, joined(keys),
                 static_cast<std::int64_t>(kept.version), kept.envelope,
                 std::int64_t{kept.isObserved ? 1 : 0}, joined(kept.accepted), joined(kept.promoted), kept.by,
                 base::toMicros(kept.added));
    return batch;
}

store::Batch noteAllianceLook(const std::string& name, const AllianceLook& look) {
    store::Batch batch;
    batch.add(noteLook, name, base::toMicros(look.time), look.trouble);
    return batch;
}

}  // namespace postseal::discover
