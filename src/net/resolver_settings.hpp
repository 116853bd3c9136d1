// What the resolver is told by the configuration. Pure data.
#pragma once

#include "net/endpoint.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace postseal::net {

/// Who checks DNSSEC: `self` we, from the trust anchor; `resolver` the servers, whose AD bit is believed and
/// which must be on this machine (rule 17); `off` nobody, so that no answer counts as secure.
enum class Validation { off, resolver, self };

struct ResolverSettings {
    std::vector<Endpoint> servers = {};  // empty: the system's (/etc/resolv.conf)
    Validation validate = Validation::self;
    std::string trustAnchor = "/usr/share/dns/root.key";  // of use with `self` alone
    std::uint64_t cacheBytes = 64U << 20U;                // of all its caches together
};

}  // namespace postseal::net
