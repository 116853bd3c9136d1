// For tests only: two ends of a real TCP connection on loopback, and TLS sessions for them.
#pragma once

#include "net/connection.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postseal::net::test {

using namespace std::chrono_literals;

inline const Endpoint loopback{*base::IpAddress::parse("127.0.0.1"), 0};

inline Endpoint localOf(int descriptor) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
    return fromSockaddr(address);
}

inline int listenOn(Endpoint at, int backlog) {
    sockaddr_storage address{};
    const auto size = toSockaddr(at, address);
    const int descriptor = socket(address.ss_family, SOCK_STREAM, 0);
    REQUIRE(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(descriptor, backlog) == 0);
    return descriptor;
}

inline int connectTo(Endpoint to) {
    sockaddr_storage address{};
    const auto size = toSockaddr(to, address);
    const int descriptor = socket(address.ss_family, SOCK_STREAM, 0);
    REQUIRE(connect(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    return descriptor;
}

/// Takes a connection that waits, says `words`, and resets it.
inline Awaitable<void> resetNext(int listener, std::string words) {
    const int descriptor = accept(listener, nullptr, nullptr);
    REQUIRE(descriptor >= 0);
    send(descriptor, words.data(), words.size(), MSG_NOSIGNAL);
    const linger now{1, 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(descriptor);
    co_return;
}

struct Pair {
    explicit Pair(task::Core& core) : Pair(core, descriptors()) {}
    Pair(task::Core& core, std::pair<int, int> ends)
        : ours(core, ends.first, localOf(ends.second), localOf(ends.first)),
          theirs(core, ends.second, localOf(ends.first), localOf(ends.second)) {}

    static std::pair<int, int> descriptors() {
        const int listener = listenOn(loopback, 1);
        const int one = connectTo(localOf(listener));
        const int other = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        close(listener);
        return {one, other};
    }

    Connection ours;
    Connection theirs;
};

/// Runs coroutines on one core until all have ended, for a minute at most.
struct World {
    void start(Awaitable<void> work) { task::spawn(core, std::move(work), "test"); }
    void run() {
        core.context.restart();
        core.context.run_for(60s);
        CHECK(core.tasks.counters().running == 0);
        CHECK(core.tasks.counters().failed == 0);
    }
    base::Tick in(std::chrono::milliseconds duration) const { return core.wheel.now() + duration; }

    task::Core core{0, {}};
};

struct TlsEnds {
    TlsEnds() { SSL_CTX_set_num_tickets(server.get(), 1); }
    tls::Ssl serverSession() const { return tls::Ssl(SSL_new(server.get())); }
    tls::Ssl clientSession() const { return tls::Ssl(SSL_new(client.get())); }

    tls::test::Identity identity =
        tls::test::make({.commonName = "mx.example.org", .dnsNames = {"mx.example.org"}});
    tls::SslContext server = tls::test::serve(identity);
    tls::SslContext client{SSL_CTX_new(TLS_client_method())};
};

inline bool is(const base::Error& error, std::errc code) {
    return error.code == std::make_error_condition(code);
}

}  // namespace postseal::net::test
