#include "net/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace postseal::net {

std::string toText(const Endpoint& endpoint) {
    const auto address = endpoint.address.toText();
    const auto port = std::to_string(endpoint.port);
    return endpoint.address.isV4() ? address + ':' + port : '[' + address + "]:" + port;
}

std::optional<Endpoint> parseEndpoint(std::string_view text) {
    auto divider = text.rfind('@');
    if (divider == text.npos) divider = text.rfind(':');
    if (divider == text.npos) return std::nullopt;
    auto host = text.substr(0, divider);
    const auto digits = text.substr(divider + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (text[divider] == ':' && host.find(':') != host.npos)
        return std::nullopt;  // an IPv6 address without brackets: where would it end?

    const auto address = base::IpAddress::parse(host);
    Endpoint endpoint;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (!address || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    endpoint.address = *address;
    return endpoint;
}

Endpoint fromSockaddr(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return {base::IpAddress::v6(bytes), ntohs(v6.sin6_port)};
    }
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return {base::IpAddress::v4(bytes), ntohs(v4.sin_port)};
}

unsigned toSockaddr(const Endpoint& endpoint, sockaddr_storage& address) {
    address = {};
    const auto bytes = endpoint.address.bytes();
    if (endpoint.address.isV4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
        std::memcpy(&address, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&address, &v6, sizeof v6);
    return sizeof v6;
}

std::string toText(const SocketAddress& address) {
    if (const auto* endpoint = std::get_if<Endpoint>(&address)) return toText(*endpoint);
    return std::get<record::UnixSocket>(address).path;
}

base::Result<unsigned> toSockaddr(const SocketAddress& from, sockaddr_storage& address) {
    if (const auto* endpoint = std::get_if<Endpoint>(&from)) return toSockaddr(*endpoint, address);
    const auto& path = std::get<record::UnixSocket>(from).path;
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    if (path.size() >= sizeof local.sun_path)
        return base::fail(
            base::Error{std::make_error_code(std::errc::filename_too_long), base::Phase::connect, path});
    std::ranges::copy(path, local.sun_path);
    address = {};
    std::memcpy(&address, &local, sizeof local);
    return static_cast<unsigned>(sizeof local);
}

}  // namespace postseal::net
