// Whether others of this machine could change a file that decides what the server does, or read one that is
// secret: told with path, and mode or owner, at start, at each reload and by `serve --check`. Blocking,
// short.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace postseal::app {

struct FilesInUse {
    std::vector<std::filesystem::path> settings =
        {};                                           // maps, lists, certificates: nobody else may write them
    std::vector<std::filesystem::path> secrets = {};  // nor may these be read by everybody
    std::vector<std::filesystem::path> folders = {};  // of our own, whose mode is kept right elsewhere
    std::vector<::uid_t> owners = {};                 // who may have them: they can change them at any time
};

/// The folders of files, too, where another file could be put in the place of one; each is told once. A file
/// that is not there, or has no name, is nothing to warn of: who reads it says that.
std::vector<std::string> fileWarnings(const FilesInUse& files);

}  // namespace postseal::app
