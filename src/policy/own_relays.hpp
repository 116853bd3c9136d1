// Our own relays (backup MX, internal hops): whose mail has been judged where it came in first. By network,
// by `name:HOST` (a certificate that chains to the configured CAs and bears it) or by `spki:HEX`. Pure; any
// thread.
#pragma once

#include "base/result.hpp"
#include "policy/inbound_client.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

struct OwnRelays {
    std::vector<base::Network> networks = {};
    std::vector<std::string> names = {};
    std::vector<base::Sha256> pins = {};

    /// The error is what is wrong, for people.
    base::Result<void, std::string> add(std::string_view entry);
    /// Some can be told by a client certificate only.
    bool needCertificates() const { return !names.empty() || !pins.empty(); }

    bool operator==(const OwnRelays&) const = default;
};

/// By which entry the client is one of ours: `192.0.2.0/24`, `name:backup.example.org`; nullopt: it is not.
std::optional<std::string> ownRelay(const OwnRelays& relays, const InboundClient& client);

}  // namespace postseal::policy
