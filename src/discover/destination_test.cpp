#include "discover/destination.hpp"

#include "task/cores.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <doctest/doctest.h>

#include <map>

namespace postseal::discover {
namespace {

using base::DomainName;
using base::IpAddress;
using record::DnssecStatus;
using record::Level;

/// A zone that counts how often it was asked.
struct Zone {
    std::map<std::string, dns::Answer> answers;
    int asked = 0;
};

task::Awaitable<std::vector<dns::Answer>> answer(std::shared_ptr<Zone> zone,
                                                 std::vector<dns::Question> questions) {
    std::vector<dns::Answer> answers;
    for (const auto& question : questions) {
        ++zone->asked;
        const auto at = zone->answers.find(std::string(toText(question.type)) + " " + question.name.text());
        answers.push_back(at != zone->answers.end()
                              ? at->second
                              : dns::Answer{.status = dns::Status::noData, .ttl = std::chrono::seconds(300)});
    }
    co_return answers;
}

dns::Answer found(dns::Records records, DnssecStatus dnssec = DnssecStatus::insecure, int ttl = 300) {
    return {dns::Status::found, dnssec, std::move(records), {}, 0, std::chrono::seconds(ttl), {}};
}

dns::Answer mx(std::initializer_list<const char*> hosts, DnssecStatus dnssec = DnssecStatus::insecure) {
    std::vector<dns::Mx> list;
    for (const auto* host : hosts)
        list.push_back({static_cast<std::uint16_t>(list.size()), *DomainName::parse(host)});
    return found(list, dnssec);
}

std::shared_ptr<Zone> zoneOf(dns::Answer mxAnswer) {
    const auto address = found(std::vector{IpAddress::v4({8, 0, 0, 1})});
    return std::make_shared<Zone>(Zone{{{"MX example.org", std::move(mxAnswer)},
                                        {"A a.example.org", address},
                                        {"A b.example.org", address},
                                        {"A example.org", address},
                                        {"A relay.test", address}}});
}

std::shared_ptr<const DestinationSettings> settingsOf(std::string_view map, Level level = Level::may) {
    const auto parsed = policy::Map::parse(map, "tls_policy", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    REQUIRE(parsed);
    return std::make_shared<DestinationSettings>(
        DestinationSettings{std::make_shared<policy::Map>(*parsed), level, {}});
}

Destinations destinationsOf(std::shared_ptr<Zone> zone, std::shared_ptr<const DestinationSettings> settings) {
    return {{.ask = [zone = std::move(zone)](
                        std::vector<dns::Question> questions) { return answer(zone, std::move(questions)); }},
            std::move(settings)};
}

std::shared_ptr<const Destination> find(Destinations& destinations, std::string nextHop) {
    task::Core core(0, {});
    auto result = boost::asio::co_spawn(core.context, destinations.find({.nextHop = std::move(nextHop)}),
                                        boost::asio::use_future);
    core.context.run();
    return result.get();
}

}  // namespace

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
    CHECK(find(missing, "no next hop")->failure->kind == Failure::Kind::permanent);
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

}  // namespace postseal::discover
