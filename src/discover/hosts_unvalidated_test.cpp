// What is left of DANE while our resolver is known not to validate, through Destinations and a zone of few
// words.
#include "discover/hosts_world_test.hpp"
#include "task/clock.hpp"

using namespace postseal;
using namespace postseal::discover;
using namespace postseal::discover::test;
using namespace std::chrono_literals;

TEST_CASE("rule 17: while the resolver fails its test, what hangs on DNSSEC waits") {
    Destinations destinations(sourcesOf(zoneOf(mx({"a.example.org"}))), daneOn());
    Query required = queryOf("example.org");
    required.message = record::TlsDemand::required;
    CHECK(outcome(find(destinations, required)->hosts[0]) == "secure/requiretls");
    destinations.resolverTested(ResolverHealth::fails);
    CHECK(outcome(find(destinations, required)->hosts[0]) == "4.7.5");
    CHECK(outcome(find(destinations, "example.org")->hosts[0]) == "may/default");
    Destinations unbelieved(sourcesOf(signedZone()), daneOn());
    CHECK(find(unbelieved, "example.org")->hosts[0].dnssec == secure);
    unbelieved.resolverTested(ResolverHealth::fails);
    const auto host = find(unbelieved, "example.org")->hosts[0];
    CHECK(host.dnssec == DnssecStatus::notAsked);
    CHECK(std::get<record::TlsaCondition>(host.requirement.allOf.at(0)).proves ==
          record::Assurance::encrypted);
    destinations.resolverTested(ResolverHealth::works);
    CHECK(outcome(find(destinations, required)->hosts[0]) == "secure/requiretls");
}

TEST_CASE("rule 17: while the resolver fails its test, DANE is not taken for missing") {
    const auto bare =
        zoneOf(mx({"a.example.org", "b.example.org"}));  // what a resolver says that proves nothing
    bare->answers["TLSA _25._tcp.a.example.org"] = tlsa();
    bare->answers["TLSA _25._tcp.a.example.org"].dnssec = DnssecStatus::insecure;
    bare->answers["TLSA _25._tcp.b.example.org"] = dns::failed("SERVFAIL");  // an unsigned zone's (rule 2)
    struct Row {
        const char* why;
        std::string_view map;
        ResolverHealth health;
        bool hadDane;
        std::string a, b;
    };
    using enum ResolverHealth;
    const Row rows[] = {
        {"a resolver that works: what is not proven is not there", "", works, false, "may/default",
         "may/default"},
        {"one that fails: records that nothing proves demand encryption", "", fails, false, "encrypt/dane",
         "may/default"},
        {"and a domain that had DANE waits", "", fails, true, "4.7.5", "4.7.5"},
        {"also at start, before it is known whether the resolver validates", "", pending, true, "4.7.5",
         "4.7.5"},
        {"while the others go on", "", pending, false, "may/default", "may/default"},
        {"but not under a map entry, which takes the place of what is published", "example.org may\n", fails,
         true, "may/map", "may/map"},
        {"an entry dane asks for what is published", "example.org dane\n", fails, true, "4.7.5", "4.7.5"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        DaneHistory history;
        history.startEmpty();
        if (row.hadDane) history.seen("example.org", base::fromMicros(1'800'000'000'000'000));
        auto sources = sourcesOf(bare);
        sources.daneHistory = &history;
        Destinations destinations(std::move(sources), daneOn(row.map));
        destinations.resolverTested(row.health);
        const auto found = find(destinations, "example.org");
        CHECK(outcome(found->hosts.at(0)) == row.a);
        CHECK(outcome(found->hosts.at(1)) == row.b);
        if (row.health != fails || !row.map.empty()) continue;
        const auto* note = noteOf(found->hosts.at(1), OriginKind::dane);
        REQUIRE(note != nullptr);
        CHECK(note->detail.starts_with(row.hadDane ? "TLSA records proved it on 2027-01-15"
                                                   : "no TLSA records are seen"));
    }
}

TEST_CASE("rule 17: at start, DANE that is proven needs no test") {
    DaneHistory history;
    history.startEmpty();
    history.seen("example.org", base::fromMicros(1'800'000'000'000'000));
    auto sources = sourcesOf(signedZone());
    sources.daneHistory = &history;
    Destinations destinations(std::move(sources), daneOn());
    destinations.resolverTested(ResolverHealth::pending);
    CHECK(outcome(find(destinations, "example.org")->hosts.at(0)) == "dane/dane");
}

TEST_CASE("rule 17: that a domain has DANE is kept, and given up when a resolver that works says so") {
    DaneHistory history;
    const auto zone = signedZone();
    auto sources = sourcesOf(zone);
    sources.daneHistory = &history;
    Destinations destinations(std::move(sources), daneOn());
    CHECK(find(destinations, "example.org")->failure->status == "4.3.0");  // it is not read yet
    history.startEmpty();
    find(destinations, "example.org");
    CHECK(history.lastOf("example.org"));

    zone->answers["TLSA _25._tcp.a.example.org"] = dns::failed("SERVFAIL");
    destinations.resolverTested(ResolverHealth::works);
    find(destinations, "example.org");
    CHECK(history.lastOf("example.org"));  // not known is not "there is none"
    zone->answers["TLSA _25._tcp.a.example.org"] =
        dns::Answer{.status = dns::Status::noData, .dnssec = secure, .ttl = 300s};
    destinations.resolverTested(ResolverHealth::unknown);
    find(destinations, "example.org");
    CHECK(history.lastOf("example.org"));
    destinations.resolverTested(ResolverHealth::works);
    find(destinations, "example.org");
    CHECK_FALSE(history.lastOf("example.org"));
}
