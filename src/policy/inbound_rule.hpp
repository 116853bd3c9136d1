// A rule of inbound policy: of whose mail it speaks, and what must hold where such mail comes in
// (docs/only-securely.md). The map's lines and the members of alliances become these; policy/inbound judges
// by them. Pure; any thread.
#pragma once

#include "base/ip_address.hpp"
#include "record/level.hpp"
#include "record/requirement.hpp"

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

/// Of whose mail. `text` is canonical and as the map writes it.
struct InboundKey {
    enum class Kind {
        domain,    // example.org: the sender's domain
        parent,    // .example.org: what is below it
        network,   // client:192.0.2.0/24
        client,    // client:mail.example.org, client:.example.org: by its forward-confirmed name
        listener,  // listener:192.0.2.10:25
        everyone,  // *: of whom no other key speaks
    };
    Kind kind = Kind::everyone;
    std::string text = "*";

    auto operator<=>(const InboundKey&) const = default;
};

enum class InboundLevel {
    may,          // nothing is demanded
    encrypt,      // TLS before MAIL
    verify,       // a client certificate that chains to the anchors and bears a name bound to the domain
    fingerprint,  // the client's certificate or key is pinned
    dane,         // the client's TLSA records prove its certificate, which bears a bound name
    refuse,
    exempt,  // from the map's demands, not from an alliance's
};
inline constexpr std::array<std::string_view, 7> inboundLevelNames{"may",  "encrypt", "verify", "fingerprint",
                                                                   "dane", "refuse",  "exempt"};
std::string_view toText(InboundLevel level);
std::optional<InboundLevel> parseInboundLevel(std::string_view text);
/// It can't be met without a client certificate.
bool needsCertificate(InboundLevel level);

/// `testing`: what would be refused is taken, and told.
enum class InboundMode { enforce, testing };
std::string_view toText(InboundMode mode);  // enforce, testing

/// Clients by address or by forward-confirmed name; neither proves who they are.
struct ClientList {
    std::vector<base::Network> networks = {};
    std::vector<record::NamePattern> names = {};  // exact and below

    bool empty() const { return networks.empty() && names.empty(); }
    bool operator==(const ClientList&) const = default;
};

struct InboundRule {
    InboundKey key = {};
    InboundLevel level = InboundLevel::may;
    InboundMode mode = InboundMode::enforce;
    record::Origin origin = {record::Origin::Kind::map};  // or an alliance
    // Names bound to the domain: `exact` (also a certificate's wildcard as it stands, `*.example.org`),
    // `below`, and `hostname` for the domain's MX names where DNSSEC proves them. Of `verify` and `dane`;
    // never empty there.
    std::vector<record::NamePattern> match = {};
    // Of `fingerprint`. With `verify`, each proves the client just as a name does (an alliance's `clients`).
    std::vector<record::Fingerprint> pins = {};
    std::vector<record::Anchors> anchors = {};  // of `verify`; none: the configured CAs
    ClientList hosts = {};                      // only they speak for the domain; empty: anybody may
    ClientList forwarders = {};                 // they may pass its mail on, proving nothing but TLS
    std::optional<record::Floors> floors = {};  // protocols and ciphers; none: no opinion
    std::string where = {};                     // for our own people: `tls_policy_in:12`

    bool operator==(const InboundRule&) const = default;
};

/// `partner.example verify`, by which a refusal names the rule to the sender's administrator.
std::string nameOf(const InboundRule& rule);

}  // namespace postseal::policy
