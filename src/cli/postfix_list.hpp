// A Postfix TLS policy table as the members of a list to begin from; and the certificates of a PEM file.
#pragma once

#include "base/result.hpp"
#include "cli/alliance_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postseal::cli {

/// What the table demands of mail to a domain is what the member promises; entries that demand nothing, and
/// those of single hosts, are left out and named on standard error. The error has a line for each fault.
base::Result<std::vector<DraftMember>, std::string> membersOfPostfix(const std::string& file);

/// Each PEM block of its own.
std::vector<std::string> certificatesIn(std::string_view pem);

}  // namespace postseal::cli
