// The keys by which DNSSEC is believed, from a file: DS or DNSKEY records a line each, as dns-root-data's
// root.key has them, or what unbound and unbound-anchor keep by RFC 5011, of which only keys that are trusted
// now count. The file is only read: libunbound ends the process when it can't write one that it keeps itself.
// Pure.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postseal::net {

/// Records in their text form, at least one; the error is what is wrong, for people. Whether their data is
/// sound libunbound says.
base::Result<std::vector<std::string>, std::string> parseTrustAnchors(std::string_view text);

}  // namespace postseal::net
