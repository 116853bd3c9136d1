// How a destination is reached: its hosts in the order to be tried, their addresses, and the one requirement
// that holds on each hop. Drives dns::MxRoute, policy::DaneLookup and the MTA-STS cache, and gives the claims
// that were gathered to policy::decide; the same for delivery, `check` and the companion. A decision is kept
// as long as the records and policies that it rests on, and no longer than the settings; one for each query
// is under way at a time. One for each core; all on its thread.
#pragma once

#include "base/time.hpp"
#include "discover/resolver_watch.hpp"
#include "discover/sts_finding.hpp"
#include "dns/answer.hpp"
#include "dns/mx_route.hpp"
#include "policy/explain.hpp"
#include "policy/map.hpp"
#include "policy/outbound.hpp"
#include "policy/requiretls.hpp"
#include "record/envelope.hpp"
#include "record/requirement.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

namespace postseal::discover {

using Failure = dns::Failure;  // 4.4.3 and words: temporary or permanent

/// What is to be reached, for which message.
struct Query {
    std::string nextHop;             // a record::NextHop's text
    std::string domain = {};         // of the recipients, A-labels; empty: the next hop's
    record::TlsDemand message = {};  // what the message itself asks for
    policy::MailKind kind = policy::MailKind::message;
    bool lookAtAll = false;  // also at what can't decide, so that `check` can tell it

    bool operator==(const Query&) const = default;
};

struct Host {
    std::string name;                             // A-labels, or an address's text
    std::uint16_t preference = 0;                 // of its MX record
    std::vector<base::IpAddress> addresses = {};  // none where policy keeps us from it, but for `lookAtAll`
    std::uint16_t port = 25;
    record::Requirement requirement = {};
    std::optional<record::Requirement> first = {};  // to be tried before it, on a connection of its own
    record::RequireTls requireTls = record::RequireTls::no;        // the keyword, beside the requirement
    record::DnssecStatus dnssec = record::DnssecStatus::notAsked;  // of the MX answer that named it
    std::optional<Failure> failure = {};  // it has no address that we may use, or policy keeps us from it
    std::optional<policy::Unmet> unusable = {};  // policy does: in other words, for the sender
    std::optional<bool> connectionReuse = {};    // the map's connection_reuse=
    std::vector<record::ClaimNote> claims = {};  // all that were gathered, and which of them hold

    bool operator==(const Host&) const = default;
};

struct Destination {
    std::vector<Host> hosts = {};           // in the order to be tried, those that failed too
    std::optional<Failure> failure = {};    // nothing can be tried
    std::optional<StsFinding> mtaSts = {};  // none: not asked for

    bool operator==(const Destination&) const = default;
};

/// What this house itself says of a domain: memory, exceptions, alliances.
struct LocalPolicy {
    std::vector<policy::Claim> claims = {};
    std::optional<policy::RequireTlsRelaxation> requireTls = {};  // in place of the configuration's

    bool operator==(const LocalPolicy&) const = default;
};

struct DestinationSettings {
    std::shared_ptr<const policy::Map> map;  // null: there was never a valid one, so nothing is sent outward
    record::Level level = record::Level::may;  // where nothing else is demanded
    dns::RouteSettings route = {};
    bool dane = false;
    policy::DaneAndMtaSts daneAndMtaSts = policy::DaneAndMtaSts::dane;
    policy::DaneInsecureMx daneInsecureMx = policy::DaneInsecureMx::dane;
    std::optional<policy::RequireTlsRelaxation> requireTls = {};  // none: enforce
};

/// Whom to ask.
struct DestinationSources {
    /// Answers to all questions, in their order: net::Resolver's, or a test's.
    using Ask = std::function<task::Awaitable<std::vector<dns::Answer>>(std::vector<dns::Question>)>;
    /// `query.domain` is never empty. Quick: it is asked for each message of a route.
    using Local = std::function<LocalPolicy(const Query& query, base::Timestamp now)>;

    Ask ask;
    FindSts findSts = {};      // none: MTA-STS is off
    FindSts findStsAnew = {};  // the same, but DNS is asked now (rule 25)
    Local local = {};          // none: nothing is known
};

class Destinations {
public:
    using Ask = DestinationSources::Ask;

    static constexpr std::size_t mostKept = 10'000;
    static constexpr std::chrono::seconds longestKept{3600};
    static constexpr std::chrono::seconds failureKept{30};  // a temporary failure

    Destinations(DestinationSources sources, std::shared_ptr<const DestinationSettings> settings);

    /// Never null.
    task::Awaitable<std::shared_ptr<const Destination>> find(Query query);

    /// The domain to ask for where recipients of several share a next hop: empty where nothing is known of
    /// this one, so that it is reached like any other.
    std::string domainOf(const std::string& nextHop, const std::string& domain) const;

    /// Before a message returns for its MTA-STS policy's sake: whether the policy is another one by now, and
    /// the message is to be tried again (rule 25, RFC 8461 §5.1). What was kept is forgotten then.
    task::Awaitable<bool> hasChangedPolicy(Query query);

    /// Whether policy demands encryption or more of the hop: what was to travel so must not come back by a
    /// weaker way. What is not known counts as a demand.
    bool demandsProtection(const record::NextHop& nextHop) const;

    /// What the resolver's self-test found (rule 17); what was kept is forgotten where that is news.
    void resolverTested(ResolverHealth health);

    /// What is decided from now on is decided by these; what was kept is forgotten.
    void replace(std::shared_ptr<const DestinationSettings> settings);
    std::shared_ptr<const DestinationSettings> settings() const { return settings_; }
    /// Something else is known of the domain now.
    void forget(const std::string& domain);

private:
    struct Kept {
        std::shared_ptr<const Destination> destination;
        base::Tick until;
    };
    struct Hash {
        std::size_t operator()(const Query& query) const;
    };
    struct Flight;

    std::shared_ptr<const Destination> known(const Query& query) const;
    static task::Awaitable<void> fly(Destinations* self, Query query, std::shared_ptr<Flight> flight);
    task::Awaitable<std::shared_ptr<const Destination>> decide(Query query, record::NextHop nextHop);
    LocalPolicy localPolicy(Query query, const record::NextHop& nextHop, base::Timestamp now) const;
    task::Awaitable<dns::Route> findRoute(record::NextHop nextHop,
                                          std::shared_ptr<const DestinationSettings> settings);
    void keep(const Query& query, Kept kept);
    void forgetAll();

    DestinationSources sources_;
    std::shared_ptr<const DestinationSettings> settings_;
    std::unordered_map<Query, Kept, Hash> kept_;
    std::unordered_map<Query, std::shared_ptr<Flight>, Hash> flights_;
    std::uint64_t epoch_ = 0;  // of what decisions rest on: one that began in an older one is not kept
    std::mt19937_64 random_;
    ResolverHealth resolver_ = ResolverHealth::untested;
};

}  // namespace postseal::discover
