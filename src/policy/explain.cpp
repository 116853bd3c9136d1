#include "policy/explain.hpp"

#include "base/ascii.hpp"
#include "policy/explain_words.hpp"

#include <fmt/format.h>

namespace postseal::policy {
namespace {

using record::NamePattern;
using record::Origin;
using record::Sentence;

template <class... Values>
std::string filled(const Sentence& sentence, const Values&... values) {
    return fmt::format(fmt::runtime(sentence.text()), values...);
}

std::string whose(const ExplainWords& words, const Origin& origin) {
    switch (origin.kind) {
    case Origin::Kind::map: return filled(words.byMap);
    case Origin::Kind::exception: return filled(words.byException);
    case Origin::Kind::alliance: return filled(words.byAlliance, base::escaped(origin.alliance, 80));
    case Origin::Kind::requiretls: return filled(words.byRequireTls);
    case Origin::Kind::sender: return filled(words.bySender);
    case Origin::Kind::tlsrpt: return filled(words.byTlsrpt);
    case Origin::Kind::dane: return filled(words.byDane);
    case Origin::Kind::mtaSts: return filled(words.byMtaSts);
    case Origin::Kind::memory: return filled(words.byMemory);
    case Origin::Kind::listener: return filled(words.byListener);
    case Origin::Kind::standard: return filled(words.byDefault);
    }
    return {};
}

/// `a, b or c`.
std::string alternatives(const ExplainWords& words, const std::vector<std::string>& list) {
    if (list.empty()) return {};
    if (list.size() == 1) return list.front();
    return fmt::format("{}{}{}", fmt::join(list.begin(), list.end() - 1, ", "), words.either.text(),
                       list.back());
}

std::string names(const ExplainWords& words, const std::vector<NamePattern>& patterns) {
    std::vector<std::string> list;
    list.reserve(patterns.size());
    for (const auto& pattern : patterns) {
        const bool below = pattern.kind == NamePattern::Kind::below;
        list.push_back(below ? filled(words.nameBelow, pattern.name)
                             : (pattern.name.empty() ? record::toText(pattern) : pattern.name));
    }
    return alternatives(words, list);
}

struct Demand {
    const ExplainWords& words;

