#include "store/migrations.hpp"

#include <fmt/format.h>

namespace postseal::store {
namespace {

constexpr Statement begin{"BEGIN IMMEDIATE"};
constexpr Statement commit{"COMMIT"};
constexpr Statement rollback{"ROLLBACK"};
constexpr Statement createVersions{
    "CREATE TABLE IF NOT EXISTS schema_versions(room TEXT PRIMARY KEY, version INTEGER NOT NULL)"};
constexpr Statement findVersion{"SELECT version FROM schema_versions WHERE room = ?1"};
constexpr Statement setVersion{"INSERT INTO schema_versions(room, version) VALUES(?1, ?2) "
                               "ON CONFLICT(room) DO UPDATE SET version = excluded.version"};

base::Result<void> migrateRoom(Engine& engine, const Schema& schema) {
    std::int64_t version = 0;
    const std::string room(schema.room);
    auto found = query(engine, findVersion, {room}, [&](const Row& row) { version = row.integer(0); });
    if (!found) return found;
    const auto newest = static_cast<std::int64_t>(schema.steps.size());
    if (version > newest)
        return base::fail(
            makeError(Errc::newer, fmt::format("tables of {} have version {}, this program knows {}; "
                                               "run the newer program, or restore a backup",
                                               room, version, newest)));
    if (version == newest) return {};
    for (const std::string_view step : schema.steps.subspan(static_cast<std::size_t>(version)))
        if (auto done = engine.script(step); !done) return done;
    const auto set = run(engine, setVersion, {room, newest});
    if (!set) return base::fail(set.error());
    return {};
}

base::Result<void> migrateAll(Engine& engine, std::span<const Schema> schemas) {
    if (const auto created = run(engine, createVersions); !created) return base::fail(created.error());
    for (const Schema& schema : schemas)
        if (auto done = migrateRoom(engine, schema); !done) return done;
    if (const auto committed = run(engine, commit); !committed) return base::fail(committed.error());
    return {};
}

}  // namespace

base::Result<void> migrate(Engine& engine, std::span<const Schema> schemas) {
    if (const auto begun = run(engine, begin); !begun) return base::fail(begun.error());
    auto done = migrateAll(engine, schemas);
    if (!done) static_cast<void>(run(engine, rollback));  // the first error is the one to tell
    return done;
}

}  // namespace postseal::store
