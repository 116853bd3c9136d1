// For the tests of configurations: a folder with the files that they name, and the two lines that each needs.
#pragma once

#include "config/load.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace postseal::config {

namespace fs = std::filesystem;

/// A folder with the files that configurations name; gone afterwards.
struct Folder {
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "postseal-config-XXXXXX").string();
        path = mkdtemp(pattern.data());
        write("ecdsa.pem", "certificate");
        write("ecdsa.key", "key");
        write("recipients", "user\nother@example.org\n");
        fs::create_directory(path / "certs");
    }
    ~Folder() {
        std::error_code ignored;  // a folder that stays does no harm
        fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path / name, std::ios::binary) << text;
    }
    auto parsed(std::string_view text) const { return config::parse(text, path / "postseal.toml"); }
    /// The errors without the folder's name.
    std::string errors(std::string_view text) const {
        const auto settings = parsed(text);
        if (settings) return "no error";
        auto words = toText(settings.error());
        for (auto at = words.find(path.string() + "/"); at != std::string::npos;
             at = words.find(path.string() + "/"))
            words.erase(at, path.string().size() + 1);
        return words;
    }

    fs::path path;
};

inline constexpr std::string_view least = "hostname = \"mx.example.org\"\ndata_dir = \"data\"\n";

}  // namespace postseal::config
