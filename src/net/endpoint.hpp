// One end of a connection: an IP address and a port.
#pragma once

#include "base/ip_address.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr_storage;

namespace postseal::net {

struct Endpoint {
    base::IpAddress address;
    std::uint16_t port = 0;

    auto operator<=>(const Endpoint&) const = default;
};

std::string toText(const Endpoint& endpoint);  // 192.0.2.1:25, [2001:db8::1]:25
/// The same form; also with `@` before the port, as libunbound writes it.
std::optional<Endpoint> parseEndpoint(std::string_view text);

Endpoint fromSockaddr(const sockaddr_storage& address);
/// The size used.
unsigned toSockaddr(const Endpoint& endpoint, sockaddr_storage& address);

}  // namespace postseal::net
