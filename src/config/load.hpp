// Reads postseal.toml. All that is wrong is told at once; nothing of a bad file comes into force. A reload is
// a second load: the caller keeps the old Settings until the new ones are good. Reads the files that keys
// name only to see that they can be read, and the lists of recipients.
#pragma once

#include "base/result.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::config {

using Errors = std::vector<ConfigError>;

base::Result<Settings, Errors> load(const std::filesystem::path& file, Purpose purpose = Purpose::serve);
/// The same of a text that is at hand; `file` is named in errors, and its folder is where relative paths
/// begin.
base::Result<Settings, Errors> parse(std::string_view text, const std::filesystem::path& file,
                                     Purpose purpose = Purpose::serve);

/// What is found of a key later on, told as errors are: with the line where the file has it.
std::string atKey(const Settings& settings, const std::filesystem::path& file, const std::string& key,
                  std::string words);

/// The table of all keys as docs/configuration.md has it.
std::string reference();

}  // namespace postseal::config
