// The two encodings of addresses and names in DSN parameters and reports: xtext (RFC 3461 §4), for ASCII, and
// utf-8-addr-xtext (RFC 6533 §3), which is ASCII itself and stands for UTF-8. Input is hostile; what decodes
// holds no control character, so that it can stand in a header field. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postseal::base {

/// `+` with two digits for all but the printable characters.
std::string toXtext(std::string_view text);
/// Printable ASCII and spaces; nullopt: it is no xtext, or stands for anything else. The digits
/// are in upper case, as RFC 3461 §4 has them (Postfix takes either).
std::optional<std::string> fromXtext(std::string_view xtext);
/// The same where the octets are UTF-8, as Postfix encodes such an address without RFC 6533's type.
std::optional<std::string> utf8FromXtext(std::string_view xtext);

/// `\x{E4}` for what is not printable ASCII; of well-formed UTF-8.
std::string toUtf8Xtext(std::string_view text);
/// UTF-8; nullopt: as above. Unencoded UTF-8 is taken too (utf-8-addr-unitext): whether it may come is for
/// the protocol to say.
std::optional<std::string> fromUtf8Xtext(std::string_view xtext);

}  // namespace postseal::base
