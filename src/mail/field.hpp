// One field of a header that is at hand, and its words as people read them (RFC 5322 §2.2, RFC 2047). Input
// is hostile. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postseal::mail {

/// The body of the first field of that name, still folded; empty: there is none. At most 1000 bytes.
std::string_view fieldOf(std::string_view header, std::string_view name);

/// Unfolded, with its encoded words decoded (UTF-8, US-ASCII and ISO-8859-1): UTF-8 without control
/// characters, at most 200 bytes and `...`. What can't be decoded stays as it is; empty: nothing that could
/// be shown.
std::string readable(std::string_view field);

}  // namespace postseal::mail
