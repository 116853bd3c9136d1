#include "deliver/way.hpp"

#include <map>
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

std::optional<Way> wayOnThisMachine(const record::Lmtp& lmtp) {
    Way way{.destination = {}, .dialect = smtp::Dialect::lmtp, .isLocal = true};
    if (const auto* socket = std::get_if<record::UnixSocket>(&lmtp.at)) {
        way.socket = *socket;
        way.destination = only({.name = "unix:" + socket->path});
        return way;
    }
    const auto& hop = std::get<record::NextHop>(lmtp.at);
    auto addresses = loopbackOf(hop);
    if (addresses.empty()) return std::nullopt;
    way.destination = only({.name = record::hostText(hop),
                            .addresses = std::move(addresses),
                            .port = hop.port.value_or(lmtpPort)});
    return way;
}

discover::Query queryOf(const queue::Lease& lease) {
    const auto kind = lease.reversePath() ? policy::MailKind::message : policy::MailKind::report;
    return {.nextHop = lease.nextHop, .message = lease.message->tls, .kind = kind};
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
    const auto transport = record::parseTransport(lease.nextHop);
    const auto* lmtp = transport ? std::get_if<record::Lmtp>(&*transport) : nullptr;
    auto query = queryOf(lease);
    auto dialect = smtp::Dialect::smtp;
    if (lmtp != nullptr) {
        dialect = smtp::Dialect::lmtp;
        if (auto way = wayOnThisMachine(*lmtp))
            co_return std::vector{Leg{std::move(*way), {}, lease.recipients}};
        auto hop = std::get<record::NextHop>(lmtp->at);
        hop.port = hop.port.value_or(lmtpPort);
        query.nextHop = toText(hop);
    }
    std::map<std::string, std::vector<queue::LeasedRecipient>> byDomain;
    for (const auto& recipient : lease.recipients)
        byDomain[services.destinations.domainOf(query.nextHop, record::toText(recipient.address.domain()))]
            .push_back(recipient);
    std::vector<Leg> legs;
    for (auto& [domain, recipients] : byDomain) {
        query.domain = domain;
        auto destination = co_await services.destinations.find(query);
        legs.push_back(
            {{.destination = std::move(destination), .dialect = dialect}, query, std::move(recipients)});
    }
    co_return legs;
}

}  // namespace postseal::deliver
