// The store of a data directory by its settings: how the writer opens it, and how readers do.
#pragma once

#include "store/migrations.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"

#include <filesystem>
#include <vector>

namespace postseal::store {

std::filesystem::path databaseFile(const std::filesystem::path& dataDir);

/// Opens for writing and migrates to the schemas.
Opener writerOf(const std::filesystem::path& dataDir, std::vector<Schema> schemas);
/// Read-only connections; what they open must have been migrated before.
Readers::Open readersOf(const std::filesystem::path& dataDir);

}  // namespace postseal::store
