// How a destination is reached: its hosts in the order to be tried, their addresses, and the one requirement
// that holds on each hop. Drives dns::MxRoute with the resolver and gives the claims that were gathered to
// policy::decide; the same for delivery, `check` and the companion. A decision is kept as long as the records
// that it rests on, and no longer than the settings. One for each core; all on its thread.
#pragma once

#include "base/time.hpp"
#include "dns/answer.hpp"
#include "discover/resolver_watch.hpp"
#include "dns/mx_route.hpp"
#include "policy/map.hpp"
#include "policy/outbound.hpp"
#include "record/requirement.hpp"
#include "task/awaitable.hpp"

#include <chrono>
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
    std::string nextHop;      // a record::NextHop's text
    std::string domain = {};  // of the recipients, A-labels; empty: the next hop's

    bool operator==(const Query&) const = default;
};

struct Host {
    std::string name;  // A-labels, or an address's text
    std::vector<base::IpAddress> addresses = {};
    std::uint16_t port = 25;
    std::uint16_t preference = 0;  // of its MX record
    record::Requirement requirement = {};
    record::DnssecStatus dnssec = record::DnssecStatus::notAsked;  // of the MX answer that named it
    std::optional<Failure> failure = {};         // it has no address that we may use, or could not be asked
    std::optional<bool> connectionReuse = {};    // the map's connection_reuse=
    std::vector<record::ClaimNote> claims = {};  // all that were gathered, and which of them hold

    bool operator==(const Host&) const = default;
};

struct Destination {
    std::vector<Host> hosts = {};         // in the order to be tried, those that failed too
    std::optional<Failure> failure = {};  // nothing can be tried

    bool operator==(const Destination&) const = default;
};

struct DestinationSettings {
    std::shared_ptr<const policy::Map> map;  // null: there was never a valid one, so nothing is sent outward
    record::Level level = record::Level::may;  // where nothing else is demanded
    dns::RouteSettings route = {};
};

class Destinations {
public:
    /// Answers to all questions, in their order: net::Resolver's, or a test's.
    using Ask = std::function<task::Awaitable<std::vector<dns::Answer>>(std::vector<dns::Question>)>;

    static constexpr std::size_t mostKept = 10'000;
    static constexpr std::chrono::seconds longestKept{3600};
    static constexpr std::chrono::seconds failureKept{30};  // a temporary failure

    Destinations(Ask ask, std::shared_ptr<const DestinationSettings> settings);

    /// Never null.
    task::Awaitable<std::shared_ptr<const Destination>> find(Query query);

    /// Whether policy demands encryption or more of the hop, whatever DNS says of it: what was to travel so
    /// must not come back by a weaker way. Without a map nothing is known, which counts as a demand.
    bool demandsProtection(const record::NextHop& nextHop) const;

    /// What the resolver's self-test found (rule 17); what was kept is forgotten where that is news.
    void resolverTested(ResolverHealth health);

    /// What is decided from now on is decided by these; what was kept is forgotten.
    void replace(std::shared_ptr<const DestinationSettings> settings);
    std::shared_ptr<const DestinationSettings> settings() const { return settings_; }

private:
    struct Kept {
        std::shared_ptr<const Destination> destination;
        base::Tick until;
    };
    task::Awaitable<dns::Route> findRoute(record::NextHop nextHop,
                                          std::shared_ptr<const DestinationSettings> settings);
    void keep(const Query& query, Kept kept);

    Ask ask_;
    std::shared_ptr<const DestinationSettings> settings_;
    struct Hash {
        std::size_t operator()(const Query& query) const;
    };
    std::unordered_map<Query, Kept, Hash> kept_;
    std::mt19937_64 random_;
    ResolverHealth resolver_ = ResolverHealth::untested;
};

}  // namespace postseal::discover
