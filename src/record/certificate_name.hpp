// Whether a name that a certificate bears is one that was asked for, as Postfix takes it (X509_check_host
// without partial wildcards; RFC 6125 §6.4): `*` is a whole left-most label, stands for exactly one label,
// and has two labels or more below it; a pattern `.example.org` takes every name below it, `*.example.org`
// included. Which names of a certificate count is tls/certificates'. Pure.
#pragma once

#include "record/requirement.hpp"

#include <string_view>

namespace postseal::record {

/// `name` in lower case; the pattern is `exact` or `below`: what is not yet replaced by a name proves
/// nothing.
bool certificateNameFits(std::string_view name, const NamePattern& pattern);

}  // namespace postseal::record
