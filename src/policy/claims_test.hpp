// For tests: claims and hosts in a word each.
#pragma once

#include "policy/outbound.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postseal::policy::test {

using record::Level;
using record::NamePattern;
using record::NamesCondition;
using OriginKind = record::Origin::Kind;
using Kind = NamePattern::Kind;

inline Claim by(OriginKind kind, Level level, std::vector<record::Condition> conditions = {}) {
    return {.origin = {kind}, .level = level, .conditions = std::move(conditions)};
}
inline Claim map(Level level) {
    return by(OriginKind::map, level, defaultConditions(level));
}
inline Claim match(Level level, std::vector<NamePattern> patterns) {
    return by(OriginKind::map, level, {NamesCondition{std::move(patterns)}});
}
inline Claim standard(Level level) {
    return standardClaim(level);
}
inline Claim sealedByDefault() {
    return standardSealed();
}
/// A predicate: sealed, or encrypted.
inline Claim sender(Level level) {
    return by(OriginKind::sender, level);
}
inline Claim memory(Level level) {
    return by(OriginKind::memory, level);
}
inline Claim requireTls() {
    return by(OriginKind::requiretls, Level::secure);
}
inline Claim exception(Level level) {
    return by(OriginKind::exception, level, defaultConditions(level));
}
inline Claim mtaSts() {
    return by(OriginKind::mtaSts, Level::secure,
              {NamesCondition{.patterns = {{Kind::hostname}}, .by = record::Proof::mtaSts}});
}
inline Claim testing() {
    return by(OriginKind::mtaSts, Level::may);
}
inline Claim dane() {
    auto claim = by(OriginKind::dane, Level::dane,
                    {record::TlsaCondition{{{3, 1, 1, base::Bytes(32)}}, {"mx.example.org"}}});
    claim.serverName = "mx.example.org";
    return claim;
}
inline Claim unusableTlsa() {
    return by(OriginKind::dane, Level::encrypt);
}
inline Claim alliance(Level level = Level::verify) {
    Claim claim{.origin = {OriginKind::alliance, "post"}, .level = level};
    if (level == Level::verify) claim.conditions = {NamesCondition{{{Kind::below, "example.org"}}}};
    return claim;
}

/// Demands a certificate for the host's own name of the hosts that it lists.
inline Claim allianceOf(std::vector<MxPattern> hosts, Level level = Level::secure) {
    Claim claim{.origin = {OriginKind::alliance, "post"}, .level = level, .hosts = std::move(hosts)};
    if (level == Level::secure) claim.conditions = {NamesCondition{{{Kind::hostname}}}};
    return claim;
}
inline Claim barred() {
    auto claim = allianceOf({});
    claim.barred = "the list of the alliance post has ended";
    return claim;
}

inline const HostContext insecure{.nextHop = "example.org", .host = "mx.example.org"};
inline HostContext from(HostSource source) {
    auto context = insecure;
    context.source = source;
    return context;
}
inline const HostContext signedMx = from(HostSource::secureMx);
inline const HostContext listed = from(HostSource::mtaSts);
inline const HostContext ofAlliance = from(HostSource::alliance);
inline const HostContext bracketed{
    .nextHop = "mx.example.org", .host = "mx.example.org", .source = HostSource::administrator};

template <class Value>
inline HostContext with(HostContext context, Value HostContext::* member, Value value) {
    context.*member = std::move(value);
    return context;
}
inline HostContext unlisted(HostContext context) {
    return with(std::move(context), &HostContext::isUnlisted, true);
}
inline HostContext tlsOptional(HostContext context) {
    return with(std::move(context), &HostContext::isTlsOptional, true);
}
inline HostContext untested(HostContext context) {
    return with(std::move(context), &HostContext::isDnssecUntested, true);
}
inline HostContext both(HostContext context) {
    return with(std::move(context), &HostContext::daneAndMtaSts, DaneAndMtaSts::both);
}
inline HostContext onInsecureMx(HostContext context, DaneInsecureMx demand) {
    return with(std::move(context), &HostContext::daneInsecureMx, demand);
}
inline HostContext failing(HostContext context) {
    return with(std::move(context), &HostContext::daneFailure, std::string("SERVFAIL"));
}

}  // namespace postseal::policy::test
