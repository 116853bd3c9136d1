#include "discover/local_policy.hpp"

#include "policy/alliance_set.hpp"

#include <utility>

namespace postseal::discover {

std::optional<LocalPolicy> localPolicyOf(const Exceptions& exceptions, const Alliances& alliances,
                                         const MemoryStore& memory, const Query& query, base::Timestamp now) {
    const auto joined = alliances.snapshot();
    if (!exceptions.isLoaded() || !joined || !memory.isLoaded()) return std::nullopt;
    LocalPolicy local{.claims = joined->claims(query.domain, now)};
    if (const auto exception = exceptions.find(query.domain, now)) {
        if (auto claim = policy::exceptionClaim(*exception, now)) local.claims.push_back(std::move(*claim));
        local.requireTls = policy::requireTlsOf(*exception, now);
    }
    if (toText(query.nextHop) != query.domain) return local;
    if (auto claim = memory.claim(query.domain)) local.claims.push_back(std::move(*claim));
    return local;
}

}  // namespace postseal::discover
