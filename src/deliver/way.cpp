#include "deliver/way.hpp"

#include "discover/course.hpp"

#include <map>
#include <utility>

namespace postseal::deliver {
namespace {

discover::Query queryOf(const queue::Lease& lease, const record::NextHop& nextHop) {
    const auto kind = lease.reversePath() ? policy::MailKind::message : policy::MailKind::report;
    return {.nextHop = nextHop, .message = lease.message->tls, .kind = kind};
}

}  // namespace

std::vector<net::SocketAddress> Way::placesOf(const discover::Host& host) const {
    if (socket) return {*socket};
    std::vector<net::SocketAddress> places;
    places.reserve(host.addresses.size());
    for (const auto& address : host.addresses)
        places.emplace_back(net::Endpoint{address, host.port});
    return places;
}

task::Awaitable<std::vector<Leg>> legsOf(DeliveryServices& services, const queue::Lease& lease) {
    const auto course =
        discover::courseOf(lease.route.transport(), services.destinations.settings()->map.get());
    if (!course.nextHop)
        co_return std::vector{Leg{
            {.destination = course.here, .dialect = course.dialect, .isLocal = true, .socket = course.socket},
            {},
            lease.recipients}};
    auto query = queryOf(lease, *course.nextHop);
    std::map<std::string, std::vector<queue::LeasedRecipient>> byDomain;
    for (const auto& recipient : lease.recipients)
        byDomain[services.destinations.domainOf(query.nextHop, record::toText(recipient.address.domain()))]
            .push_back(recipient);
    std::vector<Leg> legs;
    for (auto& [domain, recipients] : byDomain) {
        query.domain = domain;
        auto destination = co_await services.destinations.find(query);
        legs.push_back({{.destination = std::move(destination), .dialect = course.dialect},
                        query,
                        std::move(recipients)});
    }
    co_return legs;
}

}  // namespace postseal::deliver
