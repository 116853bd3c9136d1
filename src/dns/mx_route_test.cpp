#include "dns/mx_route.hpp"

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <map>
#include <set>

namespace postseal::dns {
namespace {

using base::DomainName;
using base::IpAddress;
using record::DnssecStatus;

DomainName name(std::string_view text) {
    return *DomainName::parse(text);
}

Answer found(Records records, int ttl = 300) {
    return {.status = Status::found, .records = std::move(records), .ttl = std::chrono::seconds(ttl)};
}

Answer addresses(std::initializer_list<const char*> texts) {
    std::vector<IpAddress> list;
    for (const auto* text : texts)
        list.push_back(*IpAddress::parse(text));
    return found(list);
}

Answer mx(std::initializer_list<std::pair<int, const char*>> records) {
    std::vector<Mx> list;
    for (const auto& [preference, host] : records)
        list.push_back({static_cast<std::uint16_t>(preference),
                        *host == '\0' ? std::nullopt : std::optional(name(host))});
    return found(list);
}

const Answer noData{.status = Status::noData, .ttl = std::chrono::seconds(60)};
const Answer noDomain{.status = Status::noDomain, .ttl = std::chrono::seconds(60)};
const Answer servfail = failed("the name servers answered SERVFAIL");
const Answer bogus = failed("DNSSEC validation failed", DnssecStatus::bogus);

/// `MX example.org`, `A mx.example.org`: what is not there is NODATA.
using Zone = std::map<std::string, Answer>;

RouteSettings settings() {
    return {.allowed = {*base::Network::parse("10.1.0.0/16")},
            .ourNames = {name("our.example")},
            .ourEndpoints = {{*IpAddress::parse("9.9.9.9"), 25}}};
}

Route routeOf(std::string_view nextHop, const Zone& zone, std::uint64_t seed = 1) {
    const auto known = settings();
    MxRoute machine(*record::NextHop::parse(nextHop), known, seed);
    while (!machine.questions().empty()) {
        std::vector<Answer> answers;
        for (const auto& question : machine.questions()) {
            const auto at = zone.find(std::string(toText(question.type)) + " " + question.name.text());
            answers.push_back(at == zone.end() ? noData : at->second);
        }
        machine.answered(answers);
    }
    return machine.route();
}

/// `host:address,address host!4.4.3 | 4.4.3`: hosts in order, then the failure of all.
std::string shown(const Route& route) {
    std::string text;
    for (const auto& host : route.hosts) {
        text += (text.empty() ? "" : " ") + host.name;
        if (host.failure) text += "!" + host.failure->status;
        for (const auto& address : host.addresses)
            text += (&address == host.addresses.data() ? "=" : ",") + address.toText();
    }
    if (route.failure) text += " | " + route.failure->status;
    return text;
}

}  // namespace

TEST_CASE("RFC 5321 §5.1, RFC 7505, rule 58: from a next hop to hosts in order") {
    struct Row {
        const char* why;
        const char* nextHop;
        Zone zone;
        const char* want;
    };
    const Answer one = addresses({"8.0.0.1"}), two = addresses({"8.0.0.2"});
    const Row rows[] = {
        {"by preference",
         "example.org",
         {{"MX example.org", mx({{20, "b.test"}, {10, "a.test"}})}, {"A a.test", one}, {"A b.test", two}},
         "a.test=8.0.0.1 b.test=8.0.0.2"},
        {"IPv6 and IPv4 by turns",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}})},
          {"A a.test", one},
          {"AAAA a.test", addresses({"2a00::1"})}},
         "a.test=2a00::1,8.0.0.1"},
        {"no MX records: the domain itself", "example.org", {{"A example.org", one}}, "example.org=8.0.0.1"},
        {"neither MX nor address", "example.org", {}, "example.org!5.4.4 | 5.4.4"},
        {"NXDOMAIN is no NODATA",
         "example.org",
         {{"MX example.org", noDomain}, {"A example.org", one}},
         " | 5.1.2"},
        {"SERVFAIL is neither",
         "example.org",
         {{"MX example.org", servfail}, {"A example.org", one}},
         " | 4.4.3"},
        {"nor is bogus", "example.org", {{"MX example.org", bogus}, {"A example.org", one}}, " | 4.4.3"},
        {"null MX", "example.org", {{"MX example.org", mx({{0, ""}})}, {"A example.org", one}}, " | 5.1.10"},
        {"null MX beside others does not count",
         "example.org",
         {{"MX example.org", mx({{0, ""}, {10, "a.test"}})}, {"A a.test", one}},
         "a.test=8.0.0.1"},
        {"MX records that name no host",
         "example.org",
         {{"MX example.org", Answer{.status = Status::found, .records = std::vector<Mx>{}, .unusable = 2}}},
         " | 5.4.4"},
        {"the same host twice is tried once",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "a.test"}})}, {"A a.test", one}},
         "a.test=8.0.0.1"},
        {"a host that can't be asked is skipped",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "b.test"}})},
          {"A a.test", servfail},
          {"A b.test", two}},
         "a.test!4.4.3 b.test=8.0.0.2"},
        {"one family is enough",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}})}, {"A a.test", one}, {"AAAA a.test", servfail}},
         "a.test=8.0.0.1"},
        {"no A, and AAAA could not be asked: not known",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}})}, {"AAAA a.test", bogus}},
         "a.test!4.4.3 | 4.4.3"},
        {"no host has an address",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "b.test"}})}, {"A b.test", noDomain}},
         "a.test!5.4.4 b.test!5.4.4 | 5.4.4"},
        {"one host might have: temporary",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "b.test"}})}, {"A b.test", servfail}},
         "a.test!5.4.4 b.test!4.4.3 | 4.4.3"},
        {"we by name: only better hosts",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "our.example"}, {20, "b.test"}, {30, "c.test"}})},
          {"A a.test", one},
          {"A b.test", two},
          {"A c.test", two}},
         "a.test=8.0.0.1"},
        {"we are the best by name",
         "example.org",
         {{"MX example.org", mx({{10, "OUR.example"}, {20, "b.test"}})}},
         " | 5.4.6"},
        {"we by address",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "b.test"}})},
          {"A a.test", one},
          {"A b.test", addresses({"9.9.9.9"})}},
         "a.test=8.0.0.1"},
        {"we are the best by address",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "b.test"}})},
          {"A a.test", addresses({"8.0.0.1", "9.9.9.9"})},
          {"A b.test", two}},
         " | 5.4.6"},
        {"the domain itself is ours", "example.org", {{"A example.org", addresses({"9.9.9.9"})}}, " | 5.4.6"},
        {"another port of ours is another server",
         "example.org:26",
         {{"A example.org", addresses({"9.9.9.9"})}},
         "example.org=9.9.9.9"},
        {"loopback, private and link-local from DNS are not used",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}, {20, "b.test"}})},
          {"A a.test", addresses({"127.0.0.1", "192.168.0.1", "169.254.1.1"})},
          {"AAAA a.test", addresses({"::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"})},
          {"A b.test", two}},
         "a.test!4.4.4 b.test=8.0.0.2"},
        {"unless they are allowed",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}})}, {"A a.test", addresses({"10.1.2.3"})}},
         "a.test=10.1.2.3"},
        {"only those",
         "example.org",
         {{"MX example.org", mx({{10, "a.test"}})}, {"A a.test", addresses({"10.2.2.3"})}},
         "a.test!4.4.4 | 4.4.4"},
        {"[host] has no MX lookup, and is where the administrator says",
         "[a.test]:587",
         {{"MX a.test", mx({{10, "b.test"}})}, {"A a.test", addresses({"127.0.0.1"})}},
         "a.test=127.0.0.1"},
        {"[host] that can't be asked", "[a.test]", {{"A a.test", servfail}}, "a.test!4.4.3 | 4.4.3"},
        {"an address", "[8.0.0.9]", {}, "8.0.0.9=8.0.0.9"},
        {"an IPv6 address", "[2a00::9]:26", {}, "2a00::9=2a00::9"},
        {"[address]:port is the administrator's", "[127.0.0.1]:2525", {}, "127.0.0.1=127.0.0.1"},
        {"an address alone can be a recipient's", "[127.0.0.1]", {}, "127.0.0.1!4.4.4 | 4.4.4"},
        {"our own as well", "[9.9.9.9]", {}, "9.9.9.9!4.4.4 | 4.4.4"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(shown(routeOf(row.nextHop, row.zone)) == row.want);
    }
}

