// How a destination is reached: its hosts in the order to be tried, their addresses, and the one requirement
// that holds on each hop. Drives dns::MxRoute, policy::DaneLookup and the MTA-STS cache, and gives what was
// found to policy/plan; the same for delivery, `check` and the companion. A decision is kept
// as long as the records and policies that it rests on, and no longer than the settings; one for each query
// is under way at a time. One for each core; all on its thread.
#pragma once

#include "base/time.hpp"
#include "discover/ask.hpp"
#include "discover/dane_history.hpp"
#include "discover/resolver_watch.hpp"
#include "discover/sts_finding.hpp"
#include "dns/mx_route.hpp"
#include "policy/plan.hpp"
#include "record/next_hop.hpp"
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

using policy::Destination;
using policy::DestinationSettings;
using policy::Host;
using policy::LocalPolicy;
using policy::Query;
using Failure = dns::Failure;  // 4.4.3 and words: temporary or permanent

/// Whom to ask.
struct DestinationSources {
    /// `query.domain` is never empty; none: what is kept is not read yet. Quick: asked for each message of a
    /// route.
    using Local = std::function<std::optional<LocalPolicy>(const Query& query, base::Timestamp now)>;

    Ask ask;
    FindSts findSts = {};                // none: MTA-STS is off
    FindSts findStsAnew = {};            // the same, but DNS is asked now (rule 25)
    Local local = {};                    // none: nothing is known
    DaneHistory* daneHistory = nullptr;  // none: nothing is kept
};

class Destinations {
public:
    static constexpr std::size_t mostKept = 10'000;

    Destinations(DestinationSources sources, std::shared_ptr<const DestinationSettings> settings);

    /// Never null.
    task::Awaitable<std::shared_ptr<const Destination>> find(Query query);

    /// The domain to ask for where recipients of several share a next hop: empty where nothing is known of
    /// this one, so that it is reached like any other.
    std::string domainOf(const record::NextHop& nextHop, const std::string& domain) const;

    /// Before a message returns for its MTA-STS policy's sake: whether the policy is another one by now, and
    /// the message is to be tried again (rule 25, RFC 8461 §5.1). What was kept is forgotten then.
    task::Awaitable<bool> hasChangedPolicy(Query query);

    /// Whether policy demands encryption or more of the hop: what was to travel so must not come back by a
    /// weaker way. What is not known counts as a demand; where no host is known for good, our own claims and
    /// a kept MTA-STS policy tell.
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
    task::Awaitable<std::shared_ptr<const Destination>> decide(Query query);
    std::optional<LocalPolicy> localPolicy(Query query, base::Timestamp now) const;
    task::Awaitable<dns::Route> findRoute(record::NextHop nextHop,
                                          std::shared_ptr<const DestinationSettings> settings);
    void noteDane(const std::string& nextHop, const policy::Findings& findings) const;
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
