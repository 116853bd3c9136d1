// From what was found out about a destination to what is done with it: the claims on each of its hosts and
// decide()'s word on them. Which lookups are worth their while is decided here, too (what an entry of the
// policy map takes the place of is not asked for), and how long the outcome may be kept. Pure; any thread.
#pragma once

#include "policy/dane.hpp"
#include "policy/destination.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace postseal::policy {

/// What we know without asking anybody: what is to be reached, and our own claims on it.
struct Wish {
    Query query;
    std::vector<Claim> claims;
    record::RequireTls requireTls = record::RequireTls::no;
    std::optional<bool> connectionReuse = {};

    bool operator==(const Wish&) const = default;
};
Wish wishOf(const Query& query, const DestinationSettings& settings, LocalPolicy local, base::Timestamp now);

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
    std::vector<DaneFinding> dane = {};     // of each host; empty: not asked for
    std::optional<StsFinding> mtaSts = {};  // none: not asked for
    bool isDnssecUntested = false;
    std::optional<base::Timestamp> hadDane = {};  // TLSA records proved a host of the next hop then
};

Destination destinationOf(const Wish& wish, Findings findings, const DestinationSettings& settings);

/// Nothing can be decided while what was kept of policies, memory and exceptions is not read: that it is not
/// known is not "there is none".
Destination notLoaded();

/// How long it may be kept.
constexpr std::chrono::seconds longestKept{3600};
constexpr std::chrono::seconds failureKept{30};  // a temporary failure
std::chrono::seconds lifeOf(const Wish& wish, const Findings& findings, const Destination& destination,
                            base::Timestamp now);

/// Whether encryption or more is demanded where no host is known: by our own claims, and by an MTA-STS policy
/// that is kept.
bool demandsProtection(const Wish& wish, const std::optional<StsFinding>& mtaSts);

}  // namespace postseal::policy
