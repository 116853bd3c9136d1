// Domain names and IP addresses.
#include "base/domain_name.hpp"
#include "base/ip_address.hpp"

#include <doctest/doctest.h>

using namespace postseal::base;

TEST_CASE("rule 52: a domain name has one form: A-labels, lower case, no trailing dot") {
    const std::string label63(63, 'a');
    struct Row {
        std::string text, want;
    };
    const Row rows[] = {
        {"Example.ORG", "example.org"},
        {"example.org.", "example.org"},
        {"b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"B\xc3\x9c"
         "CHER.example",
         "xn--bcher-kva.example"},
        {"stra\xc3\x9f"
         "e.example",
         "xn--strae-oqa.example"},
        {"_25._tcp.mx.example", "_25._tcp.mx.example"},
        {"a", "a"},
        {label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b'),
         label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b')},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto name = DomainName::parse(row.text);
        REQUIRE(name);
        CHECK(name->text() == row.want);
        CHECK(DomainName::parse(name->text()).value() == *name);
        CHECK(DomainName::parse(name->forPeople()).value() == *name);
    }
    CHECK(DomainName::parse("xn--bcher-kva.example")->forPeople() == "b\xc3\xbc"
                                                                     "cher.example");
}

TEST_CASE("rule 53: labels at 63 and names at 253 pass, one more does not") {
    CHECK(DomainName::parse(std::string(63, 'a')));
    CHECK_FALSE(DomainName::parse(std::string(64, 'a')));
    const auto long3 = std::string(63, 'a') + "." + std::string(63, 'a') + "." + std::string(63, 'a') + ".";
    CHECK(DomainName::parse(long3 + std::string(61, 'b')));
    CHECK_FALSE(DomainName::parse(long3 + std::string(62, 'b')));
    CHECK_FALSE(DomainName::parse(std::string(100'000, 'a')));
}

TEST_CASE("domain names: what is none") {
    const std::string bad[] = {"",      ".",    "..",    "a..b",         ".a",
                               "a.b..", "-a.b", "a-.b",  "a b",          "a\tb",
                               "a/b",   "a*",   "*.a.b", "a\r\n.b",      "a@b",
                               "[a]",   "a:b",  "a,b",   "\xff.example", std::string("a\0b", 3)};
    for (const auto& text : bad) {
        INFO(text);
        const auto name = DomainName::parse(text);
        CHECK_FALSE(name);
        if (!name) CHECK_FALSE(name.error().empty());
    }
}

TEST_CASE("domain names: within and parent go by labels") {
    const auto name = [](std::string_view text) { return DomainName::parse(text).value(); };
    CHECK(name("a.example.org").isWithin(name("example.org")));
    CHECK(name("example.org").isWithin(name("example.org")));
    CHECK_FALSE(name("evilexample.org").isWithin(name("example.org")));
    CHECK_FALSE(name("org").isWithin(name("example.org")));
    CHECK(name("a.example.org").parent() == "example.org");
    CHECK(name("org").parent().empty());
}

TEST_CASE("IP addresses: one form of each") {
    struct Row {
        std::string_view text, want;
        bool v4;
    };
    const Row rows[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"2001:DB8:0:0::0:1", "2001:db8::1", false},
        {"::", "::", false},
        {"::ffff:192.0.2.1", "192.0.2.1", true},
        {"::ffff:c000:201", "192.0.2.1", true},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto address = IpAddress::parse(row.text);
        REQUIRE(address);
        CHECK(address->toText() == row.want);
        CHECK(address->isV4() == row.v4);
        CHECK(address->bytes().size() == (row.v4 ? 4 : 16));
        CHECK(IpAddress::parse(address->toText()) == address);
    }
    for (const std::string_view bad : {"", "192.0.2", "192.0.2.256", "192.0.2.01", "0x7f.1", "127.1", "[::1]",
                                       "fe80::1%lo", "1.2.3.4/32", " 1.2.3.4", "::1 ", "12345::"}) {
        INFO(bad);
        CHECK_FALSE(IpAddress::parse(bad));
    }
}

TEST_CASE("rule 58: addresses that public mail does not go to") {
    const std::string_view special[] = {"127.0.0.1",
                                        "127.255.255.255",
                                        "0.0.0.0",
                                        "10.1.2.3",
                                        "172.16.0.1",
                                        "172.31.255.255",
                                        "192.168.0.1",
                                        "169.254.1.1",
                                        "100.64.0.1",
                                        "192.0.2.1",
                                        "198.18.0.1",
                                        "198.51.100.1",
                                        "203.0.113.1",
                                        "224.0.0.1",
                                        "255.255.255.255",
                                        "::1",
                                        "::",
                                        "fe80::1",
                                        "fc00::1",
                                        "fd12::1",
                                        "ff02::1",
                                        "2001:db8::1",
                                        "::ffff:127.0.0.1",
                                        "64:ff9b::7f00:1",
                                        "64:ff9b::a00:1",
                                        "2002:7f00:1::",
                                        "::7f00:1",
                                        "100::1",
                                        "fec0::1"};
    for (const auto text : special) {
        INFO(text);
        CHECK(IpAddress::parse(text)->isSpecial());
    }
    const std::string_view ordinary[] = {"8.8.8.8",         "172.32.0.1",       "172.15.255.255",
                                         "100.128.0.1",     "192.0.3.1",        "2a00::1",
                                         "2002:808:808::1", "64:ff9b::808:808", "223.255.255.255"};
    for (const auto text : ordinary) {
        INFO(text);
        CHECK_FALSE(IpAddress::parse(text)->isSpecial());
    }
}

TEST_CASE("networks: what they hold, and what is none") {
    struct Row {
        std::string_view network, address;
        bool holds;
    };
    const Row rows[] = {
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::1", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"192.0.2.0/24", "::ffff:192.0.2.7", true},
    };
    for (const auto& row : rows) {
        INFO(row.network);
        INFO(row.address);
        CHECK(Network::parse(row.network)->contains(IpAddress::parse(row.address).value()) == row.holds);
    }
    CHECK(Network::parse("192.0.2.1")->toText() == "192.0.2.1/32");
    CHECK(Network::parse("2001:DB8::/32")->toText() == "2001:db8::/32");
    for (const std::string_view bad : {"", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
                                       "192.0.2.0/24x", "192.0.2.1/24", "::/129", "example.org/24"}) {
        INFO(bad);
        CHECK_FALSE(Network::parse(bad));
    }
}
