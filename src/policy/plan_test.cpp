#include "policy/claims_test.hpp"
#include "policy/plan.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using namespace postseal::policy::test;
using namespace std::chrono_literals;

namespace {

const base::Timestamp now = base::fromMicros(1'800'000'000'000'000);

DestinationSettings settingsOf(std::string_view map, bool dane) {
    const auto parsed = Map::parse(map, "tls_policy", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    REQUIRE(parsed);
    DestinationSettings settings;
    settings.map = std::make_shared<Map>(*parsed);
    settings.dane = dane;
    return settings;
}

Wish wishFor(std::string_view nextHop, const DestinationSettings& settings, LocalPolicy local = {}) {
    return wishOf(Query{.nextHop = record::NextHop::parse(nextHop).value()}, settings, std::move(local), now);
}

}  // namespace

TEST_CASE("what can't decide is not asked for") {
    struct Row {
        const char* why;
        const char* map;
        bool dane;  // [outbound] dane
        std::string nextHop;
        std::vector<Claim> local;
        bool lookAtAll;
        Needs want;
    };
    const Row rows[] = {
        {"nobody stands above what is published", "", true, "example.org", {}, false, {true, true}},
        {"DANE is off", "", false, "example.org", {}, false, {false, true}},
        {"a map entry takes its place", "example.org may\n", true, "example.org", {}, false, {false, false}},
        {"but `check` tells it all the same",
         "example.org may\n",
         true,
         "example.org",
         {},
         true,
         {true, true}},
        {"an entry `dane` asks for TLSA records, and leaves MTA-STS",
         "example.org dane\n",
         false,
         "example.org",
         {},
         false,
         {true, true}},
        {"an exception stands alone",
         "",
         true,
         "example.org",
         {exception(Level::may)},
         false,
         {false, false}},
        {"a demand for any proof takes also that of what does not bind",
         "example.org may\n",
         true,
         "example.org",
         {sender(Level::secure)},
         false,
         {true, true}},
        {"an address has neither", "", true, "[192.0.2.1]", {}, false, {false, false}},
        {"a route's host has both", "", true, "[relay.example]:587", {}, false, {true, true}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto settings = settingsOf(row.map, row.dane);
        auto wish = wishFor(row.nextHop, settings, {.claims = row.local});
        wish.query.lookAtAll = row.lookAtAll;
        CHECK(needsOf(wish, settings) == row.want);
    }
}

TEST_CASE("a decision is kept as long as everything that it rests on, and a moment where something failed") {
    struct Row {
        const char* why;
        std::chrono::seconds route, sts;
        std::optional<std::chrono::seconds> dane, claim;
        bool isUnsure;
        std::chrono::seconds want;
    };
    const Row rows[] = {
        {"the records' time", 300s, 3600s, {}, {}, false, 300s},
        {"no longer than an hour", 86400s, 86400s, {}, {}, false, 3600s},
        {"MTA-STS's", 3600s, 60s, {}, {}, false, 60s},
        {"the TLSA records'", 3600s, 3600s, 20s, {}, false, 20s},
        {"until a claim ends", 3600s, 3600s, {}, 10s, false, 10s},
        {"a host could not be asked", 3600s, 3600s, {}, {}, true, failureKept},
        {"never less than a second", 0s, 0s, {}, {}, false, 1s},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        auto wish = wishFor("example.org", settingsOf("", true));
        if (row.claim) wish.claims.push_back(exception(Level::may));
        if (row.claim) wish.claims.back().until = now + *row.claim;
        Findings findings{.mtaSts = StsFinding{.ttl = row.sts}};
        findings.route.ttl = row.route;
        findings.dane = {DaneFinding{.ttl = row.dane}};
        Destination destination;
        destination.hosts.push_back({.name = "a.example.org"});
        if (row.isUnsure)
            destination.hosts.push_back(
                {.name = "b.example.org", .failure = dns::Failure{.words = "SERVFAIL"}});
        CHECK(lifeOf(wish, findings, destination, now) == row.want);
    }
}
