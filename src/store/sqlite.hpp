// SQLite as an engine: WAL, synchronous=FULL, one file. The writer's connection is one thread's; readers have
// connections of their own that can't write.
#pragma once

#include "store/engine.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace postseal::store {

enum class Access { readWrite, readOnly };

struct SqliteSettings {
    std::filesystem::path file;
    Access access = Access::readWrite;
    std::chrono::milliseconds busyTimeout{2000};
    std::string vfs = {};  // empty: the system's
};

/// Errors: io, full, corrupt, busy. A read-only connection needs an existing file.
base::Result<std::unique_ptr<Engine>> openSqlite(const SqliteSettings& settings);

}  // namespace postseal::store
