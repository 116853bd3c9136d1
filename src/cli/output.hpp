// For whom a command prints.
#pragma once

namespace postseal::cli {

enum class Output { people, json };

}  // namespace postseal::cli
