#include "policy/alliance_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace postseal::policy {
namespace {

using record::Level;
using Kind = record::NamePattern::Kind;

std::string dayOf(base::Timestamp time) {
    return base::toRfc3339(time).substr(0, 10);
}

/// The certificate bears the name of a listed host, or, where none are listed, one of the domain's.
std::vector<record::Condition> namesOf(const AllianceMember& member) {
    std::vector<record::NamePattern> patterns{{Kind::hostname}};
    if (member.mx.empty()) patterns = {{Kind::nexthop}, {Kind::dotNexthop}};
    record::NamesCondition names{std::move(patterns), member.anchors};
    std::ranges::sort(names.anchors);
    return {std::move(names)};
}

std::vector<record::Condition> conditionsOf(const AllianceMember& member) {
    switch (member.to) {
    case Level::verify:
    case Level::secure: return namesOf(member);
    case Level::fingerprint: return {record::FingerprintCondition{member.pins}};
    case Level::none:
    case Level::may:
    case Level::encrypt:
    case Level::dane:
    case Level::daneOnly: break;
    }
    return {};
}

/// Why nothing may be sent while the claim holds; empty: it may.
std::string barOf(const AllianceSet::Found& found, AfterEnd afterEnd, base::Timestamp now) {
    const auto& list = found.joined->list;
    if (afterEnd == AfterEnd::wait && now >= list.expires)
        return fmt::format("the list of the alliance {} ended on {} and was not renewed", list.name,
                           dayOf(list.expires));
    if (!found.member->isBereft) return {};
    return fmt::format("all trust anchors that the alliance {} names for {} are revoked", list.name,
                       found.domain);
}

Claim claimOf(const AllianceSet::Found& found, AfterEnd afterEnd, base::Timestamp now) {
    const auto& list = found.joined->list;
    Claim claim{.origin = {record::Origin::Kind::alliance, list.name},
                .level = found.member->to,
                .detail = fmt::format("{}, version {}: {}", list.name, list.version, found.domain),
                .hosts = found.member->mx};
    if (now >= list.expires) claim.detail += "; the list ended on " + dayOf(list.expires);
    if (found.mode == MemberMode::enforce) {
        claim.conditions = conditionsOf(*found.member);
        claim.barred = barOf(found, afterEnd, now);
        return claim;
    }
    claim.detail += fmt::format("; {}: it would demand {}",
                                found.mode == MemberMode::testing ? "in testing" : "only observed",
                                toText(found.member->to));
    claim.level = Level::may;
    return claim;
}

/// Who may speak for the member proves it by a listed name or key, or else by the name of a mail host: one
/// that the list names, or that DNSSEC proves. An address proves nobody, so it narrows `encrypt` alone.
void takeClients(InboundRule& rule, const AllianceMember& member) {
    const bool isProof = needsCertificate(rule.level);
    for (const auto& client : member.clients) {
        const auto* const name = std::get_if<NamedClient>(&client);
        const auto* const key = std::get_if<KeyedClient>(&client);
        const auto* const network = std::get_if<base::Network>(&client);
        if (name != nullptr)
            (isProof ? rule.match : rule.hosts.names).push_back({Kind::exact, name->name});
        else if (key != nullptr && isProof)
            rule.pins.push_back(
                {record::Fingerprint::Of::spki, base::Bytes(key->spki.begin(), key->spki.end())});
        else if (network != nullptr && !isProof)
            rule.hosts.networks.push_back(*network);
    }
    if (rule.level == InboundLevel::fingerprint) rule.match.clear();
    if (!isProof || rule.level == InboundLevel::fingerprint || !rule.match.empty()) return;
    for (const auto& mx : member.mx)
        rule.match.push_back({mx.isWildcard ? Kind::below : Kind::exact, mx.name});
    if (rule.match.empty() && rule.pins.empty()) rule.match = {{Kind::hostname}};
}

InboundRule ruleOf(const AllianceSet::Found& found) {
    const auto& list = found.joined->list;
    const auto& member = *found.member;
    const bool isBelow = found.domain.starts_with('.');
    InboundRule rule{
        .key = {isBelow ? InboundKey::Kind::parent : InboundKey::Kind::domain, std::string(found.domain)},
        .level = member.from,
        .mode = found.mode == MemberMode::enforce ? InboundMode::enforce : InboundMode::testing,
        .origin = {record::Origin::Kind::alliance, list.name},
        .anchors = member.anchors,
        .where = fmt::format("{}, version {}", list.name, list.version)};
    std::ranges::sort(rule.anchors);
    // Nothing can prove it, which is not "anything does".
    if (member.isBereft && rule.level == InboundLevel::verify) rule.anchors = {record::Anchors{}};
    takeClients(rule, member);
    return rule;
}

bool matches(const MxPattern& one, const MxPattern& other) {
    return one == other || (one.isWildcard && !other.isWildcard && anyMatches({&one, 1}, other.name));
}

/// Whether some host meets both.
bool haveHostInCommon(const std::vector<MxPattern>& one, const std::vector<MxPattern>& other) {
    return one.empty() || other.empty() || std::ranges::any_of(one, [&](const MxPattern& a) {
               return std::ranges::any_of(other,
                                          [&](const MxPattern& b) { return matches(a, b) || matches(b, a); });
           });
}

bool haveAnchorInCommon(const AllianceMember& one, const AllianceMember& other) {
    return one.pins.empty() || other.pins.empty() ||
           std::ranges::find_first_of(one.pins, other.pins) != one.pins.end();
}

/// Why hardly any server meets both; empty: one may.
std::string conflictOf(const AllianceMember& one, const AllianceMember& other) {
    if (!haveHostInCommon(one.mx, other.mx)) return "no mail host is in both lists";
    return haveAnchorInCommon(one, other) ? "" : "they name different trust anchors";
}

}  // namespace

