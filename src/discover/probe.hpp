// A handshake with one host of a destination, as a delivery would make it, but without a message: what
// `postseal check --connect` shows. The first address that answers is the host's; MAIL is never said.
#pragma once

#include "discover/destination.hpp"
#include "net/smtp_client.hpp"
#include "record/assurance.hpp"
#include "record/tls_facts.hpp"

#include <optional>
#include <string>

namespace postseal::discover {

struct Probe {
    static constexpr std::size_t mostAddresses = 3;  // of one host

    bool isReached = false;  // it greeted us
    bool isMet = false;      // its requirement held
    std::optional<record::Assurance> assurance = {};
    std::optional<record::TlsFacts> tls = {};
    record::Peer peer = {};  // the last one that was tried
    std::string words = {};  // why it was not reached, or what did not hold
};

/// The dialer outlives it; a host that failed is not asked.
task::Awaitable<Probe> probe(net::SmtpDialer* dialer, Host host);

}  // namespace postseal::discover
