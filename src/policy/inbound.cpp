#include "policy/inbound.hpp"

#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "policy/inbound_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace postseal::policy {
namespace {

using record::NamePattern;
using record::Proof;
using Kind = NamePattern::Kind;

/// What became of one rule.
struct Finding {
    InboundFault fault = InboundFault::none;
    std::string found = {};
    std::optional<Identity> identity = {};
};

Finding unmet(InboundFault fault, std::string found = {}) {
    return {fault, std::move(found), {}};
}

bool matches(const NamePattern& pattern, std::string_view name) {
    if (pattern.kind == Kind::below)
        return name.size() > pattern.name.size() && name.ends_with(pattern.name) &&
               name[name.size() - pattern.name.size() - 1] == '.';
    return pattern.kind == Kind::exact && pattern.name == name;
}

/// The name is known only where DNS could say.
enum class Listed { yes, no, unknown };

Listed isListed(const ClientList& list, const InboundClient& client) {
    const auto& address = client.address;
    if (std::ranges::any_of(list.networks, [&](const auto& each) { return each.contains(address); }))
        return Listed::yes;
    if (list.names.empty()) return Listed::no;
    switch (client.name.status) {
    case ClientName::Status::none: return Listed::no;
    case ClientName::Status::notAsked:
    case ClientName::Status::failed: return Listed::unknown;
    case ClientName::Status::confirmed: break;
    }
    const auto& name = client.name.name;
    const bool fits = std::ranges::any_of(list.names, [&](const auto& each) { return matches(each, name); });
    return fits ? Listed::yes : Listed::no;
}

record::CipherGrade gradeOf(const ClientTls& tls) {
    constexpr std::array<std::string_view, 4> weak{"RC4", "SEED", "IDEA", "DES"};
    const bool isWeak =
        std::ranges::any_of(weak, [&](auto word) { return tls.cipher.find(word) != std::string::npos; });
    if (tls.cipherBits >= 128 && !isWeak) return record::CipherGrade::high;
    return tls.cipherBits >= 112 ? record::CipherGrade::medium : record::CipherGrade::low;
}

std::optional<Finding> belowFloors(const InboundRule& rule, const ClientTls& tls) {
    if (!rule.floors) return std::nullopt;
    if (!rule.floors->protocols.has(tls.protocol))
        return unmet(InboundFault::protocol, fmt::format("this connection has {}", toText(tls.protocol)));
    if (gradeOf(tls) < rule.floors->ciphers)
        return unmet(InboundFault::cipher,
                     fmt::format("this connection has {}", base::escaped(tls.cipher, 80)));
    return std::nullopt;
}

/// Bound by the domain's MX record, which DNSSEC proves. Its own name is in every certificate of whoever
/// hosts its web pages, and a wildcard stands for hosts that send no mail.
bool isMxName(const InboundFacts& facts, const std::string& name) {
    return facts.hosts.status == DomainHosts::Status::secure && name != facts.domain &&
           std::ranges::find(facts.hosts.names, name) != facts.hosts.names.end();
}

bool bindsMxNames(const InboundRule& rule) {
    return std::ranges::any_of(rule.match, [](const auto& each) { return each.kind == Kind::hostname; });
}

/// Why none of the certificate's names is bound to the domain.
Finding notBound(const InboundRule& rule, const InboundFacts& facts, const ClientCertificate& certificate) {
    using Status = DomainHosts::Status;
    const bool needsMx = bindsMxNames(rule) && !facts.domain.empty();
    if (needsMx && facts.hosts.status == Status::failed)
        return unmet(InboundFault::hostsUnknown,
                     fmt::format("the MX records of {} could not be looked up: {}", facts.domain,
                                 base::escaped(facts.hosts.why, 120)));
    if (needsMx && rule.match.size() == 1 && facts.hosts.status != Status::secure)
        return unmet(InboundFault::nothingBound,
                     fmt::format("DNSSEC proves no MX name of {}, and none is listed", facts.domain));
    constexpr std::size_t most = 3;
    const auto& names = certificate.names;
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), most));
    return unmet(InboundFault::otherName,
                 names.empty()
                     ? std::string("the certificate bears no name")
                     : fmt::format("the certificate is for {}{}",
                                   base::escaped(fmt::format("{}", fmt::join(names.begin(), end, ", "))),
                                   names.size() > most ? " and others" : ""));
}

