#include "app/file_stamp.hpp"

#include <sys/stat.h>

namespace postseal::app {

FileStamp stampOf(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return {};
    return {true, found.st_dev, found.st_ino, found.st_size,
            found.st_mtim.tv_sec * std::int64_t{1'000'000'000} + found.st_mtim.tv_nsec};
}

}  // namespace postseal::app
