#include "record/next_hop.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::record;

TEST_CASE("next hop: Postfix's text reads back") {
    struct Row {
        std::string_view text, canonical;
    };
    const Row rows[] = {
        {"example.org", "example.org"},
        {"Example.ORG.", "example.org"},
        {"example.org:26", "example.org:26"},
        {"[relay.example.com]", "[relay.example.com]"},
        {"[relay.example.com]:587", "[relay.example.com]:587"},
        {"[192.0.2.1]:25", "[192.0.2.1]:25"},
        {"[a]:submission", "[a]:587"},
        {"[2001:db8::1]:25", "[2001:db8::1]:25"},
        {"[IPv6:2001:db8::1]", "[2001:db8::1]"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto parsed = NextHop::parse(row.text);
        REQUIRE(parsed);
        CHECK(toText(*parsed) == row.canonical);
        CHECK(NextHop::parse(row.canonical).value() == *parsed);
    }
    for (const std::string_view bad : {"", "[", "[]", "[a", "a]", "[a]25", "[a]:", "[a]:0", "[a]:65536",
                                       "[a]:pop3", "a:b", "a b", "192.0.2.1", "[[a]]", "a..b", "[a]:25x"}) {
        INFO(bad);
        const auto parsed = NextHop::parse(bad);
        CHECK_FALSE(parsed);
        if (!parsed) CHECK_FALSE(parsed.error().empty());
    }
}

TEST_CASE("next hop: of a mail domain") {
    CHECK(toText(nextHopOf(parseMailDomain("Example.org").value())) == "example.org");
    CHECK(toText(nextHopOf(parseMailDomain("[192.0.2.1]").value())) == "[192.0.2.1]");
    CHECK(hostText(NextHop::parse("[relay.example.com]:587").value()) == "relay.example.com");
}