TEST_CASE("RFC 5321 §5.1: hosts of one preference are shuffled, others never") {
    Zone zone{{"MX example.org", mx({{10, "a.test"}, {10, "b.test"}, {10, "c.test"}, {20, "d.test"}})}};
    for (const auto* host : {"A a.test", "A b.test", "A c.test", "A d.test"})
        zone[host] = addresses({"8.0.0.1"});
    std::set<std::string> orders;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const auto route = routeOf("example.org", zone, seed);
        CHECK(route.hosts.back().name == "d.test");
        orders.insert(shown(route));
    }
    CHECK(orders.size() == 6);
}

TEST_CASE("what strangers publish is bounded") {
    std::vector<Mx> many;
    Zone zone;
    for (int i = 0; i < 500; ++i) {
        const auto host = fmt::format("h{}.test", i);
        many.push_back({static_cast<std::uint16_t>(i), name(host)});
        std::vector<IpAddress> list;
        list.reserve(100);
        for (std::uint8_t j = 0; j < 100; ++j)
            list.push_back(IpAddress::v4({8, 8, 8, j}));
        zone["A " + host] = found(list);
    }
    zone["MX example.org"] = found(many);
    const auto route = routeOf("example.org", zone);
    CHECK(route.hosts.size() == MxRoute::mostHosts);
    CHECK(route.hosts[18].name == "h18.test");
    CHECK(route.hosts[19].name == "h499.test");  // the last backup is never hidden
    CHECK(route.hosts[0].addresses.size() == MxRoute::mostAddresses);

    many.push_back({0, name("our.example")});
    zone["MX example.org"] = found(many);
    CHECK(routeOf("example.org", zone).failure->status == "5.4.6");
}

