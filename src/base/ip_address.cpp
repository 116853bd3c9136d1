#include "base/ip_address.hpp"

#include "base/ascii.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace postseal::base {
namespace {

struct Range {
    std::array<std::uint8_t, 16> first;
    unsigned prefix;
};

bool sharesPrefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, unsigned prefix) {
    const std::size_t whole = prefix / 8;
    if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin())) return false;
    const unsigned rest = prefix % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return (a[whole] & mask) == (b[whole] & mask);
}

// IANA's special-purpose registries (RFC 6890 and successors) that public mail has no business with.
constexpr std::array special4{
    Range{{0}, 8},         Range{{10}, 8},       Range{{100, 64}, 10},      Range{{127}, 8},
    Range{{169, 254}, 16}, Range{{172, 16}, 12}, Range{{192, 0, 0}, 24},    Range{{192, 0, 2}, 24},
    Range{{192, 168}, 16}, Range{{198, 18}, 15}, Range{{198, 51, 100}, 24}, Range{{203, 0, 113}, 24},
    Range{{224}, 4},       Range{{240}, 4},
};
constexpr std::array special6{
    Range{{}, 128},  // ::
    Range{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    Range{{0x01, 0x00}, 64},                          // discard
    Range{{0x20, 0x01, 0x0d, 0xb8}, 32},              // documentation
    Range{{0x3f, 0xff}, 20},                          // documentation
    Range{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48},  // local NAT64
    Range{{0xfc}, 7},                                 // unique local
    Range{{0xfe, 0x80}, 10},                          // link-local
    Range{{0xfe, 0xc0}, 10},                          // site-local, deprecated
    Range{{0xff}, 8},                                 // multicast
};
constexpr Range nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Range sixToFour{{0x20, 0x02}, 16};
constexpr Range v4Compatible{{}, 96};
constexpr Range v4Mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};

bool inAny(std::span<const std::uint8_t> bytes, std::span<const Range> ranges) {
    return std::ranges::any_of(ranges,
                               [&](const Range& r) { return sharesPrefix(bytes, r.first, r.prefix); });
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) {
    IpAddress address;
    std::ranges::copy(bytes, address.bytes_.begin());
    return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> bytes) {
    if (sharesPrefix(bytes, v4Mapped.first, v4Mapped.prefix))
        return v4({bytes[12], bytes[13], bytes[14], bytes[15]});
    IpAddress address;
    address.v4_ = false;
    address.bytes_ = bytes;
    return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
    const std::string input(text);
    if (std::array<std::uint8_t, 4> bytes{}; inet_pton(AF_INET, input.c_str(), bytes.data()) == 1)
        return v4(bytes);
    if (std::array<std::uint8_t, 16> bytes{}; inet_pton(AF_INET6, input.c_str(), bytes.data()) == 1)
        return v6(bytes);
    return std::nullopt;
}

std::string IpAddress::toText() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
    return text.data();
}

bool IpAddress::isLoopback() const {
    return v4_ ? bytes_[0] == 127 : sharesPrefix(bytes_, special6[1].first, special6[1].prefix);
}

bool IpAddress::isUnspecified() const {
    return std::ranges::all_of(bytes(), [](std::uint8_t b) { return b == 0; });
}

bool IpAddress::isMulticast() const {
    return v4_ ? (bytes_[0] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::isLinkLocal() const {
    return v4_ ? bytes_[0] == 169 && bytes_[1] == 254 : bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
}

bool IpAddress::isSpecial() const {
    if (v4_) return inAny(bytes(), special4);
    if (inAny(bytes(), special6)) return true;
    if (sharesPrefix(bytes(), nat64.first, nat64.prefix) ||
        sharesPrefix(bytes(), v4Compatible.first, v4Compatible.prefix))
        return v4({bytes_[12], bytes_[13], bytes_[14], bytes_[15]}).isSpecial();
    if (sharesPrefix(bytes(), sixToFour.first, sixToFour.prefix))
        return v4({bytes_[2], bytes_[3], bytes_[4], bytes_[5]}).isSpecial();
    return false;
}

Result<Network, std::string> Network::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = IpAddress::parse(text.substr(0, slash));
    if (!address)
        return fail("'" + std::string(text) +
                    "' is no IP address or network like 192.0.2.0/24 or 2001:db8::/32");
    const unsigned longest = address->isV4() ? 32 : 128;
    unsigned prefix = longest;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (error != std::errc() || end != digits.data() + digits.size() || prefix > longest)
            return fail("'" + std::string(text) + "': the prefix length is a number from 0 to " +
                        std::to_string(longest));
    }
    std::array<std::uint8_t, 16> host{};
    std::ranges::copy(address->bytes(), host.begin());
    for (unsigned bit = prefix; bit < longest; ++bit)
        if ((host[bit / 8] & (0x80 >> (bit % 8))) != 0)
            return fail("'" + std::string(text) + "' has bits set beyond its prefix length");
    return Network(*address, prefix);
}

bool Network::contains(const IpAddress& address) const {
    return address.isV4() == address_.isV4() && sharesPrefix(address.bytes(), address_.bytes(), prefix_);
}

std::string Network::toText() const {
    return address_.toText() + "/" + std::to_string(prefix_);
}

}  // namespace postseal::base
