// Handshakes with a host of a destination, as a delivery would make them, but without a message: what
// `postseal check --connect` shows. Every address is tried, since a delivery may come to any of them; MAIL is
// never said.
#pragma once

#include "discover/destination.hpp"
#include "net/smtp_client.hpp"
#include "record/assurance.hpp"
#include "record/tls_facts.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::discover {

struct ProbedAddress {
    bool isReached = false;  // it greeted us
    bool isMet = false;      // its requirement held
    std::optional<record::Assurance> assurance = {};
    std::optional<record::TlsFacts> tls = {};
    record::Peer peer = {};
    std::string words = {};  // why it was not reached, or what did not hold
};

/// The addresses in the order of the host's; none where the host can't be used.
using Probe = std::vector<ProbedAddress>;

/// Of each host of a destination, all addresses of all hosts side by side. The dialer outlives it.
task::Awaitable<std::vector<Probe>>
probe(net::SmtpDialer* dialer, std::shared_ptr<const Destination> destination, smtp::Dialect dialect);

}  // namespace postseal::discover
