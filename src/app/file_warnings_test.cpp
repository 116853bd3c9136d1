#include "app/file_warnings.hpp"

#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace postseal::app {
namespace {

TEST_CASE("a file that others may change, or read where it is secret, is told with path and mode") {
    struct Row {
        const char* why;
        ::mode_t folder, file;
        const char* setting;  // FILE and FOLDER stand for their paths; empty: nothing to tell
        const char* secret;
    };
    constexpr const char* otherFile = "FOLDER: everybody on this machine can put other files in the place of "
                                      "those that are read there (mode 0777); make it 0755";
    const Row rows[] = {
        {"only its owner", 0700, 0600, "", ""},
        {"a group of its own reads", 0755, 0640, "", ""},
        {"everybody reads", 0755, 0644, "",
         "FILE: everybody on this machine can read it (mode 0644); make it 0600, or 0640 with a group of its "
         "own"},
        {"a group writes, which may be the administrators'", 0755, 0660, "",
         "FILE: others can write it (mode 0660); make it 0600, or 0640 with a group of its own"},
        {"everybody writes", 0755, 0602,
         "FILE: everybody on this machine can write it (mode 0602); make it 0644",
         "FILE: others can write it (mode 0602); make it 0600, or 0640 with a group of its own"},
        {"everybody writes in its folder", 0777, 0600, otherFile, otherFile},
        {"but not what is others', as in /tmp", 01777, 0600, "", ""},
    };
    const std::vector<::uid_t> ours{::geteuid()};
    for (const auto& row : rows) {
        INFO(row.why);
        const store::TempDir dir;
        const auto folder = dir / "etc", file = folder / "tls_policy";
        std::filesystem::create_directory(folder);
        std::ofstream(file) << "x";
        REQUIRE(::chmod(file.c_str(), row.file) == 0);
        REQUIRE(::chmod(folder.c_str(), row.folder) == 0);
        const auto filled = [&](std::string words) {
            if (words.starts_with("FILE")) words.replace(0, 4, file.string());
            if (words.starts_with("FOLDER")) words.replace(0, 6, folder.string());
            return words;
        };
        const auto told = [](const FilesInUse& files) {
            std::string all;
            for (const auto& warning : fileWarnings(files))
                all += warning;
            return all;
        };
        CHECK(told({.settings = {file}, .owners = ours}) == filled(row.setting));
        CHECK(told({.secrets = {file}, .owners = ours}) == filled(row.secret));
    }
    CHECK(fileWarnings({.settings = {"", "/none/tls_policy"}, .secrets = {""}}).empty());
}

TEST_CASE(
    "a file, a folder of one, or a data directory that is another account's is told with path and owner") {
    const store::TempDir dir;
    const auto data = dir / "data", etc = dir / "etc", map = etc / "tls_policy", key = etc / "mx.key";
    std::filesystem::create_directory(data);
    std::filesystem::create_directory(etc);
    for (const auto& file : {map, key}) {
        std::ofstream(file) << "x";
        REQUIRE(::chmod(file.c_str(), 0600) == 0);
    }
    // Whoever runs this test made them; for a server of another account they are a stranger's.
    const ::uid_t maker = ::geteuid(), server = maker + 1;
    const auto isToldOf = [](const std::vector<std::string>& warnings, const std::filesystem::path& path) {
        return std::ranges::count_if(warnings, [&](const std::string& one) {
                   return one.starts_with(path.string() + ": belongs to ") &&
                          one.ends_with("; give it to root, or to the account that serves");
               }) == 1;
    };
    FilesInUse files{.settings = {map}, .secrets = {key}, .folders = {data}, .owners = {server}};
    const auto told = fileWarnings(files);
    CHECK(told.size() == 4);
    for (const auto& path : {map, key, etc, data})
        CHECK(isToldOf(told, path));
    files.owners = {server, maker};
    CHECK(fileWarnings(files).empty());
}

}  // namespace
}  // namespace postseal::app
