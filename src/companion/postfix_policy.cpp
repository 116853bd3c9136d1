#include "companion/postfix_policy.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <variant>

namespace postseal::companion {
namespace {

using discover::Destination;
using discover::Host;
using record::Level;
using record::LevelClass;
using record::NamesCondition;
using record::Origin;
using record::Requirement;
using record::TlsaCondition;

template <class Condition>
const Condition* find(const Requirement& requirement) {
    for (const auto& condition : requirement.allOf)
        if (const auto* found = std::get_if<Condition>(&condition)) return found;
    return nullptr;
}

bool isDemandOf(Origin::Kind kind, const Requirement& requirement) {
    return requirement.origin.kind == kind ||
           std::ranges::any_of(requirement.also,
                               [&](const record::Also& also) { return also.origin.kind == kind; });
}

/// What is demanded of all hosts that delivery may use.
struct Demands {
    std::size_t hosts = 0, tlsa = 0, named = 0, encrypt = 0;
    std::size_t unusable = 0;  // with TLSA records that nobody can use: encrypted, not proven (rule 9)
    bool isMxSecure = true;    // of those with TLSA records
    bool isUnsure = false;     // a host could not be asked what it demands
    bool isSayable = true;     // no fingerprints and no anchors of claims beside the map
    bool isByMap = false, isBySts = false, isByAlliance = false;
    bool isHostBarred = false;  // an alliance does not list one that Postfix may find all the same
    std::optional<std::vector<record::Anchors>> anchors = {};  // of those with names; none: none yet
    std::set<std::string> patterns = {};
    record::Floors floors = {};
    std::string serverName = {};
    std::string trouble = {};  // why a host can't be used
};

/// Anchors of a list stand in files of their own; those of a map's entry are said by the entry alone.
bool canSay(const std::vector<record::Anchors>& anchors, const Demands& demands) {
    const bool isSame = !demands.anchors || *demands.anchors == anchors;
    const bool hasKeys =
        std::ranges::find(anchors, record::Anchors::Of::key, &record::Anchors::of) != anchors.end();
    return isSame && !hasKeys && (anchors.empty() || (demands.isByAlliance && !demands.isByMap));
}

void addNames(Demands& demands, const NamesCondition& condition) {
    ++demands.named;
    if (!canSay(condition.anchors, demands)) demands.isSayable = false;
    demands.anchors = condition.anchors;
    for (const auto& pattern : condition.patterns)
        demands.patterns.insert(toText(pattern));
}

void add(Demands& demands, const Host& host) {
    if (host.failure) {
        demands.isUnsure = demands.isUnsure || host.failure->kind == discover::Failure::Kind::temporary;
        demands.isHostBarred = demands.isHostBarred ||
                               (host.unusable && host.unusable->how == policy::Unmet::How::notOfAlliance);
        demands.trouble = host.name + ": " + host.failure->words;
        return;
    }
    const auto& requirement = host.requirement;
    ++demands.hosts;
    demands.isByMap = demands.isByMap || isDemandOf(Origin::Kind::map, requirement);
    demands.isBySts = demands.isBySts || isDemandOf(Origin::Kind::mtaSts, requirement);
    demands.isByAlliance = demands.isByAlliance || isDemandOf(Origin::Kind::alliance, requirement);
    // One line has one condition; what an alliance demands beside another one would be left out.
    if (demands.isByAlliance && requirement.allOf.size() > 1) demands.isSayable = false;
    demands.floors = requirement.floors;
    if (demands.serverName.empty()) demands.serverName = requirement.serverName;
    if (const auto* tlsa = find<TlsaCondition>(requirement)) {
        ++demands.tlsa;
        const bool isProven = tlsa->proves == record::Assurance::authenticated;
        if (!isProven || host.dnssec == record::DnssecStatus::insecure) demands.isMxSecure = false;
    }
    if (find<record::FingerprintCondition>(requirement) != nullptr) demands.isSayable = false;
    if (const auto* names = find<NamesCondition>(requirement)) return addNames(demands, *names);
    if (find<TlsaCondition>(requirement) != nullptr || classOf(requirement) < LevelClass::encrypt) return;
    const bool isDaneAlone = requirement.origin.kind == Origin::Kind::dane && requirement.also.empty();
    ++(isDaneAlone ? demands.unusable : demands.encrypt);
}

MapReply wait(std::string why) {
    return {MapReply::Kind::temporary, std::move(why)};
}

/// Protocols and ciphers where they are not Postseal's defaults.
std::string floorsText(const record::Floors& floors) {
    const record::Floors standard;
    std::string text;
    if (floors.protocols != standard.protocols) {
        std::string names;
        for (const auto protocol : {record::Protocol::tls10, record::Protocol::tls11, record::Protocol::tls12,
                                    record::Protocol::tls13})
            if (floors.protocols.has(protocol))
                names += (names.empty() ? "" : ":") + std::string(toText(protocol));
        text += " protocols=" + names;
    }
    if (floors.ciphers != standard.ciphers) text += " ciphers=" + std::string(toText(floors.ciphers));
    if (!floors.exclude.empty()) text += fmt::format(" exclude={}", fmt::join(floors.exclude, ":"));
    return text;
}

/// A fingerprint in Postfix's map is that of a certificate or of a key: it has no words for which.
std::string withoutKinds(std::string line) {
    for (const std::string_view kind : {"cert:", "spki:"})
        for (auto at = line.find(kind); at != line.npos; at = line.find(kind, at))
            line.erase(at, kind.size());
    return line;
}

std::string patternText(const policy::MxPattern& pattern) {
    return (pattern.isWildcard ? "*." : "") + pattern.name;
}

/// Postfix's TLSRPT_README, "MTA-STS Support via smtp_tls_policy_maps": a mistake to say of another policy.
std::string stsAttributes(const policy::MtaStsPolicy& sts, const std::string& domain) {
    const auto age = sts.maxAge.count();
    auto text = fmt::format(" policy_type=sts policy_domain={} policy_ttl={}", domain, age);
    std::string strings =
        fmt::format(" {{ policy_string = version: STSv1 }} {{ policy_string = mode: {} }}", toText(sts.mode));
    for (const auto& pattern : sts.patterns) {
        text += " mx_host_pattern=" + patternText(pattern);
        strings += fmt::format(" {{ policy_string = mx: {} }}", patternText(pattern));
    }
    return text + strings + fmt::format(" {{ policy_string = max_age: {} }}", age);
}

MapReply namesLine(const Demands& demands, const Asked& asked) {
    auto line = fmt::format("secure match={} servername={}", fmt::join(demands.patterns, ":"),
                            demands.serverName.empty() ? "hostname" : demands.serverName);
    for (const auto& anchors : demands.anchors.value_or(std::vector<record::Anchors>()))
        line += fmt::format(" tafile={}/{}", asked.anchorFolder, anchorFile(anchors));
    line += floorsText(demands.floors);
    if (asked.attributes == Attributes::tlsrpt && asked.sts != nullptr && demands.isBySts)
        line += stsAttributes(*asked.sts, asked.domain);
    return {MapReply::Kind::ok, std::move(line)};
}

/// Postfix looks for the TLSA records itself. `dane-only` takes no host without them, and none behind an
/// insecure MX record; `dane` takes a host without them like `may`.
MapReply daneLine(const Demands& demands, const Asked& asked) {
    const bool mayMissThem = demands.named == 0 && demands.encrypt == 0;
    if (demands.isMxSecure)
        return {MapReply::Kind::ok, (demands.tlsa == demands.hosts || !mayMissThem ? "dane-only" : "dane") +
                                        floorsText(demands.floors)};
    if (demands.named > 0) return namesLine(demands, asked);
    if (demands.encrypt > 0) return {MapReply::Kind::ok, "encrypt" + floorsText(demands.floors)};
    return {MapReply::Kind::ok, "dane" + floorsText(demands.floors)};
}

}  // namespace

std::string anchorFile(const record::Anchors& anchors) {
    return base::toHex(anchors.digest) + ".pem";
}

std::string toText(const MapReply& reply) {
    constexpr std::size_t longestWhy = 400;
    switch (reply.kind) {
    case MapReply::Kind::ok:
        return reply.text.size() + 3 <= longestReply ? "OK " + reply.text : "TEMP the policy is too long";
    case MapReply::Kind::notFound: return "NOTFOUND ";
    case MapReply::Kind::temporary: return "TEMP " + base::escaped(reply.text, longestWhy);
    case MapReply::Kind::permanent: return "PERM " + base::escaped(reply.text, longestWhy);
    }
    return "TEMP ";
}

MapReply policyFor(const Destination& destination, const Asked& asked) {
    // An exception could stand above everything, the map's entry too.
    if (!destination.isPolicyKnown) return wait(destination.failure->words);
    const auto* entry = asked.entry;
    const bool isEntryWhole = entry != nullptr && entry->claim.level != Level::dane;
    Demands demands;
    for (const auto& host : destination.hosts)
        add(demands, host);
    const bool isAllianceAsked = demands.isByAlliance || demands.isHostBarred;
    if (isEntryWhole && !isAllianceAsked && (demands.isByMap || demands.hosts == 0))
        return {MapReply::Kind::ok, withoutKinds(entry->text)};

    if (destination.failure && !destination.failure->isTemporary())
        return wait(destination.failure->words +
                    "; where Postfix finds the same it returns such mail, and asks nothing here");
    if (destination.failure) return wait(destination.failure->words);
    if (demands.hosts == 0) return wait(demands.trouble.empty() ? "no host can be used" : demands.trouble);
    if (!demands.isSayable) return wait("what is demanded can't be said in a line of Postfix's map");
    const bool hasAnchors = demands.anchors && !demands.anchors->empty();
    if (hasAnchors && asked.anchorFolder.empty())
        return wait(
            "an alliance demands its own trust anchors, and [alliances] tafiles names no folder for them");
    // Only names keep Postfix from a host that is not listed.
    if (demands.isHostBarred && demands.named < demands.hosts) return wait(demands.trouble);
    if (demands.tlsa > 0) return daneLine(demands, asked);
    if (demands.named > 0) return namesLine(demands, asked);
    if (demands.unusable > 0 && demands.unusable < demands.hosts && demands.encrypt == 0)
        return {MapReply::Kind::ok, "dane" + floorsText(demands.floors)};
    if (demands.encrypt + demands.unusable > 0) {
        // The host that could not be asked may have TLSA records, which this line would pass over.
        if (demands.isUnsure && asked.daneIsOn) return wait(demands.trouble);
        return {MapReply::Kind::ok, "encrypt" + floorsText(demands.floors)};
    }
    if (demands.isUnsure && asked.daneIsOn) return {MapReply::Kind::ok, "dane"};
    return {};
}

}  // namespace postseal::companion
