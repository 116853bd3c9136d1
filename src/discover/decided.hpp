// From what was found out about a destination to what is done with it: the claims on each of its hosts and
// policy::decide's word on them. Which lookups are worth their while is decided here, too: what an entry of
// the policy map takes the place of is not asked for. Pure but for its types.
#pragma once

#include "discover/destination.hpp"
#include "policy/dane.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace postseal::discover {

/// What we know without asking anybody: the next hop, and our own claims on it.
struct Wish {
    Query query;
    record::NextHop nextHop;
    std::vector<policy::Claim> claims;
    record::RequireTls requireTls = record::RequireTls::no;
    std::optional<bool> connectionReuse = {};

    bool operator==(const Wish&) const = default;
};
Wish wishOf(const Query& query, const record::NextHop& nextHop, const DestinationSettings& settings,
            LocalPolicy local, base::Timestamp now);

/// Lookups whose claims could decide, or that were asked for all the same.
struct Needs {
    bool dane = false;
    bool mtaSts = false;

    bool operator==(const Needs&) const = default;
};
Needs needsOf(const Wish& wish, const DestinationSettings& settings);

/// What was found out.
struct Findings {
    dns::Route route = {};
    std::vector<policy::DaneFinding> dane = {};  // of each host; empty: not asked for
    std::optional<StsFinding> mtaSts = {};       // none: not asked for
    bool isDnssecUntested = false;
};

Destination decided(const Wish& wish, Findings findings, const DestinationSettings& settings);

/// How long it may be kept.
std::chrono::seconds lifeOf(const Wish& wish, const Findings& findings, const Destination& destination,
                            base::Timestamp now);

}  // namespace postseal::discover
