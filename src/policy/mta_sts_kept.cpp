#include "policy/mta_sts_kept.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace postseal::policy {
namespace {

using std::chrono::days;
using std::chrono::seconds;

/// Of the day; the same after a restart.
seconds timeOfDay(std::string_view domain) {
    constexpr auto secondsADay = static_cast<std::size_t>(seconds(days(1)).count());
    return seconds(static_cast<std::int64_t>(std::hash<std::string_view>()(domain) % secondsADay));
}

}  // namespace

std::optional<KeptPolicy> taken(const std::optional<KeptPolicy>& kept, MtaStsPolicy fetched, std::string id,
                                base::Timestamp now) {
    auto expires = now + std::max<seconds>(fetched.maxAge, KeptPolicy::leastLife);
    if (holds(kept, now) && kept->id == id) {
        if (fetched.mode < kept->policy.mode) return std::nullopt;
        expires = std::max(expires, kept->expires);
    }
    return KeptPolicy{std::move(fetched), std::move(id), now, expires};
}

base::Timestamp nextRefresh(std::string_view domain, const KeptPolicy& kept, LastFetch last,
                            base::Timestamp now) {
    base::Timestamp next = std::chrono::floor<days>(now) + timeOfDay(domain);
    if (next <= now) next += days(1);
    const auto halfLife = kept.fetched + (kept.expires - kept.fetched) / 2;
    next = std::min(next, std::max<base::Timestamp>(halfLife, now + KeptPolicy::leastLife));
    return last == LastFetch::failed ? std::min<base::Timestamp>(next, now + KeptPolicy::retry) : next;
}

bool isEndangered(const KeptPolicy& kept, base::Timestamp now) {
    if (kept.policy.mode == StsMode::none) return false;
    return now - kept.fetched >= KeptPolicy::quiet || kept.expires - now <= now - kept.fetched;
}

}  // namespace postseal::policy