TEST_CASE("a route knows its port, its DNSSEC status and how long it holds") {
    auto secure = mx({{10, "a.test"}});
    secure.dnssec = DnssecStatus::secure;
    Zone zone{{"MX example.org", secure},
              {"A a.test", found(std::vector{IpAddress::v4({8, 0, 0, 1})}, 42)},
              {"AAAA a.test", Answer{.status = Status::noData, .ttl = std::chrono::seconds(100)}}};
    const auto route = routeOf("example.org", zone);
    CHECK(route.mx == DnssecStatus::secure);
    CHECK(route.ttl == std::chrono::seconds(42));
    CHECK(route.port == 25);
    CHECK(routeOf("example.org:2525", zone).port == 2525);
    CHECK(routeOf("[a.test]", zone).mx == DnssecStatus::notAsked);
    CHECK(routeOf("[8.0.0.1]", zone).ttl > std::chrono::hours(1));
}

TEST_CASE("rules 1, 2, 7: a route keeps what DNSSEC said of each answer (RFC 7672 §2.1, §2.2)") {
    const auto with = [](Answer answer, DnssecStatus dnssec, const char* canonical = nullptr) {
        answer.dnssec = dnssec;
        if (canonical) answer.canonical = name(canonical);
        return answer;
    };
    const auto secure = DnssecStatus::secure;
    const auto insecure = DnssecStatus::insecure;
    Zone zone{{"MX example.org", with(mx({{10, "a.test"}, {20, "b.test"}}), secure, "real.example")},
              {"A a.test", with(addresses({"8.0.0.1"}), secure)},
              {"AAAA a.test", servfail},
              {"A b.test", with(addresses({"8.0.0.2"}), insecure, "c.example")},
              {"AAAA b.test", with(noData, secure)}};
    const auto route = routeOf("example.org", zone);
    CHECK(route.mx == secure);
    CHECK(route.canonical == name("real.example"));
    REQUIRE(route.hosts.size() == 2);
    CHECK(route.hosts[0].v4 == AddressFacts{Status::found, secure});
    CHECK(route.hosts[0].v6 == AddressFacts{Status::failed, insecure});
    CHECK(route.hosts[1].v4 == AddressFacts{Status::found, insecure, name("c.example")});
    CHECK(route.hosts[1].v6 == AddressFacts{Status::noData, secure});

    zone["MX example.org"] = with(noData, secure);
    zone["A example.org"] = with(addresses({"8.0.0.3"}), secure);
    const auto implicit = routeOf("example.org", zone);
    INFO("rule 7: a proven absence of MX records makes the domain its own, proven host (§2.2.2)");
    CHECK(implicit.mx == secure);
    REQUIRE(implicit.hosts.size() == 1);
    CHECK(implicit.hosts[0].name == "example.org");
    CHECK(implicit.hosts[0].v4.dnssec == secure);
}

}  // namespace postseal::dns
