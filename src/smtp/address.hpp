// Paths in the angle brackets of MAIL and RCPT (RFC 5321 §4.1.2) to the one canonical mailbox that decisions
// are made on (rule 52). A source route is checked and ignored (RFC 5321 §C); `%` is a letter like others.
// Input is hostile; views point into it. Pure.
#pragma once

#include "base/result.hpp"
#include "record/mailbox.hpp"

#include <string_view>
#include <utility>

namespace postseal::smtp {

struct PathText {
    std::string_view inside;  // between the brackets, without the source route; may be empty
    std::string_view rest;    // behind the closing bracket
};

/// `<path>` at the front of `text`; a '>' in a quoted string closes nothing. The error is what is wrong with
/// it, for people.
base::Result<PathText, std::string> splitPath(std::string_view text);

}  // namespace postseal::smtp
