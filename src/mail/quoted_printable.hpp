// Quoted-printable (RFC 2045 §6.7): text in any charset as lines of at most 76 printable characters. Pure.
#pragma once

#include <string>
#include <string_view>

namespace postseal::mail {

/// `text` has lines that end in CRLF.
std::string toQuotedPrintable(std::string_view text);

}  // namespace postseal::mail
