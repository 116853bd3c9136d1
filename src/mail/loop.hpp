// Mail that goes round in circles: too many Received fields (RFC 5321 §6.3).
#pragma once

#include "mail/header.hpp"

namespace postseal::mail {

inline constexpr unsigned defaultHops = 50;  // Postfix's hopcount_limit

/// To be refused with 554 5.4.6. One more than the limit is too many (rule 53).
constexpr bool isLooping(const HeaderFacts& facts, unsigned hops) {
    return facts.received > hops;
}

}  // namespace postseal::mail
