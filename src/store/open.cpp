#include "store/open.hpp"

#include "store/sqlite.hpp"

namespace postseal::store {

std::filesystem::path databaseFile(const std::filesystem::path& dataDir) {
    return dataDir / "postseal.db";
}

Opener writerOf(const std::filesystem::path& dataDir, std::vector<Schema> schemas) {
    return [file = databaseFile(dataDir),
            schemas = std::move(schemas)]() -> base::Result<std::unique_ptr<Engine>> {
        auto engine = openSqlite({.file = file});
        if (!engine) return engine;
        if (auto migrated = migrate(**engine, schemas); !migrated) {
            (*engine)->abandon();
            return base::fail(migrated.error());
        }
        return engine;
    };
}

Readers::Open readersOf(const std::filesystem::path& dataDir) {
    return [file = databaseFile(dataDir)] { return openSqlite({.file = file, .access = Access::readOnly}); };
}

}  // namespace postseal::store
