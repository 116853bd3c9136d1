#include "tls/verify.hpp"

#include "base/ascii.hpp"
#include "tls/certificates.hpp"
#include "tls/dane_verify.hpp"
#include "tls/ticket_slot.hpp"

#include <fmt/core.h>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <functional>

namespace postseal::tls {
namespace {

using record::Assurance;
using record::NamePattern;
using record::Proof;
using record::Why;

constexpr std::size_t mostStores = 256;

/// Whether a condition holds, and what it then proves by which name.
struct Finding {
    Why why = Why::none;  // it does not hold
    Assurance proves = Assurance::encrypted;
    Proof proof = Proof::none;
    std::string name = {};
    std::string words = {};
};

Finding refused(Why why, std::string words) {
    return {.why = why, .words = std::move(words)};
}

Finding unshown() {
    return refused(Why::certificateUntrusted, "the server showed no certificate");
}

std::string list(const std::vector<std::string>& names) {
    constexpr std::size_t most = 8;
    if (names.size() <= most) return fmt::format("{}", fmt::join(names, ", "));
    return fmt::format("{} and {} more", fmt::join(names.begin(), names.begin() + most, ", "),
                       names.size() - most);
}

std::string wanted(const std::vector<NamePattern>& patterns) {
    std::string text;
    for (const auto& pattern : patterns) {
        if (!text.empty()) text += " or ";
        text += pattern.kind == NamePattern::Kind::below ? "a name below " + pattern.name : pattern.name;
    }
    return text;
}

Finding byNames(const X509* leaf, const record::NamesCondition& condition, const Fault& chainFault) {
    if (!chainFault.empty()) return refused(chainFault.why, chainFault.words);
    // RFC 8461 §4.2 asks for a DNS name of the subjectAltName.
    const auto commonName = condition.by == Proof::mtaSts ? CommonName::ignored : CommonName::counts;
    for (const auto& pattern : condition.patterns) {
        auto name = matchingName(leaf, pattern, commonName);
        if (!name) continue;
        if (condition.proves == Assurance::authenticated)
            return {Why::none, Assurance::authenticated, condition.by, std::move(*name), {}};
        return {
            Why::none,
            condition.proves,
            Proof::none,
            {},
            fmt::format("the certificate for {} verifies, but that name was learnt from a DNS answer that "
                        "nothing proves",
                        *name)};
    }
    const auto names = namesOf(leaf, commonName);
    return refused(Why::certificateName,
                   fmt::format("the certificate is for {}, not for {}",
                               names.empty() ? "no name at all" : list(names), wanted(condition.patterns)));
}

Finding byPin(const X509* leaf, const record::FingerprintCondition& condition) {
    if (leaf == nullptr) return unshown();
    const bool fits =
        std::ranges::any_of(condition.pins, [&](const auto& pin) { return matchesPin(leaf, pin); });
    const auto names = namesOf(leaf);
    if (fits)
        return {Why::none,
                condition.proves,
                Proof::fingerprint,
                names.empty() ? std::string() : names.front(),
                {}};
    const auto peer = describe(leaf);
    return refused(Why::certificatePin,
                   fmt::format("no listed fingerprint fits: the certificate's SHA-256 is {}, its key's is {}",
                               base::toColonHex(peer.sha256), base::toColonHex(peer.spki)));
}

/// Rules 10, 11: DANE-EE first, which asks for no name; then DANE-TA, whose failure takes nothing from the
/// former. `taFault` is asked for only where it matters.
Finding byTlsa(const X509* leaf, const record::TlsaCondition& condition,
               const std::function<Fault()>& taFault) {
    const auto base = condition.referenceNames.empty() ? std::string() : condition.referenceNames.front();
    const auto proven = [&](std::string name) -> Finding {
        if (condition.proves == Assurance::authenticated)
            return {Why::none, condition.proves, Proof::dane, std::move(name), {}};
        return {Why::none,
                condition.proves,
                Proof::none,
                {},
                fmt::format("the certificate fits the TLSA records of {}, but the MX record that names this "
                            "host is not proven by DNSSEC",
                            base)};
    };
    if (leaf == nullptr) return unshown();
    if (fitsDaneEe(leaf, condition.records)) return proven(base);
    if (!hasDaneTa(condition.records)) {
        const auto peer = describe(leaf);
        return refused(Why::tlsaInvalid,
                       fmt::format("no TLSA record of {} fits the certificate: its SHA-256 is {}, its key's "
                                   "is {}",
                                   base, base::toHex(peer.sha256), base::toHex(peer.spki)));
    }
    if (const auto fault = taFault(); !fault.empty())
        return refused(fault.why, fmt::format("the TLSA records of {}: {}", base, fault.words));
    for (const auto& name : condition.referenceNames)
        if (auto matching = matchingName(leaf, {NamePattern::Kind::exact, name}))
            return proven(std::move(*matching));
    const auto names = namesOf(leaf);
    return refused(Why::certificateName, fmt::format("the certificate is for {}, not for {}",
                                                     names.empty() ? "no name at all" : list(names),
                                                     fmt::join(condition.referenceNames, " or ")));
}

stack_st_X509* sentBy(const SSL* session) {
    return SSL_get_peer_cert_chain(session);
}

}  // namespace

X509_STORE* Verifier::storeOf(const std::vector<record::Anchors>& anchors) {
    if (anchors.empty()) return trust_->store();
    std::vector<base::Sha256> key;
    key.reserve(anchors.size());
    for (const auto& file : anchors)
        key.push_back(file.digest);
    if (stores_.size() >= mostStores) forget();
    auto& store = stores_[key];
    if (!store) store = makeStore(anchors);
    return store.get();
}

const std::vector<record::Anchors>* Verifier::keysOf(const std::vector<record::Anchors>& anchors) {
    if (std::ranges::find(anchors, record::Anchors::Of::key, &record::Anchors::of) == anchors.end())
        return nullptr;
    if (keys_.size() >= mostStores) forget();
    return &*keys_.insert(anchors).first;
}

Fault Verifier::chainFault(const Chain& chain, const std::vector<record::Anchors>& anchors,
                           base::Timestamp now) {
    const auto* keys = keysOf(anchors);
    if (keys == nullptr) return proven_.chainFault(chain, storeOf(anchors), now);
    return proven_.fault(chain, keys, now, [&] {
        return tls::chainFault(chain, anchoredStore(chain, anchors, trust_->store()).get(), now);
    });
}

Fault Verifier::daneTaFault(const Chain& chain, const std::vector<record::Tlsa>& records,
                            base::Timestamp now) {
    if (tlsa_.size() >= mostStores) forget();
    const auto& kept = *tlsa_.insert(records).first;
    return proven_.fault(chain, &kept, now, [&] { return tls::daneTaFault(chain, records, now); });
}

/// Together, since ProvenChains knows what was trusted by its address.
void Verifier::forget() {
    stores_.clear();
    tlsa_.clear();
    keys_.clear();
    proven_.clear();
    provenClients_.clear();
}

Verdict Verifier::judge(const Chain& chain, const record::Requirement& requirement, base::Timestamp now) {
    Verdict verdict{.met = true};
    // The names' own anchors, else the CAs: what the record says of the chain is what was asked of it.
    const record::NamesCondition* names = nullptr;
    for (const auto& condition : requirement.allOf)
        if (names == nullptr) names = std::get_if<record::NamesCondition>(&condition);
    const auto fault =
        chainFault(chain, names == nullptr ? std::vector<record::Anchors>() : names->anchors, now);
    verdict.chainFault = fault.words;

    for (const auto& condition : requirement.allOf) {
        Finding finding;
        if (const auto* byName = std::get_if<record::NamesCondition>(&condition)) {
            const bool sameChain = byName == names || byName->anchors == names->anchors;
            finding =
                byNames(chain.leaf, *byName, sameChain ? fault : chainFault(chain, byName->anchors, now));
        } else if (const auto* pins = std::get_if<record::FingerprintCondition>(&condition)) {
            finding = byPin(chain.leaf, *pins);
        } else if (const auto* tlsa = std::get_if<record::TlsaCondition>(&condition)) {
            finding = byTlsa(chain.leaf, *tlsa, [&] { return daneTaFault(chain, tlsa->records, now); });
        }
        if (finding.why != Why::none)
            return {.why = finding.why,
                    .reason = std::move(finding.words),
                    .chainFault = std::move(verdict.chainFault)};
        if (verdict.reason.empty()) verdict.reason = std::move(finding.words);
        if (finding.proves <= verdict.assurance) continue;
        verdict.assurance = finding.proves;
        verdict.proof = finding.proof;
        verdict.name = std::move(finding.name);
    }
    // Why one condition proves little is of no interest where another one proved the peer.
    if (verdict.assurance == Assurance::authenticated) verdict.reason.clear();
    if (classOf(requirement) == record::LevelClass::authenticated && requirement.allOf.empty())
        return {.why = Why::nothingProves,
                .reason = "the policy names nothing that could prove the server",
                .chainFault = verdict.chainFault};
    return verdict;
}

Verdict Verifier::judge(SSL* session, const record::Requirement& requirement, base::Timestamp now) {
    if (SSL_session_reused(session) == 1) {
        const auto& offered = slotOf(session).offered;
        return offered ? *offered
                       : Verdict{.why = Why::nothingProves,
                                 .reason = "a TLS session was resumed that was never judged"};
    }
    return judge({SSL_get0_peer_certificate(session), sentBy(session)}, requirement, now);
}

Fault Verifier::clientFault(SSL* session, const std::vector<record::Anchors>& anchors, base::Timestamp now) {
    const Chain chain{SSL_get0_peer_certificate(session), sentBy(session)};
    if (chain.leaf == nullptr) return clientChainFault(chain, nullptr, now);
    if (const auto* keys = keysOf(anchors); keys != nullptr)
        return provenClients_.fault(chain, keys, now, [&] {
            return clientChainFault(chain, anchoredStore(chain, anchors, trust_->store()).get(), now);
        });
    auto* store = storeOf(anchors);
    return provenClients_.fault(chain, store, now, [&] { return clientChainFault(chain, store, now); });
}

Verdict clientVerdict(const SSL* session) {
    Verdict verdict{.met = true};
    if (const X509* leaf = SSL_get0_peer_certificate(session); leaf != nullptr)
        verdict.chainFault = faultOf(static_cast<int>(SSL_get_verify_result(session)), leaf).words;
    return verdict;
}

}  // namespace postseal::tls
