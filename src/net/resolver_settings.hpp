// What the resolver is told by the configuration. Pure data.
#pragma once

#include "net/endpoint.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace postseal::net {

/// Who checks DNSSEC: `self` from the trust anchor, `off` nobody, so that no answer counts as secure.
enum class Validation { off, self };

struct ResolverSettings {
    std::vector<Endpoint> servers = {};  // empty: the system's (/etc/resolv.conf)
    Validation validate = Validation::off;
    std::string trustAnchor = {};           // a file of root keys; of no use with `off`
    std::uint64_t cacheBytes = 64U << 20U;  // of all its caches together
};

}  // namespace postseal::net
