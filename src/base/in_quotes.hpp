// A foreign word within a sentence of ours: escaped, bounded and in quotes (rule 55).
#pragma once

#include "base/ascii.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postseal::base {

inline std::string inQuotes(std::string_view foreign, std::size_t shown = 80) {
    return '"' + escaped(foreign, shown) + '"';
}

}  // namespace postseal::base
