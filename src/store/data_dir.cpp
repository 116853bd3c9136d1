#include "store/data_dir.hpp"

#include "store/error.hpp"
#include "store/open.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace postseal::store {
namespace {

constexpr std::chrono::milliseconds patienceWithCommands{500};
constexpr std::chrono::milliseconds pauseBetweenTries{20};

std::string ownerWritten(int descriptor) {
    std::array<char, 32> text{};
    const auto count = ::pread(descriptor, text.data(), text.size(), 0);
    std::string_view owner(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    owner = owner.substr(0, owner.find('\n'));
    return owner.empty() ? "another process" : fmt::format("process {}", owner);
}

/// For people only, so a failure does not matter: a full disk must not keep us from starting.
void writeOwner(int descriptor) {
    const auto pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(descriptor, 0) == 0) [[maybe_unused]]
        const auto written = ::pwrite(descriptor, pid.data(), pid.size(), 0);
}

/// 0, or what flock set.
int lockWithin(int descriptor, std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= until) return errno;
        std::this_thread::sleep_for(pauseBetweenTries);
    }
    return 0;
}

constexpr ::mode_t others = 077;  // the group is one of them: nobody else has business in there

/// The database's files, as an earlier version made them. By name: to open one here and close it would void
/// SQLite's locks.
base::Result<void> keepOthersOff(int directory, const std::filesystem::path& dataDir) {
    for (const std::string suffix : {"", "-wal", "-shm"}) {
        const auto file = databaseFile(dataDir).filename().string() + suffix;
        struct stat found{};
        if (::fstatat(directory, file.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) continue;  // not there
        if (!S_ISREG(found.st_mode) || (found.st_mode & others) == 0) continue;
        if (::fchmodat(directory, file.c_str(), 0600, 0) != 0)
            return base::fail(
                systemError(errno, fmt::format("{} (mode {:04o}): others may open it, and it can't "
                                               "be made 0600",
                                               (dataDir / file).string(), found.st_mode & 07777U)));
    }
    return {};
}

/// What was corrected, for people.
base::Result<std::string> keepOthersOut(const std::filesystem::path& dataDir) {
    const Descriptor directory(::open(dataDir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat found{};
    if (!directory.isOpen() || ::fstat(directory.get(), &found) != 0)
        return base::fail(systemError(errno, fmt::format("can't open {}", dataDir.string())));
    if (const auto files = keepOthersOff(directory.get(), dataDir); !files) return base::fail(files.error());
    const auto mode = found.st_mode & 07777U;
    if ((mode & others) == 0) return std::string();
    if (::fchmod(directory.get(), 0700) != 0)
        return base::fail(systemError(
            errno,
            fmt::format("{} (mode {:04o}) belongs to uid {}, and others may enter it; give it to the account "
                        "that serves, with mode 0700",
                        dataDir.string(), mode, found.st_uid)));
    return fmt::format("{} had mode {:04o}, so that others could enter it and read mail; it is 0700 now",
                       dataDir.string(), mode);
}

}  // namespace

base::Result<Ownership> Ownership::take(const std::filesystem::path& dataDir) {
    std::error_code ignored;  // mkdir tells
    std::filesystem::create_directories(dataDir.parent_path(), ignored);
    if (::mkdir(dataDir.c_str(), 0700) != 0 && errno != EEXIST)
        return base::fail(systemError(errno, fmt::format("can't create {}", dataDir.string())));
    auto corrected = keepOthersOut(dataDir);
    if (!corrected) return base::fail(corrected.error());
    const auto file = dataDir / "lock";
    Descriptor lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.isOpen()) return base::fail(systemError(errno, fmt::format("can't open {}", file.string())));
    if (const int error = lockWithin(lock.get(), patienceWithCommands); error != 0) {
        if (error != EWOULDBLOCK)
            return base::fail(systemError(error, fmt::format("can't lock {}", file.string())));
        return base::fail(makeError(Errc::owned, fmt::format("{} belongs to {}; stop it first, or give this "
                                                             "server a data_dir of its own",
                                                             dataDir.string(), ownerWritten(lock.get()))));
    }
    writeOwner(lock.get());
    return Ownership(std::move(lock), std::move(*corrected));
}

bool Ownership::isTaken(const std::filesystem::path& dataDir) {
    const Descriptor lock(::open((dataDir / "lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!lock.isOpen()) return errno != ENOENT;
    return ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0;
}

std::uint64_t freeBytes(const std::filesystem::path& directory) {
    struct statvfs status{};
    if (::statvfs(directory.c_str(), &status) != 0) return 0;
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

base::Result<void> syncDirectory(const std::filesystem::path& directory) {
    const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.isOpen())
        return base::fail(systemError(errno, fmt::format("can't open {}", directory.string())));
    if (::fsync(descriptor.get()) != 0)
        return base::fail(systemError(errno, fmt::format("can't sync {}", directory.string())));
    return {};
}

}  // namespace postseal::store