bool isPinned(const InboundRule& rule, const ClientCertificate& certificate) {
    using Of = record::Fingerprint::Of;
    return std::ranges::any_of(rule.pins, [&](const auto& pin) {
        const auto is = [&](const base::Sha256& digest) { return std::ranges::equal(pin.digest, digest); };
        return (pin.of != Of::spki && is(certificate.sha256)) ||
               (pin.of != Of::certificate && is(certificate.spki));
    });
}

/// A rule on a client or a listener says who may come, not for which domain they speak.
Identity identityOf(const InboundRule& rule, const InboundFacts& facts, std::string name, Proof by) {
    const bool isOnDomain =
        rule.key.kind == InboundKey::Kind::domain || rule.key.kind == InboundKey::Kind::parent;
    return {std::move(name), isOnDomain ? facts.domain : std::string(), by};
}

Finding byChain(const InboundRule& rule, const InboundFacts& facts, const ClientCertificate& certificate) {
    const auto fault = facts.client.chainFault ? facts.client.chainFault(rule.anchors)
                                               : std::string("its chain was not looked at");
    if (!fault.empty()) return unmet(InboundFault::chain, fault);
    const auto bound = boundNames(rule, facts);
    if (!bound.empty()) return {.identity = identityOf(rule, facts, bound.front(), Proof::clientCertificate)};
    // Who speaks for no domain needs no name of one: the certificate says who it is.
    if (facts.domain.empty() && bindsMxNames(rule))
        return {.identity =
                    identityOf(rule, facts, certificate.names.empty() ? "" : certificate.names.front(),
                               Proof::clientCertificate)};
    return notBound(rule, facts, certificate);
}

Finding byTlsa(const InboundRule& rule, const InboundFacts& facts, const ClientCertificate& certificate) {
    auto bound = boundNames(rule, facts);
    if (facts.domain.empty() && bindsMxNames(rule)) bound = certificate.names;
    if (bound.empty()) return notBound(rule, facts, certificate);
    Finding worst = unmet(InboundFault::tlsa);
    for (const auto& name : bound) {
        const auto tlsa =
            facts.tlsa ? facts.tlsa(name) : ClientTlsa{ClientTlsa::Status::failed, "nobody asked"};
        if (tlsa.status == ClientTlsa::Status::proves)
            return {.identity = identityOf(rule, facts, name, Proof::dane)};
        if (tlsa.status == ClientTlsa::Status::failed) worst.fault = InboundFault::tlsaUnknown;
        worst.found = fmt::format("_smtp-client.{}: {}", name, base::escaped(tlsa.why, 120));
    }
    return worst;
}

Finding identify(const InboundRule& rule, const InboundFacts& facts) {
    if (!needsCertificate(rule.level)) return {};
    const auto* certificate = facts.client.certificate();
    if (certificate == nullptr && !facts.client.tls->wasAsked)
        return unmet(InboundFault::notAsked, "none was asked for in this connection: connect again");
    if (certificate == nullptr)
        return unmet(InboundFault::noCertificate, "this client showed no certificate");
    if (isPinned(rule, *certificate))
        return {.identity =
                    identityOf(rule, facts, certificate->names.empty() ? "" : certificate->names.front(),
                               Proof::fingerprint)};
    switch (rule.level) {
    case InboundLevel::verify: return byChain(rule, facts, *certificate);
    case InboundLevel::dane: return byTlsa(rule, facts, *certificate);
    case InboundLevel::fingerprint:
    case InboundLevel::may:
    case InboundLevel::encrypt:
    case InboundLevel::refuse:
    case InboundLevel::exempt: break;
    }
    return unmet(InboundFault::otherPin,
                 fmt::format("the SHA-256 of the certificate is {}, that of its key {}",
                             base::toColonHex(certificate->sha256), base::toColonHex(certificate->spki)));
}

