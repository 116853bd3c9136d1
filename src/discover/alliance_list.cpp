#include "discover/alliance_list.hpp"

#include "base/base64.hpp"
#include "tls/ed25519.hpp"
#include "tls/trust.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace postseal::discover {
namespace {

using base::fail;
using base::Result;

// How far the issuer's clock may be ahead of ours.
constexpr std::chrono::days mostAhead{1};

Result<policy::AnchorCertificate, std::string> readAnchor(const std::string& pem) {
    auto read = tls::makeOneAnchor(pem);
    if (!read) return fail(read.error());
    return policy::AnchorCertificate{.anchors = std::move(read->anchors),
                                     .certificate = read->certificate.sha256,
                                     .key = read->certificate.spki,
                                     .subject = std::move(read->certificate.subject)};
}

std::optional<base::Bytes> signerOf(const policy::SignedEnvelope& envelope,
                                    std::span<const base::Bytes> keys) {
    const auto text = policy::toBeSigned(envelope);
    for (const auto& key : keys)
        for (const auto& signature : envelope.signatures)
            if (tls::isSignedBy(key, text, signature.octets)) return key;
    return std::nullopt;
}

void keepOnly(std::set<std::string, std::less<>>& some, const std::set<std::string, std::less<>>& all) {
    std::erase_if(some, [&](const std::string& one) { return !all.contains(one); });
}

}  // namespace

Result<policy::Alliance, std::string> readAlliance(std::string_view payload) {
    return policy::parseAlliance(payload, readAnchor);
}

Result<OpenedAlliance, std::string> openAlliance(std::string_view text, std::span<const base::Bytes> keys) {
    auto envelope = policy::parseEnvelope(text);
    if (!envelope) return fail("it is no signed list: " + envelope.error());
    if (envelope->payloadType != policy::alliancePayloadType)
        return fail(std::string("what is signed is no list of an alliance"));
    // Before the payload is read: nobody but the signer is to reach that parser.
    auto signer = signerOf(*envelope, keys);
    if (!signer)
        return fail(std::string("its signature is of no key that is known here, or it was tampered with"));
    auto list = readAlliance(envelope->payload);
    if (!list) return fail(list.error());
    return OpenedAlliance{std::move(*list), std::move(envelope->payload), std::move(*signer)};
}

Result<Newness, std::string> newnessOf(const KeptAlliance& kept, const OpenedAlliance& opened,
                                       base::Timestamp now) {
    const auto& list = opened.list;
    if (list.name != kept.name)
        return fail(fmt::format("it is the list of the alliance {}, not of {}", list.name, kept.name));
    if (list.version < kept.version)
        return fail(fmt::format("its version {} is older than {}, which was here already", list.version,
                                kept.version));
    if (list.version == kept.version && !kept.isLeft()) {
        const auto before = policy::parseEnvelope(kept.envelope);
        if (!before || before->payload != opened.payload)
            return fail(
                fmt::format("it bears the version {} of the kept list with another content", list.version));
        return Newness::same;
    }
    if (now >= list.expires) return fail("it ended on " + base::toRfc3339(list.expires));
    if (list.issued > now + mostAhead)
        return fail("it was issued in the future, on " + base::toRfc3339(list.issued));
    return Newness::newer;
}

KeptAlliance renewed(KeptAlliance kept, const OpenedAlliance& opened, std::string envelope) {
    kept.version = opened.list.version;
    kept.envelope = std::move(envelope);
    kept.keys = {opened.signedBy};
    for (const auto& key : opened.list.successorKeys)
        if (std::ranges::find(kept.keys, key) == kept.keys.end()) kept.keys.push_back(key);
    const auto domains = domainsOf(opened.list);
    keepOnly(kept.accepted, domains);
    keepOnly(kept.promoted, domains);
    return kept;
}

std::set<std::string, std::less<>> domainsOf(const policy::Alliance& list) {
    std::set<std::string, std::less<>> all;
    for (const auto& member : list.members)
        all.insert(member.domains.begin(), member.domains.end());
    return all;
}

}  // namespace postseal::discover
