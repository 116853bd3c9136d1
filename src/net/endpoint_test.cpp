#include "net/endpoint.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>

using namespace postseal::net;

TEST_CASE("endpoints: text, sockaddr and back") {
    struct Row {
        const char* text;
        const char* want;  // null: refused
    };
    const Row rows[] = {
        {"192.0.2.1:25", "192.0.2.1:25"},
        {"[2001:db8::1]:587", "[2001:db8::1]:587"},
        {"127.0.0.1@5353", "127.0.0.1:5353"},
        {"::1@53", "[::1]:53"},
        {"[::1]@53", "[::1]:53"},
        {"2001:db8::1:25", nullptr},
        {"192.0.2.1", nullptr},
        {"192.0.2.1:", nullptr},
        {"192.0.2.1:65536", nullptr},
        {"192.0.2.1:25x", nullptr},
        {"host:25", nullptr},
        {"", nullptr},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto endpoint = parseEndpoint(row.text);
        REQUIRE(endpoint.has_value() == (row.want != nullptr));
        if (!endpoint) continue;
        CHECK(toText(*endpoint) == row.want);
        sockaddr_storage address{};
        toSockaddr(*endpoint, address);
        CHECK(fromSockaddr(address) == *endpoint);
    }
}
