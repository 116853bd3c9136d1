#include "policy/outbound.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace postseal::policy {
namespace {

using record::Assurance;
using record::Condition;
using record::Floors;
using record::Level;
using record::LevelClass;
using record::NamePattern;
using record::NamesCondition;
using record::Requirement;
using OriginKind = record::Origin::Kind;

bool has(const std::vector<Claim>& claims, Authority authority) {
    return std::ranges::any_of(claims,
                               [&](const Claim& claim) { return authorityOf(claim.origin) == authority; });
}

bool proves(const std::vector<Condition>& conditions) {
    return std::ranges::any_of(conditions, [](const Condition& condition) {
        return std::visit([](const auto& c) { return c.proves == Assurance::authenticated; }, condition);
    });
}

bool isAuthenticated(const Claim& claim) {
    return record::classOf(claim.level) == LevelClass::authenticated;
}

/// Nothing else will do. Ours only raises: an alliance whose members promise DANE means it.
bool insistsOnTlsa(const Claim& claim) {
    return asksForTlsa(claim) &&
           (claim.level == Level::daneOnly || authorityOf(claim.origin) == Authority::ours);
}

bool isMxSecure(const HostContext& context) {
    return context.source == HostSource::secureMx || context.source == HostSource::administrator ||
           context.source == HostSource::alliance;
}

/// What the host's TLSA records demand where nothing proves the MX record that named it (rule 6), or DNSSEC
/// can't be believed.
Claim daneOnHost(Claim claim, const HostContext& context) {
    for (auto& condition : claim.conditions)
        if (auto* tlsa = std::get_if<record::TlsaCondition>(&condition);
            tlsa != nullptr && (context.source == HostSource::insecureMx || context.isDnssecUntested))
            tlsa->proves = std::min(tlsa->proves, Assurance::encrypted);
    // Whether the MX record is proven is not known while our resolver does not validate.
    if (isMxSecure(context) || context.isDnssecUntested) return claim;
    claim.detail += "; nothing proves the MX record that names the host";
    if (context.daneInsecureMx == DaneInsecureMx::dane) return claim;
    claim.level = context.daneInsecureMx == DaneInsecureMx::may ? Level::may : Level::encrypt;
    claim.conditions.clear();
    claim.serverName.clear();
    return claim;
}

/// A claim as it is on this host.
Claim onHost(const Claim& claim, const std::optional<Claim>& dane, const HostContext& context) {
    if (claim.origin.kind == OriginKind::dane) return daneOnHost(claim, context);
    if (!asksForTlsa(claim)) return claim;
    Claim held = claim;
    const bool isProof = dane && proves(dane->conditions);
    if (insistsOnTlsa(claim) && !isProof) return held;
    if (claim.level == Level::dane) held.level = dane ? dane->level : Level::may;
    if (held.level != claim.level) held.detail += "; dane without usable TLSA records";
    if (dane) held.conditions = dane->conditions;
    if (dane && !dane->serverName.empty()) held.serverName = dane->serverName;  // RFC 7672 §8.1
    return held;
}

/// What stands above the claims of a host, and takes force from others.
struct Above {
    bool exception = false;
    bool mapEntry = false;
    bool mapEntryProves = false;  // false only of an entry `dane` without such TLSA records
    bool daneProves = false;      // of DANE's own claim
};

Aside asideAsPublished(const Claim& claim, const Above& above, const HostContext& context) {
    if (context.isTlsOptional) return Aside::byTlsRequiredNo;
    const bool isMtaSts = claim.origin.kind == OriginKind::mtaSts;
    if (above.mapEntry && (above.mapEntryProves || !isMtaSts)) return Aside::byMapEntry;
    if (isMtaSts && above.daneProves && context.daneAndMtaSts == DaneAndMtaSts::dane) return Aside::byDane;
    return Aside::no;
}

/// Steps 1 to 3, 7 and 8: why a claim does not bind.
Aside aside(const Claim& claim, const Above& above, const HostContext& context) {
    if (above.exception && authorityOf(claim.origin) != Authority::overriding &&
        claim.origin.kind != OriginKind::requiretls)
        return Aside::byException;
    const auto whose = authorityOf(claim.origin);
    // A policy or an alliance in testing and a memory that only warns are told, and make nothing of `none`.
    const bool isOfOthers = whose == Authority::published || whose == Authority::memory ||
                            claim.origin.kind == OriginKind::alliance;
    if (isOfOthers && record::classOf(claim.level) <= LevelClass::may) return Aside::demandsNothing;
    switch (whose) {
    case Authority::overriding:
    case Authority::ours:
    case Authority::administrator: return Aside::no;
    case Authority::published: return asideAsPublished(claim, above, context);
    case Authority::memory:
        if (context.isTlsOptional) return Aside::byTlsRequiredNo;
        return above.mapEntry ? Aside::byMapEntry : Aside::no;
    case Authority::standard: return above.mapEntry && above.mapEntryProves ? Aside::byMapEntry : Aside::no;
    }
    return Aside::no;
}

/// Step 4: the deciding claim comes first. One that brings its own proof stands before a predicate of its
/// class.
bool decidesBefore(const Claim& a, const Claim& b) {
    const auto rank = [](const Claim& claim) {
        return std::tuple(record::classOf(claim.level), !claim.conditions.empty());
    };
    if (rank(a) != rank(b)) return rank(a) > rank(b);
    // Of equals, the one that is nearest to the destination explains most.
    const auto order = [](const Claim& claim) {
        switch (authorityOf(claim.origin)) {
        case Authority::overriding: return 0;
        case Authority::administrator: return 1;
        case Authority::published: return 2;
        case Authority::ours: return 3;
        case Authority::memory: return 4;
        case Authority::standard: return 5;
        }
        return 5;
    };
    return std::tuple(order(a), a.origin, a.level) < std::tuple(order(b), b.origin, b.level);
}

/// Does a certificate with a name that fits `wide` fit whatever `narrow` asks?
bool covers(const NamePattern& wide, const NamePattern& narrow) {
    if (wide == narrow) return true;
    return wide.kind == NamePattern::Kind::below && narrow.name.ends_with('.' + wide.name);
}

/// Step 6: names in place of what stands for them, and what a match of them proves.
void makeConcrete(NamesCondition& condition, const HostContext& context) {
    using Kind = NamePattern::Kind;
    std::vector<NamePattern> proven;
    std::optional<NamePattern> unproven;
    for (const auto& pattern : condition.patterns) {
        switch (pattern.kind) {
        case Kind::nexthop: proven.push_back({Kind::exact, context.nextHop}); break;
        case Kind::dotNexthop: proven.push_back({Kind::below, context.nextHop}); break;
        case Kind::hostname:
            if (context.source == HostSource::insecureMx && context.host != context.nextHop)
                unproven = {Kind::exact, context.host};
            else
                proven.push_back({Kind::exact, context.host});
            break;
        case Kind::exact:
        case Kind::below: proven.push_back(pattern); break;
        }
    }
    // A name that the others allow anyway takes nothing from what they prove.
    const bool needed = unproven && std::ranges::none_of(proven, [&](const auto& pattern) {
                            return covers(pattern, *unproven);
                        });
    if (needed) {
        proven.push_back(*unproven);
        condition.proves = std::min(condition.proves, Assurance::encrypted);
    }
    std::ranges::sort(proven);
    const auto [first, last] = std::ranges::unique(proven);
    proven.erase(first, last);
    condition.patterns = std::move(proven);
}

void append(std::vector<Condition>& all, const std::vector<Condition>& more, const HostContext& context) {
    for (auto condition : more) {
        if (auto* names = std::get_if<NamesCondition>(&condition)) makeConcrete(*names, context);
        if (std::ranges::find(all, condition) == all.end()) all.push_back(std::move(condition));
    }
}

void sortUnique(std::vector<std::string>& words) {
    std::ranges::sort(words);
    const auto [first, last] = std::ranges::unique(words);
    words.erase(first, last);
}

Floors join(const std::vector<Claim>& binding) {
    std::optional<Floors> joined;
    for (const auto& claim : binding) {
        if (!claim.floors) continue;
        const auto& floors = *claim.floors;
        if (!joined) {
            joined = floors;
            continue;
        }
        joined->protocols.bits &= floors.protocols.bits;
        joined->ciphers = std::max(joined->ciphers, floors.ciphers);
        joined->exclude.insert(joined->exclude.end(), floors.exclude.begin(), floors.exclude.end());
        if (joined->groups.empty()) joined->groups = floors.groups;
    }
    if (!joined) return {};
    sortUnique(joined->exclude);
    return std::move(*joined);
}

bool hasTlsa(const Claim& claim) {
    return std::ranges::any_of(claim.conditions, [](const Condition& condition) {
        return std::holds_alternative<record::TlsaCondition>(condition);
    });
}

/// Claims as they are on one host.
struct Weighed {
    std::vector<Claim> binding;  // the deciding one first
    std::vector<Claim> losing;   // what is published first, DANE before MTA-STS
};

/// Step 5: what meets a predicate that no binding claim meets.
void meetPredicates(Requirement& requirement, const Weighed& weighed, const HostContext& context) {
    if (std::ranges::none_of(weighed.binding, isPredicate) || proves(requirement.allOf)) return;
    for (const auto& claim : weighed.losing) {
        if (authorityOf(claim.origin) != Authority::published) continue;
        if (claim.origin.kind == OriginKind::mtaSts && context.isUnlisted) continue;
        std::vector<Condition> offered;
        append(offered, claim.conditions, context);
        if (!proves(offered)) continue;
        append(requirement.allOf, offered, context);
        if (hasTlsa(claim)) requirement.serverName = claim.serverName;
        return;
    }
    append(requirement.allOf, defaultConditions(Level::secure), context);
}

Requirement join(const Weighed& weighed, const HostContext& context) {
    const auto& binding = weighed.binding;
    Requirement requirement{
        .level = binding.front().level, .floors = join(binding), .origin = binding.front().origin};
    for (const auto& claim : binding) {
        append(requirement.allOf, claim.conditions, context);
        // RFC 7672 §8.1: where DANE is to hold, the host is asked for by its TLSA base.
        if (!claim.serverName.empty() && (requirement.serverName.empty() || hasTlsa(claim)))
            requirement.serverName = claim.serverName;
        if (claim.until && (!requirement.until || *claim.until < *requirement.until))
            requirement.until = claim.until;
        const bool demands = record::classOf(claim.level) > LevelClass::may;
        if (&claim != &binding.front() && demands) requirement.also.push_back({claim.level, claim.origin});
    }
    meetPredicates(requirement, weighed, context);
    std::ranges::sort(requirement.also);
    return requirement;
}

/// Step 9, and 7 for hosts that a policy does not list.
std::optional<Unmet> whyUnusable(const std::vector<Claim>& binding, bool daneDecides,
                                 const HostContext& context) {
    const auto unmet = [&](Unmet::How how, std::string found) {
        return Unmet{.how = how, .host = context.host, .found = std::move(found)};
    };
    // Without DNSSEC nothing could tell that a proof is missing from there being none.
    const auto hangsOnDnssec = [](const Claim& claim) {
        return insistsOnTlsa(claim) || (isPredicate(claim) && (authorityOf(claim.origin) == Authority::ours ||
                                                               claim.level == Level::dane));
    };
    if (context.isDnssecUntested && std::ranges::any_of(binding, hangsOnDnssec))
        return unmet(Unmet::How::dnssecUntested, {});
    if (daneDecides && !context.daneFailure.empty())
        return unmet(Unmet::How::lookupFailed, context.daneFailure);
    if (std::ranges::any_of(binding, insistsOnTlsa)) return unmet(Unmet::How::noTlsa, {});
    const bool isBoundByMtaSts = std::ranges::any_of(binding, [](const Claim& claim) {
        return claim.origin.kind == OriginKind::mtaSts && isAuthenticated(claim);
    });
    if (isBoundByMtaSts && context.isUnlisted) return unmet(Unmet::How::notListed, {});
    for (const auto& claim : binding) {
        if (!claim.barred.empty()) return unmet(Unmet::How::barred, claim.barred);
        if (!claim.hosts.empty() && !anyMatches(claim.hosts, context.host))
            return unmet(Unmet::How::notOfAlliance, {});
    }
    return std::nullopt;
}

record::ClaimNote noteOf(const Claim& claim, bool won, Aside aside) {
    record::ClaimNote note{claim.origin, claim.level, won, claim.detail};
    if (aside != Aside::no) note.detail += (note.detail.empty() ? "" : "; ") + std::string(inWords(aside));
    return note;
}

/// One way of weighing; decide() tries two where the message says TLS-Required: No.
class Weighing {
public:
    Weighing(const std::vector<Claim>& claims, const HostContext& context)
        : claims_(claims), context_(context) {
        const auto dane =
            std::ranges::find(claims, OriginKind::dane, [](const Claim& claim) { return claim.origin.kind; });
        if (dane != claims.end()) dane_ = daneOnHost(*dane, context);
        above_.exception = has(claims, Authority::overriding);
        above_.daneProves = dane_ && proves(dane_->conditions);
        for (const auto& claim : claims) {
            if (authorityOf(claim.origin) != Authority::administrator) continue;
            above_.mapEntry = true;
            above_.mapEntryProves = claim.level != Level::dane || above_.daneProves;
        }
    }

