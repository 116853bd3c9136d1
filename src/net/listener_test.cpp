#include "net/listener.hpp"

#include "net/test_peers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include <sys/resource.h>

using namespace postseal;
using namespace postseal::net;
using namespace postseal::net::test;

namespace {

Awaitable<void> greet(Connection connection) {
    CHECK(co_await connection.write("220 hello\r\n"));
}

std::string readAll(int descriptor) {
    fcntl(descriptor, F_SETFL, 0);
    std::string all;
    std::array<char, 100> part{};
    for (ssize_t size = 0; (size = read(descriptor, part.data(), part.size())) > 0;)
        all.append(part.data(), static_cast<std::size_t>(size));
    close(descriptor);
    return all;
}

}  // namespace

TEST_CASE("cores listen on one port side by side, on IPv4 and IPv6") {
    for (const auto* address : {"127.0.0.1", "::1"}) {
        task::Cores cores(2, {});
        auto first = Listener::open(cores[0], {*base::IpAddress::parse(address), 0});
        REQUIRE(first);
        const auto at = first->local();
        auto second = Listener::open(cores[1], at);
        REQUIRE(second);
        std::array<std::atomic<int>, 2> taken{};
        const auto take = [&taken](Connection connection) {
            auto& core = connection.core();
            ++taken[core.index];
            CHECK(connection.local() != connection.peer());
            task::spawn(core, greet(std::move(connection)), "greet");
        };
        task::spawn(cores[0], Listener::acceptAll(std::move(*first), take, {}), "accept");
        task::spawn(cores[1], Listener::acceptAll(std::move(*second), take, {}), "accept");
        cores.start();
        for (int i = 0; i < 40; ++i)
            CHECK(readAll(connectTo(at)) == "220 hello\r\n");
        CHECK(taken[0] + taken[1] == 40);
        CHECK(taken[0] > 0);
        CHECK(taken[1] > 0);
        cores.cancelAll();
        CHECK(cores.waitUntilEmpty(10s));
    }
}

TEST_CASE("an address that can't be had is named") {
    task::Core core(0, {});
    const auto other = Listener::open(core, {*base::IpAddress::parse("192.0.2.1"), 25});
    REQUIRE(!other);
    CHECK(base::toText(other.error()).find("192.0.2.1:25") != std::string::npos);
}

TEST_CASE("the accept loop outlives a lack of descriptors") {
    task::Cores cores(1, {});
    auto listener = Listener::open(cores[0], loopback);
    REQUIRE(listener);
    const auto at = listener->local();
    const auto take = [](Connection connection) {
        auto& core = connection.core();
        task::spawn(core, greet(std::move(connection)), "greet");
    };
    task::spawn(cores[0], Listener::acceptAll(std::move(*listener), take, {}), "accept");
    const int client = connectTo(at);

    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 3;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
    cores.start();
    std::this_thread::sleep_for(100ms);
    std::array<char, 10> nothing{};
    CHECK(recv(client, nothing.data(), nothing.size(), MSG_DONTWAIT) == -1);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(readAll(client) == "220 hello\r\n");
    cores.cancelAll();
    CHECK(cores.waitUntilEmpty(10s));
}

TEST_CASE("the accept loop outlives a session that can't begin") {
    task::Cores cores(1, {});
    auto listener = Listener::open(cores[0], loopback);
    REQUIRE(listener);
    const auto at = listener->local();
    bool isFirst = true;
    const auto take = [&isFirst](Connection connection) {
        if (std::exchange(isFirst, false)) throw std::bad_alloc();
        auto& core = connection.core();
        task::spawn(core, greet(std::move(connection)), "greet");
    };
    task::spawn(cores[0], Listener::acceptAll(std::move(*listener), take, {}), "accept");
    cores.start();
    CHECK(readAll(connectTo(at)).empty());
    CHECK(readAll(connectTo(at)) == "220 hello\r\n");
    cores.cancelAll();
    CHECK(cores.waitUntilEmpty(10s));
}
