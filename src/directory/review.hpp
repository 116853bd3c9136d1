// What an administrator should know of domains that are right as far as each line goes: aliases that lead
// nowhere or in a circle, a postmaster whose mail nobody reads. Warnings: everything still holds. Pure.
#pragma once

#include "directory/directory.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::directory {

struct Warning {
    base::DomainName domain;
    std::size_t line = 0;  // of its aliases; 0: of none in particular
    std::string words;
};

std::vector<Warning> review(const Directory& directory);

/// Lines of a list whose names have a character that nobody sees: another name than the one that it looks
/// like.
std::vector<LineError> invisibleIn(std::string_view list);

}  // namespace postseal::directory