Finding judgeRule(const InboundRule& rule, const InboundFacts& facts) {
    switch (rule.level) {
    case InboundLevel::may:
    case InboundLevel::exempt: return {};
    case InboundLevel::refuse: return unmet(InboundFault::refused);
    case InboundLevel::encrypt:
    case InboundLevel::verify:
    case InboundLevel::fingerprint:
    case InboundLevel::dane: break;
    }
    const auto& client = facts.client;
    if (!client.tls) return unmet(InboundFault::noTls);
    if (auto low = belowFloors(rule, *client.tls)) return std::move(*low);
    const auto forwards = isListed(rule.forwarders, client);
    if (forwards == Listed::yes) return {.found = "a forwarder that the rule lists"};
    const auto speaks = rule.hosts.empty() ? Listed::yes : isListed(rule.hosts, client);
    auto finding = speaks == Listed::no ? unmet(InboundFault::otherHost,
                                                fmt::format("{} is none of them", client.address.toText()))
                                        : identify(rule, facts);
    const bool hangsOnName = speaks == Listed::unknown && finding.fault == InboundFault::none;
    const bool mayForward = forwards == Listed::unknown && finding.fault != InboundFault::none;
    if (hangsOnName || mayForward)
        return unmet(InboundFault::nameUnknown,
                     fmt::format("the name of {} could not be looked up", client.address.toText()));
    return finding;
}

/// Which rules bind; the notes of the others say why not.
void setAside(std::vector<RuleNote>& notes) {
    const auto isMaps = [](const InboundRule& rule) { return rule.origin.kind == record::Origin::Kind::map; };
    const auto isEveryones = [](const InboundRule& rule) {
        return rule.key.kind == InboundKey::Kind::everyone;
    };
    const bool othersSpeak =
        std::ranges::any_of(notes, [&](const auto& note) { return !isEveryones(note.rule); });
    const RuleNote* exempting = nullptr;
    for (auto& note : notes) {
        note.won = !othersSpeak || !isEveryones(note.rule);
        if (!note.won) note.found = "other rules speak of this mail";
        if (note.won && note.rule.level == InboundLevel::exempt) exempting = &note;
    }
    if (exempting == nullptr) return;
    const auto by = exempting->rule.key.text;
    for (auto& note : notes) {
        if (!note.won || !isMaps(note.rule) || note.rule.level == InboundLevel::exempt) continue;
        note.won = false;
        note.found = by + " is exempt";
    }
}

/// The deciding note first, then those that bind.
int rank(const RuleNote& note) {
    const bool isEnforced = note.rule.mode == InboundMode::enforce;
    if (!note.won) return 5;
    if (note.fault == InboundFault::none) return 4;
    if (!isEnforced) return isTemporary(note.fault) ? 3 : 2;
    return isTemporary(note.fault) ? 1 : 0;
}

InboundVerdict::Outcome outcomeOf(int rankOfFirst) {
    using Outcome = InboundVerdict::Outcome;
    if (rankOfFirst == 0) return Outcome::refused;
    if (rankOfFirst == 1) return Outcome::deferred;
    return rankOfFirst <= 3 ? Outcome::testing : Outcome::accepted;
}

