// IP addresses and networks as values, without sockets. IPv4-mapped IPv6 addresses become IPv4 when parsed or
// made, so that a rule for 192.0.2.1 also holds for ::ffff:192.0.2.1. Any thread.
#pragma once

#include "base/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postseal::base {

class IpAddress {
public:
    IpAddress() = default;                                         // 0.0.0.0
    static std::optional<IpAddress> parse(std::string_view text);  // without brackets, zone or prefix
    static IpAddress v4(std::array<std::uint8_t, 4> bytes);
    static IpAddress v6(std::array<std::uint8_t, 16> bytes);

    bool isV4() const { return v4_; }
    /// 4 or 16 bytes in network order.
    std::span<const std::uint8_t> bytes() const { return {bytes_.data(), v4_ ? 4U : 16U}; }
    /// RFC 5952 form.
    std::string toText() const;

    bool isLoopback() const;
    bool isUnspecified() const;
    bool isMulticast() const;
    bool isLinkLocal() const;
    /// Everything that public mail does not go to: loopback, unspecified, multicast, link-local, RFC 1918,
    /// shared (RFC 6598), unique-local, documentation, benchmarking and reserved ranges; for 6to4, NAT64
    /// (64:ff9b::/96) and IPv4-compatible addresses the embedded IPv4 address decides (rule 58).
    bool isSpecial() const;

    auto operator<=>(const IpAddress&) const = default;

private:
    bool v4_ = true;
    std::array<std::uint8_t, 16> bytes_{};
};

/// An address with a prefix length: 192.0.2.0/24, 2001:db8::/32, or a bare address (/32, /128).
class Network {
public:
    /// The error says what is wrong, for people; bits beyond the prefix must be zero.
    static Result<Network, std::string> parse(std::string_view text);
    bool contains(const IpAddress& address) const;
    std::string toText() const;

    auto operator<=>(const Network&) const = default;

private:
    Network(const IpAddress& address, unsigned prefix) : address_(address), prefix_(prefix) {}

    IpAddress address_;
    unsigned prefix_;
};

}  // namespace postseal::base