AllianceSet::AllianceSet(std::vector<JoinedAlliance> joined, AfterEnd afterEnd,
                         std::span<const std::string> ours)
    : joined_(std::move(joined)), afterEnd_(afterEnd), ours_(ours.begin(), ours.end()) {
    for (std::size_t i = 0; i < joined_.size(); ++i)
        for (std::size_t j = 0; j < joined_[i].list.members.size(); ++j) {
            const auto& member = joined_[i].list.members[j];
            for (const auto& domain : member.domains)
                places_[domain].push_back({i, j});
            if (needsCertificate(member.from) && !joined_[i].isObserved) addSpeakers(member);
        }
}

void AllianceSet::addSpeakers(const AllianceMember& member) {
    std::set<std::string> speakers;
    for (const auto& client : member.clients) {
        if (const auto* name = std::get_if<NamedClient>(&client)) speakers.insert(name->name);
        if (const auto* key = std::get_if<KeyedClient>(&client)) speakers.insert(base::toHex(key->spki));
    }
    const bool isByHosts = speakers.empty();
    for (const auto& mx : member.mx)
        if (isByHosts && !mx.isWildcard) speakers.insert(mx.name);
    asksForHosts_ = asksForHosts_ || speakers.empty();
    for (const auto& speaker : speakers)
        for (const auto& domain : member.domains)
            if (!domain.starts_with('.') && !isOurs(domain)) speakers_[speaker].push_back(domain);
}

std::vector<std::string> AllianceSet::domainsOf(const ClientCertificate& certificate) const {
    std::set<std::string> domains;
    const auto add = [&](std::string_view speaker) {
        if (const auto known = speakers_.find(speaker); known != speakers_.end())
            domains.insert(known->second.begin(), known->second.end());
    };
    add(base::toHex(certificate.spki));
    for (const auto& name : certificate.names)
        add(name);
    return {domains.begin(), domains.end()};
}

MemberMode modeOf(const JoinedAlliance& joined, const AllianceMember& member, std::string_view domain) {
    if (joined.isObserved) return MemberMode::observe;
    if (!joined.accepted.contains(domain)) return std::min(member.mode, MemberMode::testing);
    if (member.mode == MemberMode::testing && joined.promoted.contains(domain)) return MemberMode::enforce;
    return member.mode;
}

void AllianceSet::addFound(std::string_view key, std::vector<Found>& found) const {
    const auto at = places_.find(key);
    if (at == places_.end()) return;
    for (const auto& place : at->second) {
        const auto& joined = joined_[place.alliance];
        if (std::ranges::find(found, &joined, &Found::joined) != found.end()) continue;  // a narrower one
        const auto& member = joined.list.members[place.member];
        found.push_back({&joined, &member, at->first, modeOf(joined, member, at->first)});
    }
}

std::vector<AllianceSet::Found> AllianceSet::find(std::string_view domain) const {
    std::vector<Found> found;
    if (places_.empty()) return found;
    addFound(domain, found);
    for (auto dot = domain.find('.'); dot != domain.npos; dot = domain.find('.', dot + 1))
        addFound(domain.substr(dot), found);
    return found;
}

std::vector<Claim> AllianceSet::claims(std::string_view domain, base::Timestamp now) const {
    std::vector<Claim> claims;
    const auto all = find(domain);
    for (const auto& found : all) {
        if (record::classOf(found.member->to) <= record::LevelClass::may) continue;
        auto& claim = claims.emplace_back(claimOf(found, afterEnd_, now));
        for (const auto& other : all)
            if (const auto words = conflictOf(*found.member, *other.member); !words.empty())
                claim.detail += fmt::format("; in conflict with {}: {}", other.joined->list.name, words);
    }
    return claims;
}

std::vector<InboundRule> AllianceSet::rules(std::string_view domain) const {
    std::vector<InboundRule> rules;
    if (isOurs(domain)) return rules;
    for (const auto& found : find(domain))
        if (found.member->from != InboundLevel::may && found.mode != MemberMode::observe)
            rules.push_back(ruleOf(found));
    return rules;
}

std::vector<AllianceSet::Conflict> AllianceSet::conflicts() const {
    std::vector<Conflict> all;
    for (const auto& [domain, places] : places_) {
        const auto name =
            domain.starts_with('.') ? std::string_view(domain).substr(1) : std::string_view(domain);
        const auto found = domain.starts_with('.') ? find("any" + domain) : find(name);
        for (std::size_t i = 0; i < found.size(); ++i)
            for (std::size_t j = i + 1; j < found.size(); ++j) {
                auto words = conflictOf(*found[i].member, *found[j].member);
                if (words.empty()) continue;
                const auto& [one, other] =
                    std::minmax(found[i].joined->list.name, found[j].joined->list.name);
                all.push_back({domain, one, other, std::move(words)});
            }
    }
    std::ranges::sort(all);
    const auto [first, last] = std::ranges::unique(all);
    all.erase(first, last);
    return all;
}

std::optional<base::Timestamp> AllianceSet::nextEnd(base::Timestamp now) const {
    std::optional<base::Timestamp> next;
    for (const auto& joined : joined_)
        if (joined.list.expires > now && (!next || joined.list.expires < *next)) next = joined.list.expires;
    return next;
}

}  // namespace postseal::policy
