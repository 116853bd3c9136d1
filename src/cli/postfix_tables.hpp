// The lists that we joined as tables of a Postfix that has no Postseal beside it: what it must find where
// mail goes out, and as much as it can ask of mail that comes in. Pure: values in, texts out.
#pragma once

#include "policy/alliance_set.hpp"

#include <string>
#include <vector>

namespace postseal::cli {

struct PostfixFile {
    std::string name;  // within the folder
    std::string text;
};
/// `folder` is named within the tables.
std::vector<PostfixFile> postfixTables(const policy::AllianceSet& set, const std::string& folder);

}  // namespace postseal::cli
