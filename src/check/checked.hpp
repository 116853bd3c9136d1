// What a check came to: for each leg its hosts, their requirements, what handshakes had, and the forecast;
// over all of them the forecast of the weakest. Values, and what a reader asks of them.
#pragma once

#include "base/time.hpp"
#include "discover/destination.hpp"
#include "discover/probe.hpp"
#include "policy/forecast.hpp"
#include "policy/memory.hpp"
#include "record/assurance.hpp"
#include "record/hop.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::check {

struct CheckedLeg {
    std::string domain;
    std::vector<std::string> addresses = {};  // who was meant by an alias; empty: who was asked for
    std::string nextHop = {};                 // empty: the mail stays here
    std::string smarthost = {};               // the next hop's, where it takes mail for everyone
    std::shared_ptr<const discover::Destination> destination = {};  // null without a next hop
    std::vector<discover::Probe> probes = {};                       // of its hosts; empty: not asked for
    policy::Forecast forecast = {};
};

struct Checked {
    std::string asked;        // a domain or an address, as it was given
    std::string domain = {};  // A-labels; empty: it is none
    std::vector<CheckedLeg> legs = {};
    policy::Forecast forecast = {};                 // of the weakest leg; without hosts
    std::optional<policy::Memory> remembered = {};  // what deliveries had
    base::Timestamp time{};                         // of the check
};

struct Experience {
    record::Assurance assurance = record::Assurance::authenticated;
    base::Timestamp since{};
    std::size_t count = 0;  // deliveries, or servers

    bool operator==(const Experience&) const = default;
};

/// What its servers had just now, at the least, of those that a delivery would use; none: there was none.
std::optional<Experience> justNow(const Checked& checked);
/// What deliveries had, as far as they are remembered.
std::optional<Experience> remembered(const Checked& checked);
/// The least that a delivery to this host would have had just now.
std::optional<record::Assurance> leastOf(const discover::Host& host, const discover::Probe& probe);
/// The address that speaks for its host: one that keeps to the demand, else one that answered, else the
/// first; null: none was tried.
const discover::ProbedAddress* spokesmanOf(const discover::Probe& probe);

/// The claims on all hosts of a leg, or of all legs; each once, and won where it did on any.
std::vector<record::ClaimNote> claimsOf(const CheckedLeg& leg);
std::vector<record::ClaimNote> claimsOf(const Checked& checked);

std::size_t countHosts(const Checked& checked);
/// Handshakes were asked for.
bool isProbed(const Checked& checked);
/// Mail is sealed or encrypted, and that is promised.
bool isFine(const Checked& checked);

}  // namespace postseal::check
