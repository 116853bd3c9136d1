#include "policy/outbound.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

namespace postseal::policy {
namespace {

using record::Assurance;
using record::Condition;
using record::Floors;
using record::LevelClass;
using record::NamePattern;
using record::NamesCondition;
using record::Requirement;

bool has(const std::vector<Claim>& claims, Authority authority) {
    return std::ranges::any_of(claims,
                               [&](const Claim& claim) { return authorityOf(claim.origin) == authority; });
}

/// Rules 1 to 3: whose claims bind.
bool binds(Authority whose, bool overridden, bool mapped) {
    if (overridden) return whose == Authority::overriding;
    switch (whose) {
    case Authority::overriding:
    case Authority::ours:
    case Authority::administrator: return true;
    case Authority::published:
    case Authority::memory:
    case Authority::standard: return !mapped;
    }
    return true;
}

/// Rule 4: the deciding claim comes first. One that brings its own proof stands before a predicate of its
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

/// Rule 6: names in place of what stands for them, and what a match of them proves.
void makeConcrete(NamesCondition& condition, const HostContext& context) {
    using Kind = NamePattern::Kind;
    std::vector<NamePattern> proven;
    std::optional<NamePattern> unproven;
    for (const auto& pattern : condition.patterns) {
        switch (pattern.kind) {
        case Kind::nexthop: proven.push_back({Kind::exact, context.nextHop}); break;
        case Kind::dotNexthop: proven.push_back({Kind::below, context.nextHop}); break;
        case Kind::hostname:
            if (context.source == HostSource::insecureMx)
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

bool proves(const std::vector<Condition>& conditions) {
    return std::ranges::any_of(conditions, [](const Condition& condition) {
        return std::visit([](const auto& c) { return c.proves == Assurance::authenticated; }, condition);
    });
}

bool isPredicate(const Claim& claim) {
    return record::classOf(claim.level) == LevelClass::authenticated && claim.conditions.empty();
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

Requirement join(const std::vector<Claim>& binding, const HostContext& context) {
    Requirement requirement{
        .level = binding.front().level, .floors = join(binding), .origin = binding.front().origin};
    for (const auto& claim : binding) {
        append(requirement.allOf, claim.conditions, context);
        if (requirement.serverName.empty()) requirement.serverName = claim.serverName;
        if (claim.until && (!requirement.until || *claim.until < *requirement.until))
            requirement.until = claim.until;
        const bool demands = record::classOf(claim.level) > LevelClass::may;
        if (&claim != &binding.front() && demands) requirement.also.push_back({claim.level, claim.origin});
    }
    // Rule 5.
    if (std::ranges::any_of(binding, isPredicate) && !proves(requirement.allOf))
        append(requirement.allOf, defaultConditions(record::Level::secure), context);
    std::ranges::sort(requirement.also);
    return requirement;
}

}  // namespace

Decision decide(const std::vector<Claim>& claims, const HostContext& context) {
    Decision decision;
    const bool overridden = has(claims, Authority::overriding);
    const bool mapped = has(claims, Authority::administrator);
    for (const auto& claim : claims)
        (binds(authorityOf(claim.origin), overridden, mapped) ? decision.binding : decision.losing)
            .push_back(claim);
    if (decision.binding.empty()) decision.binding.push_back(standardClaim(record::Level::may));
    std::ranges::sort(decision.binding, decidesBefore);
    decision.requirement = join(decision.binding, context);
    return decision;
}

}  // namespace postseal::policy
