#include "policy/hindsight.hpp"

#include "base/ascii.hpp"
#include "record/certificate_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace postseal::policy {
namespace {

using record::Assurance;
using record::Level;
using record::NamePattern;
using What = Hindsight::What;
using Kind = NamePattern::Kind;

Hindsight waits(std::string why) {
    return {What::waits, std::move(why)};
}

/// Step 1 and 2 of how claims combine.
bool takesItsPlace(const record::ClaimNote& claim) {
    const auto whose = authorityOf(claim.origin);
    return claim.won && (whose == Authority::overriding || whose == Authority::administrator);
}

std::vector<std::string> namesOf(const record::PeerCertificate& certificate) {
    if (!certificate.dnsNames.empty()) return certificate.dnsNames;
    if (certificate.subject.empty()) return {};
    return {base::toLower(certificate.subject)};
}

std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t shown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, names.size()); ++i)
        text += (i == 0 ? "" : ", ") + base::escaped(names[i], 100);
    if (names.size() > shown) text += ", ...";
    return text.empty() ? "no name at all" : text;
}

/// By a certificate that the CAs vouch for, which bears one of the names that the level asks for.
Hindsight byName(const record::HopRecord& hop, std::string_view domain, Level level) {
    if (!hop.tls) return waits("in clear text");
    const auto& peer = hop.tls->peer;
    if (!peer) return waits("without a certificate");
    if (!peer->chainFault.empty()) return waits(peer->chainFault);
    const bool isBracketed = hop.mxProof == record::MxProof::administrator;
    const auto asked = level == Level::verify || isBracketed ? hop.peer.name : std::string(domain);
    std::vector<NamePattern> patterns{{Kind::exact, asked}};
    if (level != Level::verify) patterns.push_back({Kind::below, asked});
    const auto names = namesOf(*peer);
    const auto isAsked = [&](const std::string& name) {
        return std::ranges::any_of(
            patterns, [&](const auto& pattern) { return record::certificateNameFits(name, pattern); });
    };
    if (std::ranges::any_of(names, isAsked)) return {};
    return waits(fmt::format("the certificate is for {}, not for {}", list(names), asked));
}

}  // namespace

Hindsight hindsight(const record::HopRecord& hop, std::string_view domain, const Claim& standard) {
    if (std::ranges::any_of(hop.claims, takesItsPlace)) return {What::decidedElsewhere};
    const auto had = hop.assurance.value_or(Assurance::cleartext);
    switch (standard.level) {
    case Level::none:
    case Level::may:
    case Level::dane:
    case Level::fingerprint: return {};  // no more than what is published asks already
    case Level::encrypt:
        if (had == Assurance::cleartext) return waits("in clear text");
        return {};
    case Level::daneOnly:
        if (hop.tls && hop.tls->authenticatedBy == record::Proof::dane) return {};
        return waits("not proven by DANE");
    case Level::verify: return byName(hop, domain, standard.level);
    case Level::secure:
        if (isPredicate(standard) && had == Assurance::authenticated) return {};
        return byName(hop, domain, standard.level);
    }
    return {};
}

}  // namespace postseal::policy
