// A SQLite VFS for tests that passes everything on to the system's, until it is told to fail: the k-th write
// or sync from now, or all of them, or a full disk. Registered for the lifetime of the object; any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

struct sqlite3_vfs;  // NOLINT(readability-identifier-naming): SQLite's own

namespace postseal::store {

struct Faults {
    enum class As { io, full };
    std::atomic<int> failWriteIn{0};  // 1: the next one fails; 0: none
    std::atomic<As> failWriteAs{As::io};
    std::atomic<int> failSyncIn{0};
    std::atomic<bool> broken{false};          // each write and sync fails
    std::atomic<bool> databaseBroken{false};  // only those of the database's file: checkpoints
    std::atomic<bool> full{false};            // each write that is not of the shared memory fails with ENOSPC
    std::atomic<int> writes{0}, syncs{0};
};

class FaultVfs {
public:
    explicit FaultVfs(std::string name);
    ~FaultVfs();
    FaultVfs(const FaultVfs&) = delete;
    FaultVfs& operator=(const FaultVfs&) = delete;

    Faults& faults() { return faults_; }
    const std::string& name() const { return name_; }

private:
    const std::string name_;
    Faults faults_;
    std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace postseal::store
