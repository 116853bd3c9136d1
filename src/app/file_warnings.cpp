#include "app/file_warnings.hpp"

#include "tls/private_key.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <optional>
#include <set>

namespace postseal::app {
namespace {

std::optional<::mode_t> modeOf(const std::filesystem::path& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return std::nullopt;
    return found.st_mode;
}

}  // namespace

std::vector<std::string> fileWarnings(const FilesInUse& files) {
    std::vector<std::string> warnings;
    std::set<std::filesystem::path> folders;
    for (const auto& file : files.settings) {
        const auto mode = modeOf(file);
        if (!mode) continue;
        folders.insert(file.parent_path());
        if ((*mode & S_IWOTH) != 0)
            warnings.push_back(
                fmt::format("{}: everybody on this machine can write it (mode {:04o}); make it "
                            "0644",
                            file.string(), *mode & 07777U));
    }
    for (const auto& file : files.secrets) {
        const auto mode = modeOf(file);
        if (!mode) continue;
        folders.insert(file.parent_path());
        if (auto warning = tls::keyFileWarning(file.string(), *mode)) warnings.push_back(std::move(*warning));
    }
    for (const auto& folder : folders) {
        const auto mode = modeOf(folder);
        // With the sticky bit others can't replace what is not theirs.
        if (!mode || (*mode & S_IWOTH) == 0 || (*mode & S_ISVTX) != 0) continue;
        warnings.push_back(
            fmt::format("{}: everybody on this machine can put other files in the place of those "
                        "that are read there (mode {:04o}); make it 0755",
                        folder.string(), *mode & 07777U));
    }
    return warnings;
}

}  // namespace postseal::app
