// Whether a file changed: what stat(2) tells of it, compared. A file replaced by rename has another inode;
// one written in place another time or size.
#pragma once

#include <cstdint>
#include <string>

namespace postseal::app {

struct FileStamp {
    bool exists = false;
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0, modifiedNanos = 0;

    bool operator==(const FileStamp&) const = default;
};

FileStamp stampOf(const std::string& path);

}  // namespace postseal::app
