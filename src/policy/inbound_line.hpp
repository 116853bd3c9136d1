// One line of the inbound map: its key, its level and its attributes. Within this room only.
#pragma once

#include "policy/inbound_rule.hpp"
#include "policy/map_words.hpp"

#include <span>
#include <vector>

namespace postseal::policy {

/// The error is a fault's words.
base::Result<InboundKey, std::string> parseInboundKey(std::string_view text);

/// Level and attributes; `words` is not empty. Appends every fault to `faults`; the rule is of use only where
/// there is none, and still lacks its key.
InboundRule parseInboundRule(std::span<const Word> words, const LoadAnchors& loadAnchors,
                             std::vector<MapFault>& faults);

}  // namespace postseal::policy