    std::string operator()(const record::NamesCondition& condition) const {
        const auto& signer = condition.anchors.empty() ? words.trustedCa : words.listedCa;
        return filled(words.certificate, names(words, condition.patterns), signer.text());
    }
    std::string operator()(const record::FingerprintCondition& condition) const {
        return condition.pins.size() == 1 ? filled(words.pin) : filled(words.pins, condition.pins.size());
    }
    std::string operator()(const record::TlsaCondition&) const { return filled(words.tlsa); }
};

std::string what(const ExplainWords& words, const record::Requirement& requirement) {
    switch (classOf(requirement)) {
    case record::LevelClass::none: return filled(words.nothing);
    case record::LevelClass::may: return filled(words.opportunistic);
    case record::LevelClass::encrypt: return filled(words.encrypted);
    case record::LevelClass::authenticated: break;
    }
    std::vector<std::string> demands;
    demands.reserve(requirement.allOf.size());
    for (const auto& condition : requirement.allOf)
        demands.push_back(std::visit(Demand{words}, condition));
    return filled(words.proven, fmt::format("{}", fmt::join(demands, words.both.text())));
}

std::string by(const ExplainWords& words, const record::Requirement& requirement) {
    auto text = filled(words.level, toText(requirement.level), whose(words, requirement.origin));
    for (const auto& also : requirement.also)
        text += filled(words.also, toText(also.level), whose(words, also.origin));
    return text;
}

/// RFC 3463 §3.8, RFC 8689 §4.2.1: X.7.4 where the server lacks the feature, X.7.5 where cryptography failed.
std::string_view detailCode(Unmet::How how) {
    switch (how) {
    case Unmet::How::noStarttls:
    case Unmet::How::starttlsRefused: return "7.4";
    case Unmet::How::noRequireTls: return "7.30";
    case Unmet::How::handshakeFailed:
    case Unmet::How::notAuthenticated:
    case Unmet::How::notListed:
    case Unmet::How::notOfAlliance:
    case Unmet::How::barred:
    case Unmet::How::lookupFailed:
    case Unmet::How::noTlsa:
    case Unmet::How::dnssecUntested: return "7.5";
    }
    return "7.5";
}

std::string found(const ExplainWords& words, const Unmet& unmet) {
    constexpr std::size_t longest = 400;
    const auto host = base::escaped(unmet.host, 255);
    const auto said = base::escaped(unmet.found, longest);
    switch (unmet.how) {
    case Unmet::How::noStarttls: return filled(words.noStarttls, host);
    case Unmet::How::starttlsRefused: return filled(words.starttlsRefused, host, said);
    case Unmet::How::handshakeFailed: return filled(words.handshakeFailed, host, said);
    case Unmet::How::notAuthenticated: return filled(words.notAuthenticated, host, said);
    case Unmet::How::noRequireTls: return filled(words.noRequireTls, host);
    case Unmet::How::notListed: return filled(words.notListed, host);
    case Unmet::How::notOfAlliance: return filled(words.notOfAlliance, host);
    case Unmet::How::barred: return filled(words.barred, host, said);
    case Unmet::How::lookupFailed: return filled(words.lookupFailed, host, said);
    case Unmet::How::noTlsa: return filled(words.noTlsa, host);
    case Unmet::How::dnssecUntested: return filled(words.dnssecUntested, host);
    }
    return {};
}

std::string advice(const ExplainWords& words, const Unmet& unmet, std::string_view domain) {
    switch (unmet.how) {
    case Unmet::How::noStarttls:
    case Unmet::How::starttlsRefused: return filled(words.offerStarttls, domain);
    case Unmet::How::handshakeFailed: return filled(words.lookIntoLog, domain);
    case Unmet::How::notAuthenticated: return filled(words.fixCertificate, domain);
    case Unmet::How::noRequireTls: return filled(words.offerRequireTls, domain);
    case Unmet::How::notListed: return filled(words.listServer, domain);
    case Unmet::How::notOfAlliance: return filled(words.listInAlliance, domain);
    case Unmet::How::barred: return filled(words.renewAlliance, domain);
    case Unmet::How::lookupFailed: return filled(words.repairDnssec, domain);
    case Unmet::How::noTlsa: return filled(words.publishTlsa, domain);
    case Unmet::How::dnssecUntested: return filled(words.repairResolver, domain);
    }
    return {};
}

Refusal withClass(char digit, const record::Requirement& requirement, const Unmet& unmet) {
    return {fmt::format("{}.{}", digit, detailCode(unmet.how)),
            fmt::format("{}; {} ({})", found(englishWords, unmet),
                        "the policy demands " + what(englishWords, requirement),
                        by(englishWords, requirement))};
}

std::string paragraphs(const ExplainWords& words, const record::Requirement& requirement, const Unmet& unmet,
                       std::string_view domain) {
    return filled(words.happened, domain) + "\n\n" + filled(words.whatDemanded, what(words, requirement)) +
           '\n' + filled(words.whoDemanded, by(words, requirement)) + '\n' +
           filled(words.whatFound, found(words, unmet)) + "\n\n" +
           filled(words.whatYouCanDo, advice(words, unmet, domain));
}

}  // namespace

std::string_view inWords(Aside aside) {
    switch (aside) {
    case Aside::no: return {};
    case Aside::byTlsRequiredNo: return "set aside by the message's TLS-Required: No";
    case Aside::byMapEntry: return "set aside by the policy map's entry";
    case Aside::byDane: return "DANE decides for this host";
    case Aside::byException: return "set aside by an exception";
    case Aside::demandsNothing: return "demands nothing";
    }
    return {};
}

std::string demanded(const record::Requirement& requirement) {
    return fmt::format("{} ({})", what(englishWords, requirement), by(englishWords, requirement));
}

Refusal deferral(const record::Requirement& requirement, const Unmet& unmet) {
    return withClass('4', requirement, unmet);
}

Refusal refusal(const record::Requirement& requirement, const Unmet& unmet) {
    return withClass('5', requirement, unmet);
}

record::InLanguages<std::string> forSender(const record::Requirement& requirement, const Unmet& unmet,
                                           std::string_view recipientDomain) {
    const auto domain = base::escaped(recipientDomain, 255);
    return {paragraphs(englishWords, requirement, unmet, domain),
            paragraphs(germanWords, requirement, unmet, domain)};
}

}  // namespace postseal::policy
