// A claim: a demand on how a destination is reached, with its parameters and its origin (docs/policy.md). An
// authenticated level without conditions is a predicate on the hop's assurance, met by any proof that another
// claim gives (sealed, REQUIRETLS, memory).
#pragma once

#include "policy/mx_pattern.hpp"
#include "record/requirement.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

struct Claim {
    record::Origin origin = {};
    record::Level level = record::Level::may;
    std::vector<record::Condition> conditions = {};
    std::optional<record::Floors> floors = {};  // none: no opinion
    std::string serverName = {};
    std::optional<base::Timestamp> until = {};
    std::string detail = {};  // where it was found, for people: `tls_policy:12`
    // An alliance's, where it demands something:
    std::vector<MxPattern> hosts = {};  // not empty: no other is used, and it proves their names
    std::string barred = {};            // not empty: no host is used, and why, for people

    bool operator==(const Claim&) const = default;
};

/// Whose claim an origin is; `overriding` ones (a dated exception, our own TLS reports) stand alone.
enum class Authority { overriding, ours, administrator, published, memory, standard };
Authority authorityOf(const record::Origin& origin);

/// Met by any proof that another claim gives.
bool isPredicate(const Claim& claim);
/// Asks for TLSA records without bringing them: the policy map's `dane`, a default of `dane-only`.
bool asksForTlsa(const Claim& claim);

/// Postfix's default conditions of a level: `verify` asks for match=hostname, `secure` for
/// match=nexthop:dot-nexthop; the others have none.
std::vector<record::Condition> defaultConditions(record::Level level);

/// The configuration's `[outbound] level`.
Claim standardClaim(record::Level level);
/// The same where it is `sealed`: any proof of the server.
Claim standardSealed();

}  // namespace postseal::policy
