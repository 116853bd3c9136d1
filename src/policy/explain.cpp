#include "policy/explain.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::policy {
namespace {

using record::NamePattern;
using record::Origin;

std::string whose(const Origin& origin) {
    switch (origin.kind) {
    case Origin::Kind::map: return "the policy map of the sending mail server's administrator";
    case Origin::Kind::exception: return "an exception made by the sending mail server's administrator";
    case Origin::Kind::alliance: return "the alliance " + base::escaped(origin.alliance, 80);
    case Origin::Kind::requiretls: return "the message itself (REQUIRETLS)";
    case Origin::Kind::sender: return "the sender of the message";
    case Origin::Kind::tlsrpt: return "the rules for TLS reports";
    case Origin::Kind::dane: return "the recipient's domain (DANE)";
    case Origin::Kind::mtaSts: return "the recipient's domain (MTA-STS)";
    case Origin::Kind::memory: return "what earlier deliveries to this domain had";
    case Origin::Kind::listener: return "the listener's configuration";
    case Origin::Kind::standard: return "the sending mail server's configuration";
    }
    return {};
}

/// `a, b or c`.
std::string alternatives(const std::vector<std::string>& words) {
    if (words.empty()) return {};
    if (words.size() == 1) return words.front();
    return fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
}

std::string names(const std::vector<NamePattern>& patterns) {
    std::vector<std::string> words;
    words.reserve(patterns.size());
    for (const auto& pattern : patterns) {
        const bool below = pattern.kind == NamePattern::Kind::below;
        words.push_back(below ? "a name below " + pattern.name
                              : (pattern.name.empty() ? record::toText(pattern) : pattern.name));
    }
    return alternatives(words);
}

struct Demand {
    std::string operator()(const record::NamesCondition& condition) const {
        const auto signer = condition.anchors.empty() ? "a CA that the sending server trusts"
                                                      : "one of the CAs that the policy lists (tafile)";
        return fmt::format("a valid certificate for {}, issued by {}", names(condition.patterns), signer);
    }
    std::string operator()(const record::FingerprintCondition& condition) const {
        return condition.pins.size() == 1
                   ? std::string("the certificate or key with the listed fingerprint")
                   : fmt::format("a certificate or key with one of {} listed fingerprints",
                                 condition.pins.size());
    }
    std::string operator()(const record::TlsaCondition&) const {
        return "a certificate that fits the TLSA records";
    }
};

std::string what(const record::Requirement& requirement) {
    switch (classOf(requirement)) {
    case record::LevelClass::none: return "no encryption";
    case record::LevelClass::may: return "encryption where it is offered";
    case record::LevelClass::encrypt: return "an encrypted connection (TLS)";
    case record::LevelClass::authenticated: break;
    }
    std::vector<std::string> demands;
    demands.reserve(requirement.allOf.size());
    for (const auto& condition : requirement.allOf)
        demands.push_back(std::visit(Demand{}, condition));
    return fmt::format("an encrypted connection (TLS) to a server that shows {}",
                       fmt::join(demands, " and "));
}

std::string by(const record::Requirement& requirement) {
    auto text = fmt::format("level {}, demanded by {}", toText(requirement.level), whose(requirement.origin));
    for (const auto& also : requirement.also)
        text += fmt::format("; also level {} by {}", toText(also.level), whose(also.origin));
    return text;
}

/// RFC 3463 §3.8: X.7.4 where the server lacks the feature, X.7.5 where cryptography failed.
std::string_view detailCode(Unmet::How how) {
    switch (how) {
    case Unmet::How::noStarttls:
    case Unmet::How::starttlsRefused: return "7.4";
    case Unmet::How::handshakeFailed:
    case Unmet::How::notAuthenticated: return "7.5";
    }
    return "7.5";
}

std::string found(const Unmet& unmet) {
    constexpr std::size_t longest = 400;
    const auto host = base::escaped(unmet.host, 255);
    const auto words = base::escaped(unmet.found, longest);
    switch (unmet.how) {
    case Unmet::How::noStarttls: return fmt::format("{} offers no encryption (no STARTTLS)", host);
    case Unmet::How::starttlsRefused: return fmt::format("{} refused STARTTLS: {}", host, words);
    case Unmet::How::handshakeFailed:
        return fmt::format("no TLS connection to {} came about: {}", host, words);
    case Unmet::How::notAuthenticated: return fmt::format("{} could not prove who it is: {}", host, words);
    }
    return {};
}

std::string advice(const Unmet& unmet, std::string_view domain) {
    switch (unmet.how) {
    case Unmet::How::noStarttls:
    case Unmet::How::starttlsRefused:
        return fmt::format(
            "Whoever runs the mail server of {} can offer STARTTLS there. If it usually does, somebody may "
            "be tampering with the connection.",
            domain);
    case Unmet::How::handshakeFailed:
        return fmt::format("Whoever runs the mail server of {} can tell from its log why TLS failed.",
                           domain);
    case Unmet::How::notAuthenticated:
        return fmt::format(
            "Whoever runs the mail server of {} can put a valid certificate with the right name there. "
            "If nothing changed on their side, somebody may be posing as their server.",
            domain);
    }
    return {};
}

std::string wrapped(std::string_view paragraph) {
    constexpr std::size_t width = 76;
    std::string text;
    std::size_t column = 0;
    for (std::size_t begin = 0; begin < paragraph.size();) {
        const auto end = std::min(paragraph.find(' ', begin), paragraph.size());
        const auto word = paragraph.substr(begin, end - begin);
        begin = end + 1;
        const bool fits = column == 0 || column + 1 + word.size() <= width;
        if (!fits) text += '\n';
        if (fits && column != 0) text += ' ';
        column = fits && column != 0 ? column + 1 + word.size() : word.size();
        text += word;
    }
    return text + '\n';
}

Refusal withClass(char digit, const record::Requirement& requirement, const Unmet& unmet) {
    return {
        fmt::format("{}.{}", digit, detailCode(unmet.how)),
        fmt::format("{}; {} ({})", found(unmet), "the policy demands " + what(requirement), by(requirement))};
}

}  // namespace

std::string demanded(const record::Requirement& requirement) {
    return fmt::format("{} ({})", what(requirement), by(requirement));
}

Refusal deferral(const record::Requirement& requirement, const Unmet& unmet) {
    return withClass('4', requirement, unmet);
}

Refusal refusal(const record::Requirement& requirement, const Unmet& unmet) {
    return withClass('5', requirement, unmet);
}

std::string forSender(const record::Requirement& requirement, const Unmet& unmet,
                      std::string_view recipientDomain) {
    const auto domain = base::escaped(recipientDomain, 255);
    return wrapped(fmt::format(
               "Your message to {} was not delivered, because it could not be delivered securely. It was "
               "not sent in any other way.",
               domain)) +
           '\n' + wrapped(fmt::format("What was demanded: {}.", what(requirement))) +
           wrapped(fmt::format("By whom: {}.", by(requirement))) +
           wrapped(fmt::format("What was found: {}.", found(unmet))) + '\n' +
           wrapped(fmt::format(
               "What you can do: {} Tell them, by another way than mail, what was found. Your own mail "
               "administrator can say whether a weaker protection is acceptable for this recipient.",
               advice(unmet, domain)));
}

}  // namespace postseal::policy
