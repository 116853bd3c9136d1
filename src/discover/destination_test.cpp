#include "discover/zone_test.hpp"

using namespace postseal;
using namespace postseal::discover;
using namespace postseal::discover::test;

TEST_CASE("each host has its own requirement, by map and next hop") {
    struct Row {
        const char* why;
        std::string_view map;
        std::string nextHop;
        Level level;
        record::Origin::Kind origin;
    };
    using enum record::Origin::Kind;
    const Row rows[] = {
        {"no entry: the default", "", "example.org", Level::may, standard},
        {"the next hop's entry", "example.org encrypt\n", "example.org", Level::encrypt, map},
        {"a parent's", ".org encrypt\n", "example.org", Level::encrypt, map},
        {"a route's own key", "[relay.test]:587 encrypt\n", "[relay.test]:587", Level::encrypt, map},
        {"not that of another port", "[relay.test]:587 encrypt\n", "[relay.test]", Level::may, standard},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        auto destinations =
            destinationsOf(zoneOf(mx({"a.example.org", "b.example.org"})), settingsOf(row.map));
        const auto destination = find(destinations, row.nextHop);
        REQUIRE(!destination->failure);
        for (const auto& host : destination->hosts) {
            CHECK(host.requirement.level == row.level);
            CHECK(host.requirement.origin.kind == row.origin);
        }
    }

    const auto proves = [&](DnssecStatus dnssec, const std::string& nextHop) {
        auto destinations = destinationsOf(zoneOf(mx({"a.example.org"}, dnssec)),
                                           settingsOf("example.org verify\n[relay.test] verify\n"));
        const auto destination = find(destinations, nextHop);
        return std::get<record::NamesCondition>(destination->hosts.at(0).requirement.allOf.at(0)).proves;
    };
    CHECK(proves(DnssecStatus::insecure, "example.org") ==
          record::Assurance::encrypted);  // the name came from an attacker's MX
    CHECK(proves(DnssecStatus::secure, "example.org") == record::Assurance::authenticated);
    CHECK(proves(DnssecStatus::insecure, "[relay.test]") == record::Assurance::authenticated);
}

TEST_CASE("without a valid policy map nothing is sent outward, and it is not the message's fault") {
    auto destinations =
        destinationsOf(zoneOf(mx({"a.example.org"})), std::make_shared<DestinationSettings>());
    auto destination = find(destinations, "example.org");
    REQUIRE(destination->failure);
    CHECK(destination->failure->kind == Failure::Kind::temporary);
    CHECK(destination->failure->status == "4.3.5");

    destinations.replace(settingsOf("example.org encrypt\n"));
    CHECK(!find(destinations, "example.org")->failure);
}

TEST_CASE("a decision is kept for its records' time, and no longer than the settings") {
    const auto zone = zoneOf(mx({"a.example.org"}));
    auto destinations = destinationsOf(zone, settingsOf(""));
    const auto first = find(destinations, "example.org");
    const auto asked = zone->asked;
    CHECK(find(destinations, "example.org") == first);
    CHECK(zone->asked == asked);

    destinations.replace(settingsOf("example.org encrypt\n"));
    CHECK(find(destinations, "example.org")->hosts[0].requirement.level == Level::encrypt);
    CHECK(zone->asked > asked);
}

TEST_CASE("rule 1: what could not be asked is temporary, what does not exist is not") {
    auto failing = destinationsOf(zoneOf(dns::failed("SERVFAIL")), settingsOf(""));
    CHECK(find(failing, "example.org")->failure->status == "4.4.3");
    auto missing = destinationsOf(zoneOf(dns::Answer{.status = dns::Status::noDomain}), settingsOf(""));
    CHECK(find(missing, "example.org")->failure->status == "5.1.2");
    CHECK(find(missing, "example.org")->failure->kind == Failure::Kind::permanent);
}

TEST_CASE("the number of decisions kept is bounded") {
    const auto zone = zoneOf(mx({"a.example.org"}));
    auto destinations = destinationsOf(zone, settingsOf(""));
    for (std::size_t i = 0; i < Destinations::mostKept + 10; ++i)
        find(destinations, "[192.0.2.1]:" + std::to_string(1 + i));
    find(destinations, "example.org");
    const auto asked = zone->asked;
    find(destinations, "example.org");
    CHECK(zone->asked == asked);
}
