// What all claims on a destination mean for one host (docs/how-postseal-decides.md): which of them bind, and
// the one requirement that holds on the hop. Claims are never ranked against each other: each that binds must
// hold.
//  1. An overriding claim (a dated exception, our own TLS report) stands alone, but for REQUIRETLS, which has
//     a relaxation of its own.
//  2. A map entry takes the place of what is published, of memory and of the default, stronger or weaker.
//     Only an entry `dane` that finds no TLSA records, or none that prove the server, leaves MTA-STS and the
//     default in force.
//  3. Ours (the sender's, REQUIRETLS, alliances) only raises: it is joined with the outcome of 2.
//  4. The requirement names the claim of the highest class, and the others that must hold too; floors are
//     joined to the strictest.
//  5. A predicate is met by any proof of another claim, also of one that does not bind; only where none gives
//     one, the names of the next hop are tried.
//  6. A name proves something only where its source is secure: `hostname` of an insecure MX record proves
//     `encrypted`, never `authenticated`, and so do TLSA records of such a host.
//  7. Where DANE proves the server, MTA-STS is told but does not bind, unless both are asked for; it never
//     heals DANE. A host that an enforced MTA-STS policy does not list is not used, nor is one that an
//     alliance does not list.
//  8. TLS-Required: No sets aside what is published and remembered; it is tried first all the same.
//  9. A host is not used while the answer is missing that a claim which could decide hangs on.
// Pure; any thread.
#pragma once

#include "policy/claim.hpp"
#include "policy/explain.hpp"
#include "record/hop.hpp"
#include "record/next_hop.hpp"
#include "record/requirement.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

/// How we came to the host's name.
enum class HostSource {
    administrator,  // [host] or a route's: the administrator wrote it
    secureMx,       // an MX record that DNSSEC proves, or its proven absence
    alliance,       // no such proof, but an alliance that demands something lists the host
    mtaSts,         // neither, but the domain's MTA-STS policy in mode enforce does
    insecureMx,
};

/// What the record says of it.
record::MxProof mxProofOf(HostSource source);

/// Where a host has both TLSA records that prove it and an MTA-STS policy.
enum class DaneAndMtaSts { dane, both };
/// What secure TLSA records of a host demand whose MX record is not: to match, TLS, or nothing.
enum class DaneInsecureMx { dane, encrypt, may };

struct HostContext {
    std::string nextHop;  // record::hostText: the domain, or what stood in the brackets
    std::string host;     // the host that will be connected to; A-labels, or an address
    HostSource source = HostSource::insecureMx;
    bool isUnlisted = false;        // the domain's MTA-STS policy in mode enforce does not list the host
    std::string daneFailure = {};   // why its TLSA records could not be had; empty: they could
    bool isDnssecUntested = false;  // our resolver does not validate: nothing is proven by DNSSEC
    bool isTlsOptional = false;     // the message says TLS-Required: No
    DaneAndMtaSts daneAndMtaSts = DaneAndMtaSts::dane;
    DaneInsecureMx daneInsecureMx = DaneInsecureMx::dane;
};

struct Decision {
    record::Requirement requirement;
    std::optional<record::Requirement> first = {};  // to be tried before it; its failure leads to the other
    std::optional<Unmet> unusable = {};             // the host is not to be connected to, and why
    std::vector<record::ClaimNote> claims = {};     // all; those that hold first, the deciding one in front

    bool operator==(const Decision&) const = default;
};

/// `claims` are all that were gathered, in any order; none at all is `may` by default.
Decision decide(const std::vector<Claim>& claims, const HostContext& context);

}  // namespace postseal::policy
