#include "policy/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace postseal::policy {
namespace {

using record::Level;

/// REQUIRETLS as a claim. A relaxation of it stands in the record, whatever it comes to.
void addRequireTls(Wish& wish, const std::optional<RequireTlsRelaxation>& relaxation, base::Timestamp now) {
    if (wish.query.message != record::TlsDemand::required) return;
    const auto mode = modeAt(relaxation, now);
    auto hop = requireTlsOnHop(wish.query.message, wish.query.kind, mode);
    wish.requireTls = hop.keyword;
    Claim claim =
        hop.claim.value_or(Claim{.origin = {record::Origin::Kind::requiretls},
                                 .level = hop.keyword == record::RequireTls::no ? Level::none : Level::may});
    if (mode != RequireTlsMode::enforce) {
        claim.until = relaxation->until;
        claim.detail = fmt::format("REQUIRETLS is relaxed to {} until {}: {}", toText(mode),
                                   base::toRfc3339(relaxation->until), relaxation->reason);
    }
    wish.claims.push_back(std::move(claim));
}

/// What is published can't decide.
bool takesItsPlace(const Claim& claim) {
    const auto whose = authorityOf(claim.origin);
    return whose == Authority::overriding || (whose == Authority::administrator && !asksForTlsa(claim));
}

/// Of the MX answer; a resolver that fails its test is not believed (rule 17).
record::DnssecStatus dnssecOf(const Findings& findings) {
    return findings.isDnssecUntested ? record::DnssecStatus::notAsked : findings.route.mx;
}

HostSource sourceOf(const record::NextHop& nextHop, record::DnssecStatus mx) {
    if (nextHop.lookup == record::NextHop::Lookup::address) return HostSource::administrator;
    return mx == record::DnssecStatus::secure ? HostSource::secureMx : HostSource::insecureMx;
}

/// Alliances that demand something prove the names that they list.
void takeAlliances(std::vector<Claim>& claims, HostContext& context) {
    for (auto& claim : claims) {
        if (claim.hosts.empty()) continue;
        const bool isListed = anyMatches(claim.hosts, context.host);
        if (!isListed) claim.detail += "; it does not list " + context.host;
        if (record::classOf(claim.level) <= record::LevelClass::may)
            claim.hosts.clear();  // it only tells what it would demand
        else if (isListed && context.source == HostSource::insecureMx)
            context.source = HostSource::alliance;
    }
}

/// What the policy means for a host; also where a lookup failed and nothing is known.
void takeMtaSts(std::vector<Claim>& claims, HostContext& context, const StsFinding& finding) {
    const auto& policy = finding.policy;
    Claim claim{.origin = {record::Origin::Kind::mtaSts}};
    if (policy) {
        claim = mtaStsClaim(*policy, finding.id);
    } else if (finding.note.empty()) {
        return;
    }
    if (!finding.note.empty()) claim.detail += (claim.detail.empty() ? "" : "; ") + finding.note;
    const bool isListed = !policy || lists(*policy, context.host);
    if (!isListed) claim.detail += "; it does not list " + context.host;
    if (policy && policy->mode == StsMode::enforce) {
        context.isUnlisted = !isListed;
        if (isListed && context.source == HostSource::insecureMx) context.source = HostSource::mtaSts;
    }
    claims.push_back(std::move(claim));
}

/// What a host's TLSA records mean for it, and what is said of them while our resolver does not validate
/// (rule 17).
void takeDane(std::vector<Claim>& claims, HostContext& context, const DaneFinding& dane,
              const Findings& findings) {
    if (dane.kind == DaneFinding::Kind::failed) context.daneFailure = dane.why;
    if (findings.isDnssecUntested && findings.hadDane)
        claims.push_back(daneOnceHad(*findings.hadDane));
    else if (auto claim = daneClaim(dane, context, findings.route.canonical))
        claims.push_back(std::move(*claim));
    else if (findings.isDnssecUntested && dane.kind == DaneFinding::Kind::none)
        claims.push_back(daneNotSeen());
}

bool isTemporary(const std::optional<dns::Failure>& failure) {
    return failure && failure->isTemporary();
}

}  // namespace

Wish wishOf(const Query& query, const DestinationSettings& settings, LocalPolicy local, base::Timestamp now) {
    Wish wish{.query = query, .claims = std::move(local.claims)};
    wish.claims.push_back(settings.standard);
    if (const auto* entry = settings.map->find(query.nextHop); entry != nullptr) {
        wish.claims.push_back(entry->claim);
        wish.connectionReuse = entry->connectionReuse;
    }
    addRequireTls(wish, local.requireTls ? local.requireTls : settings.requireTls, now);
    return wish;
}

