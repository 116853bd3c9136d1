#include "app/outbound_settings.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

namespace postseal::app {
namespace {

/// The addresses of this machine's interfaces.
std::vector<base::IpAddress> ownAddresses() {
    std::vector<base::IpAddress> addresses;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return addresses;
    for (const auto* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr) continue;
        const auto family = each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        sockaddr_storage address{};
        std::memcpy(&address, each->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        addresses.push_back(net::fromSockaddr(address).address);
    }
    ::freeifaddrs(first);
    return addresses;
}

/// Where our listeners are reached: mail for ourselves must not go round in circles.
std::vector<dns::Endpoint> ourEndpoints(const std::vector<config::Listener>& listeners) {
    std::vector<dns::Endpoint> all;
    const auto interfaces = ownAddresses();
    for (const auto& listener : listeners) {
        const auto& [address, port] = listener.address;
        all.push_back({address, port});
        if (!address.isUnspecified()) continue;
        for (const auto& own : interfaces)
            all.push_back({own, port});
    }
    return all;
}

}  // namespace

std::shared_ptr<const discover::DestinationSettings>
destinationSettings(const Loaded& loaded, std::shared_ptr<const policy::Map> map) {
    const auto& outbound = loaded.settings.outbound;
    auto settings = std::make_shared<discover::DestinationSettings>();
    settings->map = std::move(map);
    settings->standard = outbound.standard;
    settings->requireTls = outbound.requireTls;
    settings->dane = outbound.dane;
    settings->daneAndMtaSts = outbound.daneAndMtaSts;
    settings->daneInsecureMx = outbound.daneInsecureMx;
    settings->route.port = outbound.port;
    settings->route.allowed = outbound.allowAddresses;
    settings->route.ourNames = {loaded.settings.hostname};
    settings->route.ourEndpoints = ourEndpoints(loaded.settings.listeners);
    return settings;
}

discover::OutboundSettings outboundSettings(const Loaded& loaded, std::shared_ptr<const policy::Map> map) {
    const auto& settings = loaded.settings;
    discover::OutboundSettings outbound;
    outbound.destinations = destinationSettings(loaded, std::move(map));
    outbound.dialer.client = std::make_shared<const smtp::ClientSettings>(
        smtp::ClientSettings{.heloName = settings.hostname.text(),
                             .deadlines = settings.outbound.deadlines,
                             .eightBit = settings.outbound.eightBit,
                             .chunking = settings.outbound.chunking});
    outbound.dialer.identity = loaded.clientIdentity;
    outbound.trust = loaded.trust;
    outbound.mtaSts = settings.outbound.mtaSts;
    outbound.memory = settings.outbound.memory;
    outbound.alliances.afterEnd = settings.alliances.afterEnd;
    for (const auto& [name, domain] : loaded.directory->domains)
        outbound.alliances.ours.push_back(name.text());
    if (settings.resolver.validate != net::Validation::off) outbound.selfTest = settings.selfTest;
    outbound.resolver = settings.resolver;
    return outbound;
}

std::shared_ptr<const discover::StsFetchSettings> fetchSettings(const Loaded& loaded) {
    const auto route = destinationSettings(loaded, nullptr)->route;
    return std::make_shared<const discover::StsFetchSettings>(
        discover::StsFetchSettings{.allowed = route.allowed, .ourEndpoints = route.ourEndpoints});
}

}  // namespace postseal::app