    Decision decision() const {
        Decision decision;
        Weighed weighed;
        for (const auto& claim : claims_) {
            const auto held = onHost(claim, dane_, context_);
            const auto why = aside(held, above_, context_);
            (why == Aside::no ? weighed.binding : weighed.losing).push_back(held);
            if (why != Aside::no) decision.claims.push_back(noteOf(held, false, why));
        }
        if (weighed.binding.empty()) weighed.binding.push_back(standardClaim(Level::may));
        std::ranges::sort(weighed.binding, decidesBefore);
        std::ranges::sort(weighed.losing, {}, &Claim::origin);
        decision.requirement = join(weighed, context_);
        decision.unusable = whyUnusable(weighed.binding, daneDecides(), context_);
        noteBinding(weighed.binding, decision.claims);
        return decision;
    }

private:
    /// Whether TLSA records would bind the host, if it had any.
    bool daneDecides() const {
        if (std::ranges::any_of(claims_, [&](const Claim& claim) {
                return asksForTlsa(claim) && claim.origin.kind != OriginKind::dane &&
                       aside(claim, above_, context_) == Aside::no;
            }))
            return true;
        if (!isMxSecure(context_) && context_.daneInsecureMx == DaneInsecureMx::may) return false;
        return aside({.origin = {OriginKind::dane}, .level = Level::dane}, above_, context_) == Aside::no;
    }

