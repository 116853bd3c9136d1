// One end of a connection: an IP address and a port; or where one can be had: those, or a Unix socket.
#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "record/transport.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

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

using SocketAddress = std::variant<Endpoint, record::UnixSocket>;

std::string toText(const SocketAddress& address);  // 192.0.2.1:25, /run/dovecot/lmtp
/// The size used. Fails where the path is longer than the system takes.
base::Result<unsigned> toSockaddr(const SocketAddress& from, sockaddr_storage& address);

}  // namespace postseal::net
