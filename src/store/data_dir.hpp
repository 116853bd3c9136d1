// The data directory: created 0700 and kept so, since the texts of all mail are in it; owned by one server at
// a time through an exclusive flock, with a look at the space that is left. Blocking, short.
#pragma once

#include "base/result.hpp"
#include "store/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace postseal::store {

/// Holds the lock until it goes; the kernel frees it when the process dies, however it dies.
class Ownership {
public:
    /// Errc::owned names the process that has it; other errors: the directory can't be made or opened, or
    /// others may enter it and we can't change that. Waits for a moment, since a command may have it that
    /// long.
    static base::Result<Ownership> take(const std::filesystem::path& dataDir);
    /// Whether a server runs there; where it can't be told, it may.
    static bool isTaken(const std::filesystem::path& dataDir);

    /// What others could have read or changed until now, for people: path, mode and what was done; empty:
    /// nothing.
    const std::string& corrected() const { return corrected_; }

private:
    Ownership(Descriptor lock, std::string corrected)
        : lock_(std::move(lock)), corrected_(std::move(corrected)) {}

    Descriptor lock_;
    std::string corrected_;
};

/// Bytes that an unprivileged process may still write there; an error counts as none.
std::uint64_t freeBytes(const std::filesystem::path& directory);

/// Makes the names in a directory durable (fsync of the directory).
base::Result<void> syncDirectory(const std::filesystem::path& directory);

}  // namespace postseal::store