InboundVerdict judgeAll(const std::vector<InboundRule>& rules, const InboundFacts& facts) {
    InboundVerdict verdict;
    for (const auto& rule : rules)
        verdict.rules.push_back({.rule = rule});
    setAside(verdict.rules);
    for (auto& note : verdict.rules) {
        if (!note.won) continue;
        auto finding = judgeRule(note.rule, facts);
        note.fault = finding.fault;
        note.found = std::move(finding.found);
        // One that speaks for a domain before one that speaks for none.
        if (finding.identity && (!verdict.identity || verdict.identity->domain.empty()))
            verdict.identity = std::move(finding.identity);
    }
    // Of the same rank, what is more basic first: who has no TLS need not hear of certificates.
    std::ranges::sort(verdict.rules, [](const auto& a, const auto& b) {
        return std::tuple(rank(a), a.fault, a.rule.key, a.rule.origin) <
               std::tuple(rank(b), b.fault, b.rule.key, b.rule.origin);
    });
    if (verdict.rules.empty()) return verdict;
    const auto& first = verdict.rules.front();
    verdict.outcome = outcomeOf(rank(first));
    if (first.won && first.fault != InboundFault::none) verdict.reply = replyTo(first, facts.domain);
    return verdict;
}

bool passes(const InboundVerdict& verdict) {
    return verdict.outcome == InboundVerdict::Outcome::accepted ||
           verdict.outcome == InboundVerdict::Outcome::testing;
}

}  // namespace

bool isTemporary(InboundFault fault) {
    switch (fault) {
    case InboundFault::notAsked:
    case InboundFault::nameUnknown:
    case InboundFault::hostsUnknown:
    case InboundFault::tlsaUnknown:
    case InboundFault::noPolicy: return true;
    case InboundFault::none:
    case InboundFault::refused:
    case InboundFault::noTls:
    case InboundFault::protocol:
    case InboundFault::cipher:
    case InboundFault::otherHost:
    case InboundFault::noCertificate:
    case InboundFault::chain:
    case InboundFault::otherName:
    case InboundFault::otherPin:
    case InboundFault::nothingBound:
    case InboundFault::tlsa: break;
    }
    return false;
}

std::string_view toText(InboundVerdict::Outcome outcome) {
    switch (outcome) {
    case InboundVerdict::Outcome::accepted: return "accepted";
    case InboundVerdict::Outcome::testing: return "testing";
    case InboundVerdict::Outcome::deferred: return "deferred";
    case InboundVerdict::Outcome::refused: break;
    }
    return "refused";
}

std::vector<std::string> boundNames(const InboundRule& rule, const InboundFacts& facts) {
    std::vector<std::string> names;
    const auto* certificate = facts.client.certificate();
    if (certificate == nullptr) return names;
    for (const auto& name : certificate->names) {
        const bool isListed =
            std::ranges::any_of(rule.match, [&](const auto& pattern) { return matches(pattern, name); });
        if (isListed || (bindsMxNames(rule) && isMxName(facts, name))) names.push_back(name);
    }
    return names;
}

InboundVerdict judge(const std::vector<InboundRule>& rules, const InboundFacts& facts) {
    auto verdict = judgeAll(rules, facts);
    if (facts.ifNamed) {
        auto more = rules;
        more.push_back(*facts.ifNamed);
        if (passes(judgeAll(more, facts)) != passes(verdict)) {
            RuleNote note{.rule = *facts.ifNamed, .won = true, .fault = InboundFault::nameUnknown};
            note.found = fmt::format("the name of {} could not be looked up", facts.client.address.toText());
            verdict.outcome = InboundVerdict::Outcome::deferred;
            verdict.reply = replyTo(note, facts.domain);
            verdict.rules.insert(verdict.rules.begin(), std::move(note));
        }
    }
    verdict.sentence = sentenceOf(verdict, facts.domain);
    return verdict;
}

InboundVerdict withoutPolicy(std::string why) {
    InboundVerdict verdict{.outcome = InboundVerdict::Outcome::deferred};
    verdict.reply = {451, "4.7.1",
                     "The rules of this server for incoming mail are not available, try again later"};
    verdict.sentence = "Mail has to wait: " + std::move(why) + '.';
    return verdict;
}

}  // namespace postseal::policy
