// Files that commands write.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace postseal::cli {

/// In place of what is there; empty: to standard output. The error names the file.
base::Result<void, std::string> writeText(const std::string& file, std::string_view text);
/// Into a file that is not there yet, and that only its owner can read.
base::Result<void, std::string> writeNewSecret(const std::string& file, std::string_view text);

}  // namespace postseal::cli
