#include "discover/course.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace postseal::discover {
namespace {

constexpr std::uint16_t lmtpPort = 24;  // IANA's; RFC 2033 §5 forbids 25

/// On this machine, in clear text.
std::shared_ptr<const Destination> only(Host host) {
    host.requirement.level = record::Level::none;
    Destination destination;
    destination.hosts.push_back(std::move(host));
    return std::make_shared<const Destination>(std::move(destination));
}

/// RFC 6761 §6.3.
std::vector<base::IpAddress> localhost() {
    return {*base::IpAddress::parse("127.0.0.1"), *base::IpAddress::parse("::1")};
}

/// The addresses of a host on this machine; none: it is another one, as far as we know.
std::vector<base::IpAddress> loopbackOf(const record::NextHop& hop) {
    if (const auto* address = std::get_if<base::IpAddress>(&hop.host))
        return address->isLoopback() ? std::vector{*address} : std::vector<base::IpAddress>();
    if (record::hostText(hop) != "localhost") return {};
    return localhost();
}

/// Of SMTP: the addresses of `localhost` alone, as the administrator wrote them with a port. What stands
/// elsewhere in 127.0.0.0/8 is told apart on purpose, as the end of a tunnel or of a container is.
std::vector<base::IpAddress> filterOf(const record::NextHop& hop) {
    if (hop.lookup != record::NextHop::Lookup::address || !hop.port) return {};
    auto addresses = loopbackOf(hop);
    const auto known = localhost();
    std::erase_if(addresses, [&](const auto& one) { return std::ranges::find(known, one) == known.end(); });
    return addresses;
}

Course over(record::NextHop hop, smtp::Dialect dialect) {
    return {.dialect = dialect, .nextHop = std::move(hop)};
}

Course toLoopback(const record::NextHop& hop, std::vector<base::IpAddress> addresses, smtp::Dialect dialect) {
    return {.dialect = dialect,
            .here = only({.name = record::hostText(hop),
                          .addresses = std::move(addresses),
                          .port = hop.port.value_or(lmtpPort)})};
}

struct Follow {
    const policy::Map* map;

    Course operator()(const record::NextHop& hop) const {
        auto addresses = filterOf(hop);
        const bool isNamed = map != nullptr && map->find(hop) != nullptr;
        if (addresses.empty() || isNamed) return over(hop, smtp::Dialect::smtp);
        return toLoopback(hop, std::move(addresses), smtp::Dialect::smtp);
    }
    Course operator()(const record::Lmtp& lmtp) const {
        if (const auto* socket = std::get_if<record::UnixSocket>(&lmtp.at))
            return {.dialect = smtp::Dialect::lmtp,
                    .here = only({.name = "unix:" + socket->path}),
                    .socket = *socket};
        auto hop = std::get<record::NextHop>(lmtp.at);
        if (auto addresses = loopbackOf(hop); !addresses.empty())
            return toLoopback(hop, std::move(addresses), smtp::Dialect::lmtp);
        hop.port = hop.port.value_or(lmtpPort);
        return over(std::move(hop), smtp::Dialect::lmtp);
    }
    Course operator()(const record::Maildir&) const { return {}; }
};

}  // namespace

Course courseOf(const record::Transport& transport, const policy::Map* map) {
    return std::visit(Follow{map}, transport);
}

}  // namespace postseal::discover
