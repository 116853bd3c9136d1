// What inbound policy demands of a client's mail and whether it holds: the rules of the map and of alliances,
// what DNS has to say where a rule hangs on it, and the verdict of policy::judge. The same for a session of
// ours, for a Postfix that asks, and for `check`. On any core.
#pragma once

#include "discover/ask.hpp"
#include "policy/inbound.hpp"
#include "policy/inbound_map.hpp"
#include "policy/own_relays.hpp"
#include "task/awaitable.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace postseal::discover {

/// What the alliances that we joined demand of their members' mail; immutable.
struct AllianceDemands {
    /// Of mail for a domain, a member's: the rules of all alliances.
    std::function<std::vector<policy::InboundRule>(const std::string& domain)> rulesOf;
    /// The members for whom a client with this certificate may speak, as far as it names them.
    std::function<std::vector<std::string>(const policy::ClientCertificate&)> membersOf;
    bool needCertificates = false;
    std::string missing = {};  // why they are not known: mail waits; empty: they are
};

/// Immutable; posted to each core whenever a part of it is another.
struct InboundPolicy {
    std::shared_ptr<const policy::InboundMap> map;  // null: there was never a valid one
    policy::OwnRelays ownRelays = {};
    std::shared_ptr<const AllianceDemands> alliances = {};  // null: none is joined

    /// Somebody can prove himself by a client certificate only, so clients are asked for theirs.
    bool needsCertificates() const;
    /// There is somebody of whom something is demanded, or may be.
    bool isEmpty() const;
};
using SharedInboundPolicy = std::shared_ptr<const InboundPolicy>;

struct ClientEvidence {
    policy::InboundClient client = {};
    /// Whether the client's certificate fits these TLSA records; only with a certificate.
    std::function<bool(const std::vector<record::Tlsa>&)> fitsTlsa = {};
};

/// The verdict on mail of the client for `domain` (empty: a null sender, which is judged by its client: who
/// proves to be a listed domain's client is judged as such). DNS is asked where a rule hangs on it.
task::Awaitable<policy::InboundVerdict> judgeInbound(SharedInboundPolicy policy, Ask ask,
                                                     ClientEvidence evidence, std::string domain);

/// Whether mail whose From names the domain may come from the client: by the domain's own rules alone.
/// Accepted with no rule where it is not listed.
task::Awaitable<policy::InboundVerdict> judgeAuthor(SharedInboundPolicy policy, Ask ask,
                                                    ClientEvidence evidence, std::string domain);

}  // namespace postseal::discover
