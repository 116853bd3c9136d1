#include "net/port_probe.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <unistd.h>

namespace postseal::net {
namespace {

/// Listens on a port of loopback as another program does that shares its port; gone afterwards.
class Other {
public:
    explicit Other(std::string_view address, std::uint16_t port = 0)
        : descriptor_(::socket(address.find(':') == address.npos ? AF_INET : AF_INET6, SOCK_STREAM, 0)) {
        const int on = 1;
        setsockopt(descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        setsockopt(descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        sockaddr_storage storage{};
        const auto size = toSockaddr(Endpoint{*base::IpAddress::parse(address), port}, storage);
        REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&storage), size) == 0);
        REQUIRE(::listen(descriptor_, 1) == 0);
        socklen_t length = sizeof storage;
        getsockname(descriptor_, reinterpret_cast<sockaddr*>(&storage), &length);
        at = fromSockaddr(storage);
    }
    ~Other() { ::close(descriptor_); }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;

    Endpoint at;

private:
    int descriptor_;
};

Endpoint withPort(std::string_view address, std::uint16_t port) {
    return {*base::IpAddress::parse(address), port};
}

}  // namespace

TEST_CASE("a port that another program serves is refused, though both would share it") {
    const Other other("127.0.0.1");
    for (const auto* address : {"127.0.0.1", "0.0.0.0"}) {
        INFO(address);
        const auto refused = probePort(withPort(address, other.at.port));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == std::errc::address_in_use);
        const auto words = base::toText(refused.error());
        INFO(words);
        CHECK(words.find(toText(other.at)) != std::string::npos);
        CHECK(words.find("net_test (process " + std::to_string(getpid()) + ')') != std::string::npos);
    }
    CHECK(probePort(withPort("127.0.0.2", other.at.port)));
}

TEST_CASE("a port that was let go is free, also while its connections end") {
    std::uint16_t port = 0;
    {
        const Other other("::1");
        port = other.at.port;
        CHECK_FALSE(probePort(other.at));
        CHECK(holdersOf(other.at) == std::vector<PortHolder>{{other.at, getpid(), "net_test"}});
        CHECK(holdersOf(withPort("::", port)).size() == 1);
        CHECK(holdersOf(withPort("::2", port)).empty());
    }
    CHECK(probePort(withPort("::1", port)));
}

TEST_CASE("an address that can't be bound is refused with what is wrong") {
    const auto foreign = probePort(withPort("192.0.2.1", 2525));
    REQUIRE_FALSE(foreign);
    CHECK(base::toText(foreign.error()).find("no address of this machine") != std::string::npos);
}

}  // namespace postseal::net
