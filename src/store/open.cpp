#include "store/open.hpp"

#include "store/data_dir.hpp"
#include "store/error.hpp"
#include "store/sqlite.hpp"

#include <cerrno>
#include <cstdio>
#include <span>
#include <system_error>
#include <utility>

namespace postseal::store {

std::filesystem::path databaseFile(const std::filesystem::path& dataDir) {
    return dataDir / "postseal.db";
}

namespace {

void removeLogOf(const std::filesystem::path& database) {
    for (const auto* suffix : {"-wal", "-shm"}) {
        std::error_code ignored;  // opening tells
        std::filesystem::remove(database.string() + suffix, ignored);
    }
}

base::Result<std::unique_ptr<Engine>> openMigrated(const std::filesystem::path& file,
                                                   std::span<const Schema> schemas) {
    auto engine = openSqlite({.file = file});
    if (!engine) return engine;
    if (auto migrated = migrate(**engine, schemas); !migrated) {
        (*engine)->abandon();
        return base::fail(migrated.error());
    }
    return engine;
}

/// Under its name only once its tables are there: who reads beside a server that starts finds all of them, or
/// no database.
base::Result<void> makeDatabase(const std::filesystem::path& file, std::span<const Schema> schemas) {
    const std::filesystem::path made = file.string() + ".new";
    std::error_code ignored;  // opening tells
    std::filesystem::remove(made, ignored);
    removeLogOf(made);
    {
        const auto engine = openMigrated(made, schemas);
        if (!engine) return base::fail(engine.error());
        if (auto emptied = (*engine)->checkpoint(Checkpoint::truncate); !emptied) return emptied;
    }
    // Of a database that was lost, its log may be left: SQLite would write it into this one.
    removeLogOf(file);
    if (::rename(made.c_str(), file.c_str()) != 0)
        return base::fail(systemError(errno, "can't make " + file.string()));
    return syncDirectory(file.parent_path());
}

}  // namespace

Opener writerOf(const std::filesystem::path& dataDir, std::vector<Schema> schemas) {
    return [file = databaseFile(dataDir),
            schemas = std::move(schemas)]() -> base::Result<std::unique_ptr<Engine>> {
        std::error_code unseen;  // what can't be looked at can't be opened either, and that is told
        const auto found = std::filesystem::symlink_status(file, unseen).type();
        if (found == std::filesystem::file_type::not_found)
            if (auto done = makeDatabase(file, schemas); !done) return base::fail(done.error());
        return openMigrated(file, schemas);
    };
}

Readers::Open readersOf(const std::filesystem::path& dataDir) {
    return [file = databaseFile(dataDir)] { return openSqlite({.file = file, .access = Access::readOnly}); };
}

}  // namespace postseal::store