Needs needsOf(const Wish& wish, const DestinationSettings& settings) {
    const auto& claims = wish.claims;
    if (std::holds_alternative<base::IpAddress>(wish.query.nextHop.host)) return {};
    // A demand for any proof takes also that of what does not bind.
    const bool couldDecide = wish.query.lookAtAll || std::ranges::none_of(claims, takesItsPlace) ||
                             std::ranges::any_of(claims, isPredicate);
    const bool isAskedFor = std::ranges::any_of(claims, asksForTlsa);
    return {.dane = (settings.dane && couldDecide) || isAskedFor, .mtaSts = couldDecide};
}

Destination destinationOf(const Wish& wish, Findings findings, const DestinationSettings& settings) {
    if (findings.mtaSts && !findings.mtaSts->isLoaded) return notLoaded();
    auto& route = findings.route;
    Destination destination{.hosts = {}, .failure = std::move(route.failure), .mtaSts = findings.mtaSts};
    for (std::size_t i = 0; i < route.hosts.size(); ++i) {
        auto& host = route.hosts[i];
        auto claims = wish.claims;
        HostContext context{.nextHop = record::hostText(wish.query.nextHop),
                            .host = host.name,
                            .source = sourceOf(wish.query.nextHop, dnssecOf(findings)),
                            .isDnssecUntested = findings.isDnssecUntested,
                            .isTlsOptional = wish.query.message == record::TlsDemand::optional,
                            .daneAndMtaSts = settings.daneAndMtaSts,
                            .daneInsecureMx = settings.daneInsecureMx};
        takeAlliances(claims, context);
        if (findings.mtaSts) takeMtaSts(claims, context, *findings.mtaSts);
        if (i < findings.dane.size()) takeDane(claims, context, findings.dane[i], findings);
        auto decision = decide(claims, context);
        if (decision.unusable && !host.failure) {
            auto refusal = deferral(decision.requirement, *decision.unusable);
            host.failure = {dns::Failure::Kind::temporary, std::move(refusal.code), std::move(refusal.words)};
            if (!wish.query.lookAtAll) host.addresses.clear();  // so that nobody connects to it by mistake
        } else {
            decision.unusable.reset();
        }
        destination.hosts.push_back({.name = std::move(host.name),
                                     .preference = host.preference,
                                     .addresses = std::move(host.addresses),
                                     .port = route.port,
                                     .requirement = std::move(decision.requirement),
                                     .first = std::move(decision.first),
                                     .requireTls = wish.requireTls,
                                     .dnssec = dnssecOf(findings),
                                     .mxProof = policy::mxProofOf(context.source),
                                     .failure = std::move(host.failure),
                                     .unusable = std::move(decision.unusable),
                                     .connectionReuse = wish.connectionReuse,
                                     .claims = std::move(decision.claims)});
    }
    return destination;
}

Destination notLoaded() {
    return {.failure =
                dns::Failure{dns::Failure::Kind::temporary, "4.3.0",
                             "what this server keeps of policies, memory and exceptions is not read yet"},
            .isPolicyKnown = false};
}

std::chrono::seconds lifeOf(const Wish& wish, const Findings& findings, const Destination& destination,
                            base::Timestamp now) {
    auto life = std::min(findings.route.ttl, longestKept);
    for (const auto& dane : findings.dane)
        life = std::min(life, dane.ttl.value_or(life));
    if (findings.mtaSts) life = std::min(life, findings.mtaSts->ttl);
    for (const auto& claim : wish.claims)
        if (claim.until) life = std::min(life, std::chrono::floor<std::chrono::seconds>(*claim.until - now));
    // A host that could not be asked is asked again soon, though others were found.
    const bool isUnsure = isTemporary(destination.failure) ||
                          std::ranges::any_of(destination.hosts, isTemporary, &Host::failure);
    if (isUnsure) life = std::min(life, failureKept);
    return std::max(life, std::chrono::seconds(1));
}

bool demandsProtection(const Wish& wish, const std::optional<StsFinding>& mtaSts) {
    const auto name = record::hostText(wish.query.nextHop);
    HostContext context{.nextHop = name, .host = name};
    auto claims = wish.claims;
    if (mtaSts) takeMtaSts(claims, context, *mtaSts);
    return !permitsCleartext(decide(claims, context).requirement);
}

}  // namespace postseal::policy
