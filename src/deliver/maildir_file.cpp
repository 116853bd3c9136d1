#include "deliver/maildir_file.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace postseal::deliver {
namespace {

using base::fail;
using store::Descriptor;

constexpr ::mode_t folderMode = 0700;
constexpr ::mode_t fileMode = 0600;

bool hindersAll(int number) {
    return number == ENOSPC || number == EROFS || number == EIO || number == EMFILE || number == ENFILE;
}

MaildirFault faultOf(int number, const char* tried, const std::string& path) {
    return {number,
            fmt::format("can't {} {} as uid {}: {}", tried, path, ::geteuid(),
                        std::generic_category().message(number)),
            hindersAll(number) ? MaildirFault::Of::all : MaildirFault::Of::mailbox};
}

// A mailbox's owner could else have us write through a link of his to wherever we may write.
Descriptor openBelow(const Descriptor& parent, const std::string& name) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    return Descriptor(static_cast<int>(::syscall(SYS_openat2, parent.get(), name.c_str(), &how, sizeof how)));
}

/// Opened, and made where it is missing. Not open: errno tells why.
Descriptor openOrMake(const Descriptor& parent, const std::string& name) {
    Descriptor folder = openBelow(parent, name);
    if (folder.isOpen() || errno != ENOENT) return folder;
    if (::mkdirat(parent.get(), name.c_str(), folderMode) != 0 && errno != EEXIST) return {};
    if (::fsync(parent.get()) != 0) return {};
    return openBelow(parent, name);
}

}  // namespace

MaildirFault MaildirFile::fault(const char* tried) const {
    return faultOf(errno, tried, path_);
}

MaildirFile::Result<MaildirFile> MaildirFile::create(const directory::Maildirs::Place& place,
                                                     std::string name) {
    MaildirFile made;
    made.path_ = place.root;
    Descriptor folder(::open(place.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.isOpen()) {
        auto fault = made.fault("open");
        fault.of = MaildirFault::Of::all;
        return fail(std::move(fault));
    }
    for (std::string_view rest = place.below; !rest.empty();) {
        const std::string step(rest.substr(0, rest.find('/')));
        rest.remove_prefix(std::min(step.size() + 1, rest.size()));
        (made.path_ += '/') += step;
        folder = openOrMake(folder, step);
        if (!folder.isOpen()) return fail(made.fault("open or make"));
    }
    if (!openOrMake(folder, "cur").isOpen()) return fail(made.fault("make cur/ in"));
    made.new_ = openOrMake(folder, "new");
    if (!made.new_.isOpen()) return fail(made.fault("make new/ in"));
    made.tmp_ = openOrMake(folder, "tmp");
    if (!made.tmp_.isOpen()) return fail(made.fault("make tmp/ in"));

    made.file_ = Descriptor(::openat(made.tmp_.get(), name.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, fileMode));
    if (!made.file_.isOpen()) return fail(made.fault("make a file in tmp/ of"));
    made.name_ = std::move(name);  // from here on it is ours to remove
    return made;
}

MaildirFile::~MaildirFile() {
    if (!name_.empty() && tmp_.isOpen()) ::unlinkat(tmp_.get(), name_.c_str(), 0);
}

MaildirFile::Result<void> MaildirFile::write(std::string_view text) {
    std::string lines;
    lines.reserve(text.size() + 1);
    for (const char c : text) {
        if (endsInCr_ && c != '\n') lines += '\r';  // one alone is text
        endsInCr_ = c == '\r';
        if (!endsInCr_) lines += c;
    }
    return put(lines);
}

MaildirFile::Result<void> MaildirFile::put(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(file_.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(fault("write into"));
        sizeBytes_ += static_cast<std::uint64_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

MaildirFile::Result<void> MaildirFile::finish() {
    if (std::exchange(endsInCr_, false))
        if (auto done = put("\r"); !done) return done;
    if (::fsync(file_.get()) != 0) return fail(fault("sync a file in"));
    const auto target = fmt::format("{},S={}", name_, sizeBytes_);
    if (::renameat2(tmp_.get(), name_.c_str(), new_.get(), target.c_str(), RENAME_NOREPLACE) != 0) {
        // Some file systems know no such flag. The name is unlike every other, so nothing is replaced.
        if (errno != EINVAL || ::renameat(tmp_.get(), name_.c_str(), new_.get(), target.c_str()) != 0)
            return fail(fault("rename into new/ of"));
    }
    name_.clear();
    if (::fsync(new_.get()) == 0) return {};
    auto why = fault("sync new/ of");
    ::unlinkat(new_.get(), target.c_str(), 0);  // it will be delivered again
    return fail(std::move(why));
}

}  // namespace postseal::deliver
