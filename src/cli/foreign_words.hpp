// Words that administrators know from Postfix, Unix and systemd, and the commands that do the same here.
#pragma once

#include <string_view>

namespace postseal::cli {

/// The whole command, as it is typed; empty: the word is not known elsewhere either.
std::string_view commandMeantBy(std::string_view word);

}  // namespace postseal::cli
