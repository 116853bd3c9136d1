// The one JSON form of each record (docs/json.md). Writing never fails; reading tolerates unknown keys and
// refuses wrong types. Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "record/hop.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postseal::record {

/// One object as in `postseal trace --json`'s `hops`, with more keys: queue_id, message_id, sender, protocol,
/// outcomes.
std::string toJson(const HopRecord& hop);
/// What stands in it: `requirement`, `tls`, `claims`.
std::string toJson(const Requirement& requirement);
std::string toJson(const TlsFacts& tls);
std::string toJson(const std::vector<ClaimNote>& claims);
/// The inverse of toJson; the error says what is wrong, for people.
base::Result<HopRecord, std::string> parseHop(std::string_view json);

/// A JSON string literal with its quotes; bytes that are no UTF-8 become U+FFFD.
std::string quotedJson(std::string_view text);

}  // namespace postseal::record
