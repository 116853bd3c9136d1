#include "record/requirement.hpp"

#include "base/ascii.hpp"
#include "record/names.hpp"

#include <algorithm>
#include <numeric>

namespace postseal::record {
namespace {

using base::fail;
using base::Result;

constexpr std::array<std::string_view, 4> protocolNames{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
constexpr std::array<std::string_view, 3> gradeNames{"low", "medium", "high"};
constexpr std::array<std::string_view, 3> keywords{"nexthop", "dot-nexthop", "hostname"};
constexpr std::array<std::string_view, 3> fingerprintPrefixes{"", "cert:", "spki:"};

}  // namespace

std::string toText(const NamePattern& pattern) {
    switch (pattern.kind) {
    case NamePattern::Kind::nexthop:
    case NamePattern::Kind::dotNexthop:
    case NamePattern::Kind::hostname: return std::string(nameOf(keywords, pattern.kind));
    case NamePattern::Kind::exact: return pattern.name;
    case NamePattern::Kind::below: return '.' + pattern.name;
    }
    return pattern.name;
}

std::string toText(const Fingerprint& fingerprint) {
    return std::string(nameOf(fingerprintPrefixes, fingerprint.of)) + base::toColonHex(fingerprint.digest);
}

Result<Fingerprint, std::string> parseFingerprint(std::string_view text) {
    Fingerprint fingerprint;
    auto digits = text;
    for (const auto of : {Fingerprint::Of::certificate, Fingerprint::Of::spki}) {
        const auto prefix = nameOf(fingerprintPrefixes, of);
        if (!base::startsWithWord(text, prefix)) continue;
        fingerprint.of = of;
        digits = text.substr(prefix.size());
    }
    auto digest = base::parseHex(digits);
    if (!digest) return fail("'" + base::escaped(text, 80) + "' is no fingerprint like AA:BB:CC...");
    if (digest->size() != 32 && digest->size() != 64)
        return fail("a fingerprint is a SHA-256 (32 bytes) or SHA-512 (64 bytes) digest, not " +
                    std::to_string(digest->size()) + " bytes");
    fingerprint.digest = std::move(*digest);
    return fingerprint;
}

std::string_view toText(Protocol protocol) {
    switch (protocol) {
    case Protocol::tls10: return protocolNames[0];
    case Protocol::tls11: return protocolNames[1];
    case Protocol::tls12: return protocolNames[2];
    case Protocol::tls13: return protocolNames[3];
    }
    return {};
}

std::optional<Protocol> parseProtocol(std::string_view text) {
    for (std::size_t i = 0; i < protocolNames.size(); ++i)
        if (base::sameWord(text, protocolNames[i])) return static_cast<Protocol>(1U << i);
    return std::nullopt;
}

std::string_view toText(CipherGrade grade) {
    return nameOf(gradeNames, grade);
}

std::optional<CipherGrade> parseCipherGrade(std::string_view text) {
    return valueOf<CipherGrade>(gradeNames, text);
}

LevelClass classOf(const Requirement& requirement) {
    return std::accumulate(
        requirement.also.begin(), requirement.also.end(), classOf(requirement.level),
        [](LevelClass highest, const Also& also) { return std::max(highest, classOf(also.level)); });
}

}  // namespace postseal::record