    void noteBinding(const std::vector<Claim>& binding, std::vector<record::ClaimNote>& notes) const {
        std::vector<record::ClaimNote> all;
        for (const auto& claim : binding) {
            const bool isHeld = &claim == &binding.front() || record::classOf(claim.level) > LevelClass::may;
            all.push_back(noteOf(claim, isHeld, Aside::no));
        }
        all.insert(all.end(), notes.begin(), notes.end());
        notes = std::move(all);
        if (!context_.daneFailure.empty())
            notes.push_back({{OriginKind::dane},
                             Level::dane,
                             daneDecides(),
                             "its TLSA records could not be looked up: " + context_.daneFailure});
    }

    const std::vector<Claim>& claims_;
    const HostContext& context_;
    std::optional<Claim> dane_;  // as it is on this host
    Above above_;
};

}  // namespace

record::MxProof mxProofOf(HostSource source) {
    switch (source) {
    case HostSource::administrator: return record::MxProof::administrator;
    case HostSource::secureMx: return record::MxProof::dnssec;
    case HostSource::alliance: return record::MxProof::alliance;
    case HostSource::mtaSts: return record::MxProof::mtaSts;
    case HostSource::insecureMx: break;
    }
    return record::MxProof::none;
}

Decision decide(const std::vector<Claim>& claims, const HostContext& context) {
    Decision decision = Weighing(claims, context).decision();
    if (!context.isTlsOptional) return decision;
    // RFC 8689 §4.2.2: what the recipient's domain publishes is followed first, and its failure does no harm.
    HostContext strict = context;
    strict.isTlsOptional = false;
    auto first = Weighing(claims, strict).decision();
    if (!first.unusable && first.requirement != decision.requirement)
        decision.first = std::move(first.requirement);
    return decision;
}

}  // namespace postseal::policy
