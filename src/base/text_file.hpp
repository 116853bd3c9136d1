// Files that people write: lists, maps, the configuration. An editor may put a byte-order mark in front,
// which would become part of the first name; and a line may go on in the next one, as in Postfix's tables.
// Pure; views point into the text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace postseal::base {

/// Without a leading U+FEFF: for whoever reads a file that is text.
std::string_view withoutByteOrderMark(std::string_view text);

struct Line {
    std::size_t number = 0;  // from 1
    std::string_view text;   // without its LF
};
/// A line and those that continue it, which begin with white space. So does the first one of all where it has
/// nothing to continue.
using LogicalLine = std::vector<Line>;
/// Without blank lines and remarks (`#`), which end nothing.
std::vector<LogicalLine> logicalLines(std::string_view text);

/// The first character that nobody sees or tells from a space, though it makes another name of it: zero-width
/// ones, other spaces, marks of direction and of byte order. nullopt: none.
std::optional<char32_t> findInvisible(std::string_view text);

}  // namespace postseal::base
