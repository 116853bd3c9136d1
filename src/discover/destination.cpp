#include "discover/destination.hpp"

#include <algorithm>
#include <utility>

namespace postseal::discover {
namespace {

Destination failedWith(Failure failure) {
    return {{}, std::move(failure)};
}

/// Map and default, so far; what a domain publishes, memory and alliances join here.
std::vector<policy::Claim> gather(const policy::MapEntry* entry, const DestinationSettings& settings) {
    std::vector claims{policy::standardClaim(settings.level)};
    if (entry != nullptr) claims.push_back(entry->claim);
    return claims;
}

policy::HostSource sourceOf(const record::NextHop& nextHop, const dns::Route& route) {
    if (nextHop.lookup == record::NextHop::Lookup::address) return policy::HostSource::administrator;
    return route.mx == record::DnssecStatus::secure ? policy::HostSource::secureMx
                                                    : policy::HostSource::insecureMx;
}

Destination decided(const record::NextHop& nextHop, dns::Route route, const DestinationSettings& settings) {
    const auto* entry = settings.map->find(nextHop);
    const auto claims = gather(entry, settings);
    Destination destination{{}, std::move(route.failure)};
    for (auto& host : route.hosts) {
        auto decision = policy::decide(
            claims,
            {.nextHop = record::hostText(nextHop), .host = host.name, .source = sourceOf(nextHop, route)});
        destination.hosts.push_back({.name = std::move(host.name),
                                     .addresses = std::move(host.addresses),
                                     .port = route.port,
                                     .preference = host.preference,
                                     .requirement = std::move(decision.requirement),
                                     .dnssec = route.mx,
                                     .failure = std::move(host.failure),
                                     .connectionReuse = entry ? entry->connectionReuse : std::nullopt,
                                     .claims = std::move(decision.claims)});
    }
    return destination;
}

std::chrono::seconds lifeOf(const Destination& destination, const dns::Route& route) {
    const auto isTemporary = [](const std::optional<Failure>& failure) {
        return failure && failure->kind == Failure::Kind::temporary;
    };
    // A host that could not be asked is asked again soon, though others were found.
    const bool isUnsure = isTemporary(destination.failure) ||
                          std::ranges::any_of(route.hosts, isTemporary, &dns::RouteHost::failure);
    const auto life = std::min(route.ttl, Destinations::longestKept);
    return isUnsure ? Destinations::failureKept : std::max(life, std::chrono::seconds(1));
}

}  // namespace

std::size_t Destinations::Hash::operator()(const Query& query) const {
    const std::hash<std::string> hash;
    return hash(query.nextHop) * 31 + hash(query.domain);
}

Destinations::Destinations(Ask ask, std::shared_ptr<const DestinationSettings> settings)
    : ask_(std::move(ask)), settings_(std::move(settings)), random_(std::random_device{}()) {}

task::Awaitable<std::shared_ptr<const Destination>> Destinations::find(Query query) {
    if (const auto known = kept_.find(query);
        known != kept_.end() && std::chrono::steady_clock::now() < known->second.until)
        co_return known->second.destination;

    const auto settings = settings_;
    if (!settings->map)
        co_return std::make_shared<Destination>(
            failedWith({Failure::Kind::temporary, "4.3.5",
                        "the TLS policy map is missing or faulty, so nothing is sent outward"}));
    const auto parsed = record::NextHop::parse(query.nextHop);
    if (!parsed)
        co_return std::make_shared<Destination>(
            failedWith({Failure::Kind::permanent, "5.1.2", parsed.error()}));

    const auto route = co_await findRoute(*parsed, settings);
    auto destination = std::make_shared<const Destination>(decided(*parsed, route, *settings));
    if (settings == settings_)  // else they were replaced meanwhile
        keep(query, {destination, std::chrono::steady_clock::now() + lifeOf(*destination, route)});
    co_return destination;
}

bool Destinations::demandsProtection(const record::NextHop& nextHop) const {
    if (!settings_->map) return true;
    const auto claims = gather(settings_->map->find(nextHop), *settings_);
    const auto decision =
        policy::decide(claims, {.nextHop = record::hostText(nextHop), .host = record::hostText(nextHop)});
    return !permitsCleartext(decision.requirement);
}

void Destinations::resolverTested(ResolverHealth health) {
    if (std::exchange(resolver_, health) != health) kept_.clear();
}

void Destinations::replace(std::shared_ptr<const DestinationSettings> settings) {
    settings_ = std::move(settings);
    kept_.clear();
}

task::Awaitable<dns::Route> Destinations::findRoute(record::NextHop nextHop,
                                                    std::shared_ptr<const DestinationSettings> settings) {
    dns::MxRoute machine(nextHop, settings->route, random_());
    while (!machine.questions().empty()) {
        auto questions = machine.questions();
        const auto answers = co_await ask_(std::move(questions));
        machine.answered(answers);
    }
    co_return machine.route();
}

void Destinations::keep(const Query& query, Kept kept) {
    if (kept_.size() >= mostKept) {
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(kept_, [=](const auto& one) { return one.second.until <= now; });
    }
    if (kept_.size() >= mostKept) kept_.clear();
    kept_.insert_or_assign(query, std::move(kept));
}

}  // namespace postseal::discover
