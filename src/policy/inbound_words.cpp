#include "policy/inbound_words.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

namespace postseal::policy {
namespace {

using record::NamePattern;
using Kind = NamePattern::Kind;

std::string clients(const ClientList& list) {
    std::string text;
    const auto add = [&text](const std::string& item) { text += (text.empty() ? "" : ", ") + item; };
    for (const auto& network : list.networks)
        add(network.toText());
    for (const auto& name : list.names)
        add(toText(name));
    return text;
}

std::string names(const InboundRule& rule, std::string_view domain) {
    std::string text;
    for (const auto& pattern : rule.match) {
        if (!text.empty()) text += " or ";
        switch (pattern.kind) {
        case Kind::below: text += "a name below " + pattern.name; break;
        case Kind::hostname:
            text += domain.empty() ? "any name"
                                   : fmt::format("one of the MX names of {} (that DNSSEC proves)", domain);
            break;
        case Kind::exact:
        case Kind::nexthop:
        case Kind::dotNexthop: text += pattern.name; break;
        }
    }
    return text;
}

std::string proof(const InboundRule& rule, std::string_view domain) {
    const auto orPin = rule.pins.empty() ? "" : ", or one with a listed fingerprint";
    switch (rule.level) {
    case InboundLevel::verify:
        return fmt::format("a client certificate for {}, issued by {}{}", names(rule, domain),
                           rule.anchors.empty() ? "a trusted CA" : "one of the CAs that the rule lists",
                           orPin);
    case InboundLevel::dane:
        return fmt::format("a client certificate for {} that the TLSA records at _smtp-client of that name "
                           "prove",
                           names(rule, domain));
    case InboundLevel::fingerprint: return "a client certificate or key with a listed fingerprint";
    case InboundLevel::may:
    case InboundLevel::encrypt:
    case InboundLevel::refuse:
    case InboundLevel::exempt: break;
    }
    return {};
}

std::string floors(const InboundRule& rule) {
    std::string text;
    if (!rule.floors) return text;
    for (const auto protocol :
         {record::Protocol::tls10, record::Protocol::tls11, record::Protocol::tls12, record::Protocol::tls13})
        if (rule.floors->protocols.has(protocol))
            text += fmt::format("{}{}", text.empty() ? "" : " or ", toText(protocol));
    if (rule.floors->ciphers != record::CipherGrade::low)
        text += fmt::format(" with ciphers of the grade {}", toText(rule.floors->ciphers));
    return text;
}

/// Whose mail, for the other administrator.
std::string whose(std::string_view domain) {
    return domain.empty() ? "Mail with a null sender"
                          : fmt::format("Mail from {}", base::escaped(domain, 255));
}

std::string refusal(const RuleNote& note, std::string_view domain) {
    const auto mail = whose(domain);
    switch (note.fault) {
    case InboundFault::none: return {};
    case InboundFault::refused: return mail + " is not taken from you";
    case InboundFault::noTls: return mail + " is taken over TLS only: must issue a STARTTLS command first";
    case InboundFault::protocol:
    case InboundFault::cipher:
        return fmt::format("{} is taken over {} only; {}", mail, floors(note.rule), note.found);
    case InboundFault::otherHost:
        return fmt::format("{} is taken from its own servers only; {}", mail, note.found);
    case InboundFault::notAsked:
    case InboundFault::noCertificate:
    case InboundFault::chain:
    case InboundFault::otherName:
    case InboundFault::otherPin:
    case InboundFault::nothingBound:
    case InboundFault::tlsa:
        return fmt::format("{} is taken from a client with {} only; {}", mail, proof(note.rule, domain),
                           note.found);
    case InboundFault::nameUnknown:
    case InboundFault::hostsUnknown:
    case InboundFault::tlsaUnknown:
    case InboundFault::noPolicy: return fmt::format("{} can't be judged for now; {}", mail, note.found);
    }
    return {};
}

std::string atLine(const RuleNote& note) {
    if (note.rule.where.empty()) return toText(note.rule.origin);
    return note.rule.where;
}

}  // namespace

std::string demandOf(const InboundRule& rule, std::string_view domain) {
    switch (rule.level) {
    case InboundLevel::may: return "nothing";
    case InboundLevel::refuse: return "that it is not taken at all";
    case InboundLevel::exempt: return "nothing, whatever else the map says";
    case InboundLevel::encrypt:
    case InboundLevel::verify:
    case InboundLevel::fingerprint:
    case InboundLevel::dane: break;
    }
    auto text = floors(rule);
    if (text.empty()) text = "TLS";
    if (!rule.hosts.empty()) text += ", a client among " + clients(rule.hosts);
    if (needsCertificate(rule.level)) text += ", and " + proof(rule, domain);
    if (!rule.forwarders.empty())
        text += fmt::format(" (of the forwarders {} TLS only)", clients(rule.forwarders));
    return text;
}

InboundReply replyTo(const RuleNote& note, std::string_view domain) {
    auto words = refusal(note, domain);
    if (note.fault != InboundFault::noPolicy) words += fmt::format(" (rule: {})", nameOf(note.rule));
    if (isTemporary(note.fault)) return {451, "4.7.1", std::move(words)};
    if (note.fault == InboundFault::noTls) return {530, "5.7.0", std::move(words)};
    const bool isFloor = note.fault == InboundFault::protocol || note.fault == InboundFault::cipher;
    return {550, isFloor ? "5.7.4" : "5.7.1", std::move(words)};
}

std::string sentenceOf(const InboundVerdict& verdict, std::string_view domain) {
    using Outcome = InboundVerdict::Outcome;
    const auto mail = whose(domain);
    if (verdict.rules.empty()) return mail + " is accepted: no rule speaks of it.";
    const auto& first = verdict.rules.front();
    const auto line = atLine(first);
    switch (verdict.outcome) {
    case Outcome::refused: return fmt::format("{} is refused by {}: {}.", mail, line, verdict.reply.words);
    case Outcome::deferred: return fmt::format("{} has to wait, by {}: {}.", mail, line, verdict.reply.words);
    case Outcome::testing:
        return fmt::format("{} is accepted, since {} is in testing; it would be {}: {}.", mail, line,
                           verdict.reply.code / 100 == 4 ? "deferred" : "refused", verdict.reply.words);
    case Outcome::accepted: break;
    }
    if (!first.won) return mail + " is accepted: no rule binds.";
    if (first.rule.level == InboundLevel::exempt)
        return fmt::format("{} is accepted: {} exempts it.", mail, line);
    if (verdict.identity && !verdict.identity->name.empty())
        return fmt::format("{} is accepted, as {} demands it; the client is proven to be {}.", mail, line,
                           base::escaped(verdict.identity->name, 255));
    return fmt::format("{} is accepted, as {} demands it.", mail, line);
}

}  // namespace postseal::policy
