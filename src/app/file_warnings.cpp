#include "app/file_warnings.hpp"

#include "tls/private_key.hpp"

#include <fmt/format.h>

#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace postseal::app {
namespace {

/// What the file system says of a file or folder.
struct Found {
    ::mode_t mode;
    ::uid_t owner;
};

std::optional<Found> look(const std::filesystem::path& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return std::nullopt;
    return Found{found.st_mode, found.st_uid};
}

std::string nameOf(::uid_t owner) {
    std::array<char, 4096> names{};
    struct passwd account{};
    struct passwd* found = nullptr;
    if (::getpwuid_r(owner, &account, names.data(), names.size(), &found) != 0 || found == nullptr)
        return fmt::format("uid {}", owner);
    return account.pw_name;
}

class Look {
public:
    explicit Look(const std::vector<::uid_t>& owners) : owners_(owners) {}

    void setting(const std::filesystem::path& file);
    void secret(const std::filesystem::path& file);
    void folder(const std::filesystem::path& path);
    void owner(const std::filesystem::path& path) {
        if (const auto found = look(path)) note(path, *found);
    }
    /// Those in which a file was.
    void foldersOfFiles() {
        for (const auto& path : std::exchange(folders_, {}))
            folder(path);
    }
    std::vector<std::string> take() { return std::move(warnings_); }

private:
    void note(const std::filesystem::path& path, const Found& found);

    const std::vector<::uid_t>& owners_;
    std::set<std::filesystem::path> folders_;
    std::vector<std::string> warnings_;
};

void Look::note(const std::filesystem::path& path, const Found& found) {
    if (std::ranges::find(owners_, found.owner) != owners_.end()) return;
    warnings_.push_back(
        fmt::format("{}: belongs to {}, who can change it at any time; give it to root, or to the account "
                    "that serves",
                    path.string(), nameOf(found.owner)));
}

void Look::setting(const std::filesystem::path& file) {
    const auto found = look(file);
    if (!found) return;
    if (S_ISDIR(found->mode)) return folder(file);
    folders_.insert(file.parent_path());
    note(file, *found);
    if ((found->mode & S_IWOTH) == 0) return;
    warnings_.push_back(fmt::format("{}: everybody on this machine can write it (mode {:04o}); make it 0644",
                                    file.string(), found->mode & 07777U));
}

void Look::secret(const std::filesystem::path& file) {
    const auto found = look(file);
    if (!found) return;
    folders_.insert(file.parent_path());
    note(file, *found);
    if (auto warning = tls::keyFileWarning(file.string(), found->mode))
        warnings_.push_back(std::move(*warning));
}

void Look::folder(const std::filesystem::path& path) {
    const auto found = look(path);
    if (!found) return;
    note(path, *found);
    // With the sticky bit others can't replace what is not theirs.
    if ((found->mode & S_IWOTH) == 0 || (found->mode & S_ISVTX) != 0) return;
    warnings_.push_back(fmt::format("{}: everybody on this machine can put other files in the place of those "
                                    "that are read there (mode {:04o}); make it 0755",
                                    path.string(), found->mode & 07777U));
}

}  // namespace

std::vector<std::string> fileWarnings(const FilesInUse& files) {
    Look look(files.owners);
    for (const auto& file : files.settings)
        look.setting(file);
    for (const auto& file : files.secrets)
        look.secret(file);
    look.foldersOfFiles();
    for (const auto& folder : files.folders)
        look.owner(folder);
    return look.take();
}

}  // namespace postseal::app
