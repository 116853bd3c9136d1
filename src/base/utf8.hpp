// UTF-8 as Unicode's table 3-7 has it: no overlong form, no surrogate, nothing beyond U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postseal::base {

/// The octets of the well-formed character at the front; 0: there is none.
std::size_t utf8Length(std::string_view text);
bool isUtf8(std::string_view text);

/// The character at the front, where utf8Length() is not 0.
char32_t firstCodePoint(std::string_view text);
/// Appends a character, where it is one: neither a surrogate nor beyond U+10FFFF.
bool appendUtf8(std::string& out, char32_t codePoint);

}  // namespace postseal::base
