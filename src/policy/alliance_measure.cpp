#include "policy/alliance_measure.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::policy {
namespace {

using record::Assurance;
using record::HopRecord;
using record::Level;

bool bears(const record::PeerCertificate& certificate, const std::string& host) {
    return std::ranges::any_of(certificate.dnsNames, [&](const std::string& name) {
        const auto pattern = MxPattern::parse(name);
        return pattern && anyMatches({&*pattern, 1}, host);
    });
}

bool hasPin(const std::vector<record::Fingerprint>& pins, const base::Sha256& key) {
    return std::ranges::any_of(pins, [&](const auto& pin) { return std::ranges::equal(pin.digest, key); });
}

std::string whyNotTo(const AllianceMember& member, const HopRecord& hop) {
    if (record::classOf(member.to) <= record::LevelClass::may) return {};
    const auto host = base::escaped(hop.peer.name, 255);
    if (!member.mx.empty() && !anyMatches(member.mx, hop.peer.name))
        return host + " is not among its mail hosts";
    if (hop.assurance.value_or(Assurance::cleartext) < Assurance::encrypted || !hop.tls)
        return host + " took it in clear text";
    const auto& peer = hop.tls->peer;
    switch (member.to) {
    case Level::dane:
    case Level::daneOnly:
        return hop.tls->authenticatedBy == record::Proof::dane ? "" : host + " was not proven by DANE";
    case Level::fingerprint:
        return peer && hasPin(member.pins, peer->spki) ? "" : host + " showed another key";
    case Level::verify:
    case Level::secure:
        if (!peer || (!member.mx.empty() && !bears(*peer, hop.peer.name)))
            return host + " showed no certificate for its name";
        if (member.anchors.empty() && !peer->chainFault.empty()) return host + ": " + peer->chainFault;
        return {};
    case Level::none:
    case Level::may:
    case Level::encrypt: break;
    }
    return {};
}

std::string whyNotFrom(const AllianceMember& member, const HopRecord& hop) {
    if (member.from == InboundLevel::may) return {};
    const auto client = base::escaped(hop.peer.name, 255);
    if (hop.assurance.value_or(Assurance::cleartext) < Assurance::encrypted || !hop.tls)
        return client + " brought it in clear text";
    if (!needsCertificate(member.from)) return {};
    const auto& peer = hop.tls->peer;
    if (!peer) return client + " showed no certificate";
    const auto fits = [&](const AllianceClient& one) {
        if (const auto* name = std::get_if<NamedClient>(&one)) return bears(*peer, name->name);
        const auto* key = std::get_if<KeyedClient>(&one);
        return key != nullptr && key->spki == peer->spki;
    };
    const bool isListed = member.clients.empty() || std::ranges::any_of(member.clients, fits);
    return isListed ? "" : client + " showed the certificate of another";
}

}  // namespace

std::string whyStopped(const AllianceMember& member, const HopRecord& hop) {
    return hop.direction == record::Direction::out ? whyNotTo(member, hop) : whyNotFrom(member, hop);
}

}  // namespace postseal::policy
