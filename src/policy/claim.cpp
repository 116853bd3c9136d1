#include "policy/claim.hpp"

namespace postseal::policy {

using record::Level;
using record::NamePattern;

Authority authorityOf(const record::Origin& origin) {
    using Kind = record::Origin::Kind;
    switch (origin.kind) {
    case Kind::exception:
    case Kind::tlsrpt: return Authority::overriding;
    case Kind::alliance:
    case Kind::requiretls:
    case Kind::sender: return Authority::ours;
    case Kind::map:
    case Kind::listener: return Authority::administrator;
    case Kind::dane:
    case Kind::mtaSts: return Authority::published;
    case Kind::memory: return Authority::memory;
    case Kind::standard: return Authority::standard;
    }
    return Authority::standard;
}

bool isPredicate(const Claim& claim) {
    return record::classOf(claim.level) == record::LevelClass::authenticated && claim.conditions.empty();
}

bool asksForTlsa(const Claim& claim) {
    return (claim.level == Level::dane || claim.level == Level::daneOnly) && claim.conditions.empty() &&
           authorityOf(claim.origin) != Authority::memory;
}

std::vector<record::Condition> defaultConditions(Level level) {
    using Kind = NamePattern::Kind;
    switch (level) {
    case Level::verify: return {record::NamesCondition{{{Kind::hostname}}}};
    case Level::secure: return {record::NamesCondition{{{Kind::nexthop}, {Kind::dotNexthop}}}};
    case Level::none:
    case Level::may:
    case Level::encrypt:
    case Level::dane:
    case Level::daneOnly:
    case Level::fingerprint: return {};
    }
    return {};
}

Claim standardClaim(Level level) {
    return {
        .origin = {record::Origin::Kind::standard}, .level = level, .conditions = defaultConditions(level)};
}

Claim standardSealed() {
    return {.origin = {record::Origin::Kind::standard}, .level = Level::secure, .detail = "sealed"};
}

}  // namespace postseal::policy
