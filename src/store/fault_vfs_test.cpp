#include "store/fault_vfs_test.hpp"

#include <sqlite3.h>

#include <utility>

namespace postseal::store {
namespace {

struct File {
    sqlite3_file base;
    Faults* faults;
    bool isDatabase;
    sqlite3_file* real;  // lies behind this struct, in the same allocation
};

File& of(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_vfs* real() {
    return sqlite3_vfs_find(nullptr);
}

/// Counts down to the one that fails.
bool isItsTurn(std::atomic<int>& countdown) {
    return countdown.load() > 0 && countdown.fetch_sub(1) == 1;
}

bool isBroken(const File& file) {
    return file.faults->broken || (file.isDatabase && file.faults->databaseBroken);
}

template <auto Method, class... Args>
int pass(sqlite3_file* file, Args... args) {
    sqlite3_file* const target = of(file).real;
    return (target->pMethods->*Method)(target, args...);
}

int closeFile(sqlite3_file* file) {
    return of(file).real->pMethods->xClose(of(file).real);
}

int writeFile(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    Faults& faults = *of(file).faults;
    ++faults.writes;
    if (faults.full) return SQLITE_FULL;
    if (isBroken(of(file))) return SQLITE_IOERR_WRITE;
    if (isItsTurn(faults.failWriteIn))
        return faults.failWriteAs == Faults::As::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return of(file).real->pMethods->xWrite(of(file).real, bytes, count, offset);
}

int syncFile(sqlite3_file* file, int flags) {
    Faults& faults = *of(file).faults;
    ++faults.syncs;
    if (isBroken(of(file)) || isItsTurn(faults.failSyncIn)) return SQLITE_IOERR_FSYNC;
    return of(file).real->pMethods->xSync(of(file).real, flags);
}

const sqlite3_io_methods methods = {
    2,
    closeFile,
    pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    writeFile,
    pass<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    syncFile,
    pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    pass<&sqlite3_io_methods::xLock, int>,
    pass<&sqlite3_io_methods::xUnlock, int>,
    pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
    pass<&sqlite3_io_methods::xFileControl, int, void*>,
    pass<&sqlite3_io_methods::xSectorSize>,
    pass<&sqlite3_io_methods::xDeviceCharacteristics>,
    pass<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
    pass<&sqlite3_io_methods::xShmLock, int, int, int>,
    [](sqlite3_file* file) { of(file).real->pMethods->xShmBarrier(of(file).real); },
    pass<&sqlite3_io_methods::xShmUnmap, int>,
    nullptr,
    nullptr,
};

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    File& opened = of(file);
    opened.faults = static_cast<Faults*>(vfs->pAppData);
    opened.isDatabase = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    opened.real = reinterpret_cast<sqlite3_file*>(&opened + 1);
    const int code = real()->xOpen(real(), name, opened.real, flags, outFlags);
    opened.base.pMethods = code == SQLITE_OK ? &methods : nullptr;
    return code;
}

}  // namespace

FaultVfs::FaultVfs(std::string name) : name_(std::move(name)), vfs_(std::make_unique<sqlite3_vfs>(*real())) {
    vfs_->szOsFile = static_cast<int>(sizeof(File)) + real()->szOsFile;
    vfs_->zName = name_.c_str();
    vfs_->pNext = nullptr;
    vfs_->pAppData = &faults_;
    vfs_->xOpen = openFile;
    sqlite3_vfs_register(vfs_.get(), 0);
}

FaultVfs::~FaultVfs() {
    sqlite3_vfs_unregister(vfs_.get());
}

}  // namespace postseal::store
