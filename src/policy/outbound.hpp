// What all claims on a destination mean for one host (docs/policy.md): which of them bind, and the one
// requirement that holds on the hop. Claims are never ranked against each other: each that binds must hold.
//  1. An overriding claim (a dated exception, our own TLS report) stands alone.
//  2. A map entry takes the place of what is published, of memory and of the default, stronger or weaker.
//  3. Ours (the sender's, REQUIRETLS, alliances) only raises: it is joined with the outcome of 2.
//  4. The requirement names the claim of the highest class, and the others that must hold too; floors are
//     joined to the strictest.
//  5. A predicate is met by any proof of another claim; only where none gives one, the names of the next hop
//     are tried.
//  6. A name proves something only where its source is secure: `hostname` of an insecure MX record proves
//     `encrypted`, never `authenticated`.
// Pure; any thread.
#pragma once

#include "policy/claim.hpp"
#include "record/next_hop.hpp"
#include "record/requirement.hpp"

#include <string>
#include <vector>

namespace postseal::policy {

/// How we came to the host's name.
enum class HostSource {
    administrator,  // [host] or a route's: the administrator wrote it
    secureMx,       // an MX record that DNSSEC proves
    insecureMx,
};

struct HostContext {
    std::string nextHop;  // record::hostText: the domain, or what stood in the brackets
    std::string host;     // the host that will be connected to; A-labels, or an address
    HostSource source = HostSource::insecureMx;
};

struct Decision {
    record::Requirement requirement;
    std::vector<Claim> binding = {};  // the deciding one first
    std::vector<Claim> losing = {};   // that no longer demand anything here

    bool operator==(const Decision&) const = default;
};

/// `claims` are all that were gathered, in any order; none at all is `may` by default.
Decision decide(const std::vector<Claim>& claims, const HostContext& context);

}  // namespace postseal::policy
