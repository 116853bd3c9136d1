// One message on its way into a Maildir: written below tmp/, synced, and renamed into new/, whose own entry
// is synced too, so that what was delivered is there after a crash and nobody ever reads half of it. Lines
// end in LF, as files of Unix do. Folders below the administrator's part of the path are made, with mode
// 0700; no symbolic link is followed there. Blocking; one thread at a time.
#pragma once

#include "base/result.hpp"
#include "directory/maildirs.hpp"
#include "store/descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace postseal::deliver {

struct MaildirFault {
    int number = 0;     // errno
    std::string words;  // which path, which user, what went wrong
    /// It hinders the other mailboxes, too.
    enum class Of { mailbox, all } of = Of::mailbox;
};

class MaildirFile {
public:
    template <class T>
    using Result = base::Result<T, MaildirFault>;

    /// `name` is unlike every other of this mailbox.
    static Result<MaildirFile> create(const directory::Maildirs::Place& place, std::string name);
    MaildirFile(MaildirFile&&) = default;
    MaildirFile& operator=(MaildirFile&&) = delete;
    /// Unfinished, it leaves nothing behind.
    ~MaildirFile();

    /// Lines end in CRLF, and may be cut anywhere.
    Result<void> write(std::string_view text);
    /// Durable and in new/, when it succeeds; nowhere, when it does not.
    Result<void> finish();

private:
    MaildirFile() = default;
    Result<void> put(std::string_view bytes);
    MaildirFault fault(const char* tried) const;

    std::string path_;  // of the Maildir, for people
    std::string name_;
    store::Descriptor tmp_, new_, file_;
    std::uint64_t sizeBytes_ = 0;
    bool endsInCr_ = false;
};

}  // namespace postseal::deliver
