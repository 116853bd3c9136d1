// Watches files that come into force when they change: lists of recipients and aliases, certificates,
// anchors. One that is being written is given a second more: half a list would refuse the other half's mail.
// Blocking, short.
#pragma once

#include "app/file_stamp.hpp"

#include <filesystem>
#include <vector>

namespace postseal::app {

class ListWatch {
public:
    enum class Seen {
        same,
        changed,  // and at rest: to be read again
        emptied,  // one that was filled before is empty or gone: an accident, until it is filled or reloaded
    };

    /// These files have just been read.
    void start(const std::vector<std::filesystem::path>& files);
    /// About once a second. What is not `same` is told once.
    Seen look();

private:
    std::vector<FileStamp> stamps() const;

    std::vector<std::filesystem::path> files_;
    std::vector<FileStamp> known_;  // as they were last told of
    std::vector<FileStamp> last_;   // as they were at the last look
    std::vector<bool> filled_;
};

}  // namespace postseal::app
