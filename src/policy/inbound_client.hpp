// A client as inbound policy sees it: its address, its name where somebody asked DNS, and what stood in its
// TLS. Values that a session of ours and a Postfix that asks us fill alike. Pure; any thread.
#pragma once

#include "base/hex.hpp"
#include "base/ip_address.hpp"
#include "record/requirement.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

/// The certificate that a client showed. It proves nothing by itself: whose it is must be asked of a chain or
/// a pin.
struct ClientCertificate {
    std::vector<std::string> names = {};  // that can match, lower case, wildcards as they are: tls::namesOf
    base::Sha256 sha256{};                // of the DER certificate
    base::Sha256 spki{};                  // of its SubjectPublicKeyInfo

    bool operator==(const ClientCertificate&) const = default;
};

struct ClientTls {
    record::Protocol protocol = record::Protocol::tls12;
    std::string cipher = {};  // IANA's name
    int cipherBits = 0;
    bool wasAsked = true;  // for a certificate; who was not can't have shown one
    std::optional<ClientCertificate> certificate = {};

    bool operator==(const ClientTls&) const = default;
};

/// The name behind the client's PTR record.
struct ClientName {
    enum class Status {
        notAsked,
        confirmed,  // an address record of it leads back
        none,       // DNS says so
        failed,     // DNS could not say
    };
    Status status = Status::notAsked;
    std::string name = {};  // A-labels, lower case; where it failed, what it claims, as far as that is known

    bool operator==(const ClientName&) const = default;
};

/// Why the client's chain does not verify up to the anchors (none: the configured CAs), for people; empty: it
/// does. A certificate for a server's use will do (rule 41). Without a certificate it is not asked.
using ChainFaultUnder = std::function<std::string(const std::vector<record::Anchors>& anchors)>;

struct InboundClient {
    base::IpAddress address = {};
    std::string listener = {};  // where it came in: 192.0.2.10:25; empty: at none of ours
    ClientName name = {};
    std::optional<ClientTls> tls = {};  // none: clear text
    ChainFaultUnder chainFault = {};    // only with a certificate

    const ClientCertificate* certificate() const {
        return tls && tls->certificate ? &*tls->certificate : nullptr;
    }
};

}  // namespace postseal::policy
