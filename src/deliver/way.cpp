#include "deliver/way.hpp"

#include <utility>

namespace postseal::deliver {
namespace {

constexpr std::uint16_t lmtpPort = 24;  // IANA's; RFC 2033 §5 forbids 25

/// On this machine, in clear text.
std::shared_ptr<const discover::Destination> only(discover::Host host) {
    host.requirement.level = record::Level::none;
    discover::Destination destination;
    destination.hosts.push_back(std::move(host));
    return std::make_shared<const discover::Destination>(std::move(destination));
}

/// The addresses of a host on this machine; none: it is another one, as far as we know.
std::vector<base::IpAddress> loopbackOf(const record::NextHop& hop) {
    if (const auto* address = std::get_if<base::IpAddress>(&hop.host))
        return address->isLoopback() ? std::vector{*address} : std::vector<base::IpAddress>();
    if (record::hostText(hop) != "localhost") return {};
    return {*base::IpAddress::parse("127.0.0.1"), *base::IpAddress::parse("::1")};  // RFC 6761 §6.3
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

task::Awaitable<Way> wayTo(Services& services, std::string nextHop) {
    const auto transport = record::parseTransport(nextHop);
    const auto* lmtp = transport ? std::get_if<record::Lmtp>(&*transport) : nullptr;
    if (lmtp == nullptr)
        co_return Way{.destination = co_await services.destinations.find({.nextHop = std::move(nextHop)})};

    Way way{.destination = {}, .dialect = smtp::Dialect::lmtp};
    if (const auto* socket = std::get_if<record::UnixSocket>(&lmtp->at)) {
        way.isLocal = true;
        way.socket = *socket;
        way.destination = only({.name = "unix:" + socket->path});
        co_return way;
    }
    auto hop = std::get<record::NextHop>(lmtp->at);
    hop.port = hop.port.value_or(lmtpPort);
    if (auto addresses = loopbackOf(hop); !addresses.empty()) {
        way.isLocal = true;
        way.destination =
            only({.name = record::hostText(hop), .addresses = std::move(addresses), .port = *hop.port});
        co_return way;
    }
    discover::Query query{.nextHop = toText(hop)};
    way.destination = co_await services.destinations.find(std::move(query));
    co_return way;
}

}  // namespace postseal::deliver
