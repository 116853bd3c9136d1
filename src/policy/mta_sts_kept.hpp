// A policy of MTA-STS as it is kept, and what becomes of it when its host is asked again (RFC 8461 §3.3,
// §5.1, §10.2; rules 21, 22):
//  - it holds for its max_age, counted from the last fetch that gave it, five minutes at least;
//  - a policy under a new id takes its place, whatever it says;
//  - under the same id a fetch may renew it and may change its hosts, but neither shortens its life nor
//    lowers its mode: a domain that withdraws its policy says so by a new id (§3.1, §8.3);
//  - it is refreshed daily, at a time of the day that is its domain's own, and at half its life at the
//    latest.
// Pure; any thread.
#pragma once

#include "base/time.hpp"
#include "policy/mta_sts.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::policy {

struct KeptPolicy {
    static constexpr std::chrono::minutes leastLife{
        5};                                        // so that a max_age of 0 is no fetch for each message
    static constexpr std::chrono::hours retry{1};  // of a refresh that failed
    static constexpr std::chrono::days quiet{2};   // without a fetch, before anybody is told (isEndangered)

    MtaStsPolicy policy = {};
    std::string id = {};        // of the TXT record
    base::Timestamp fetched{};  // the last time
    base::Timestamp expires{};

    bool operator==(const KeptPolicy&) const = default;
};

inline bool holds(const std::optional<KeptPolicy>& kept, base::Timestamp now) {
    return kept && now < kept->expires;
}

/// What is kept once `fetched` came, announced by `id` or, where nothing is announced, under the id of the
/// one that is kept. nullopt: it is not taken, since it would lower a policy that holds.
std::optional<KeptPolicy> taken(const std::optional<KeptPolicy>& kept, MtaStsPolicy fetched, std::string id,
                                base::Timestamp now);

enum class LastFetch { well, failed };
/// When it is fetched again, whatever DNS says.
base::Timestamp nextRefresh(std::string_view domain, const KeptPolicy& kept, LastFetch last,
                            base::Timestamp now);

/// Fetches have failed for so long that an administrator should know, well before it runs out; never of mode
/// none, which is how a domain withdraws (§8.3).
bool isEndangered(const KeptPolicy& kept, base::Timestamp now);

}  // namespace postseal::policy
