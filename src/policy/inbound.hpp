// Whether a client may bring a sender's mail: all rules that speak of it, and what is known of it, to one
// verdict (docs/only-securely.md). Rules are never ranked against each other: each that binds must hold.
//  1. What is exempt by any key of the map is free of the map's demands. An alliance's stay.
//  2. `*` binds only where no other key speaks of the mail, an alliance's neither.
//  3. `refuse` is refused, whatever it shows.
//  4. TLS before all else: without it no rule above `may` holds. Floors of protocol and cipher beside it.
//  5. `hosts` says who may speak for the domain, by address or name. That proves no identity (rule 59).
//  6. Identity is proven by a certificate that chains to the rule's anchors and bears a name that is bound to
//     the domain, by a pin, or by TLSA records of such a name. A name is bound where `match` lists it; as MX
//     name only where DNSSEC proves it. The domain's own name and wildcards count only where listed. The null
//     sender speaks for no domain: there, where nothing is listed, a chain that verifies proves the client.
//  7. A forwarder that the rule lists needs to prove nothing, but 3 and 4 hold.
//  8. What can't be found out defers, and only where it would decide (rule 60).
//  9. A rule in testing never refuses or defers; what it would have done is told.
// Pure; any thread.
#pragma once

#include "policy/inbound_client.hpp"
#include "policy/inbound_rule.hpp"
#include "record/assurance.hpp"
#include "record/tls_facts.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

/// The names of a domain's mail hosts, for rules that bind them.
struct DomainHosts {
    enum class Status { notAsked, secure, insecure, failed };
    Status status = Status::notAsked;
    std::vector<std::string> names = {};
    std::string why = {};  // it failed

    bool operator==(const DomainHosts&) const = default;
};

/// What the TLSA records at _smtp-client.NAME say of the client's certificate.
struct ClientTlsa {
    enum class Status { proves, otherCertificate, none, failed };
    Status status = Status::none;
    std::string why = {};  // not proven

    bool operator==(const ClientTlsa&) const = default;
};

struct InboundFacts {
    InboundClient client = {};
    std::string domain = {};  // for which the mail speaks: the sender's, or one of From; empty: for none
    DomainHosts hosts = {};   // of that domain
    std::function<ClientTlsa(const std::string& name)> tlsa = {};  // of names that were asked for
    // Where the client's name could not be had: the rule that would hold if it were the one it may be.
    std::optional<InboundRule> ifNamed = {};
};

/// Why a rule does not hold.
enum class InboundFault {
    none,
    refused,
    noTls,
    protocol,
    cipher,
    otherHost,
    notAsked,  // for a certificate, by us
    noCertificate,
    chain,  // of the certificate
    otherName,
    otherPin,
    nothingBound,  // no name is: its MX names are not proven, and none is listed
    tlsa,          // no records of a bound name prove the certificate
    nameUnknown,   // the client's, by DNS
    hostsUnknown,  // the domain's, by DNS
    tlsaUnknown,
    noPolicy,  // our own map or lists are not there
};
/// Not found out: the answer is 451, never 550 (rule 60).
bool isTemporary(InboundFault fault);

/// Who the client is, proven, and the domain that it may speak for.
struct Identity {
    std::string name = {};    // of its certificate; may be empty where a pin proves it
    std::string domain = {};  // that the proof is bound to; empty: to none (the null sender's client)
    record::Proof by = record::Proof::clientCertificate;

    bool operator==(const Identity&) const = default;
};

/// A rule that speaks of the mail, and what became of it.
struct RuleNote {
    InboundRule rule = {};
    bool won = false;  // it binds
    InboundFault fault = InboundFault::none;
    std::string found = {};  // what was found, or why it does not bind, for people

    bool operator==(const RuleNote&) const = default;
};

/// What the client hears: 530 5.7.0, 550 5.7.1, 550 5.7.4, 451 4.7.1.
struct InboundReply {
    int code = 0;
    std::string enhanced = {};
    std::string words = {};

    bool operator==(const InboundReply&) const = default;
};

struct InboundVerdict {
    enum class Outcome { accepted, testing, deferred, refused };
    Outcome outcome = Outcome::accepted;
    InboundReply reply = {};           // where refused or deferred, and what testing would have said
    std::string sentence = {};         // for people, whatever the outcome
    std::vector<RuleNote> rules = {};  // all; the deciding one in front, then those that bind
    std::optional<Identity> identity = {};

    bool operator==(const InboundVerdict&) const = default;
};
std::string_view toText(InboundVerdict::Outcome outcome);  // accepted, testing, deferred, refused

/// The names of the client's certificate that are bound to the domain: those whose TLSA records are asked
/// for.
std::vector<std::string> boundNames(const InboundRule& rule, const InboundFacts& facts);

/// `rules` are the most specific of each kind of key, and all of alliances, in any order.
InboundVerdict judge(const std::vector<InboundRule>& rules, const InboundFacts& facts);

/// The verdict where no map was ever valid, or alliances are not loaded: deferred.
InboundVerdict withoutPolicy(std::string why);

}  // namespace postseal::policy
