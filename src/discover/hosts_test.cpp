// What lookups, policies and messages come to on each host, through Destinations and a zone of few words.
#include "discover/hosts_world_test.hpp"
#include "task/clock.hpp"

using namespace postseal;
using namespace postseal::discover;
using namespace postseal::discover::test;
using namespace std::chrono_literals;

TEST_CASE("rules 1, 2, 6: DANE binds each host by itself, and an error is never none") {
    struct Row {
        const char* why;
        std::string_view map;
        std::vector<std::pair<std::string, dns::Answer>> changes;
        std::string a, b;
        bool asksForTlsa = true;
    };
    const auto insecureAddress = found(std::vector{IpAddress::v4({8, 0, 0, 1})});
    const Row rows[] = {
        {"TLSA records bind the host that has them (RFC 7672 §2.2)", "", {}, "dane/dane", "may/default"},
        {"an error in a TLSA lookup skips the host, and no other (rule 1, §2.1.2)",
         "",
         {{"TLSA _25._tcp.a.example.org", dns::failed("SERVFAIL")}},
         "4.7.5",
         "may/default"},
        {"the MX order stays what it was (rule 14, §2.2.1)",
         "",
         {{"TLSA _25._tcp.b.example.org", tlsa()}},
         "dane/dane",
         "dane/dane"},
        {"no TLSA question for an address that is not proven (rule 2, §2.2.2)",
         "",
         {{"A a.example.org", insecureAddress}},
         "may/default",
         "may/default",
         false},
        {"nor under a map entry of another level",
         "example.org encrypt\n",
         {},
         "encrypt/map",
         "encrypt/map",
         false},
        {"an entry dane takes the records, and else leaves the default",
         "example.org dane\n",
         {},
         "dane/map",
         "may/map"},
        {"an entry dane-only sends nothing without them",
         "example.org dane-only\n",
         {},
         "dane-only/map",
         "4.7.5"},
        {"the MX record is not proven: they must match, but prove encryption (rule 6)",
         "",
         {{"MX example.org", mx({"a.example.org", "b.example.org"})}},
         "dane/dane",
         "may/default"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto zone = signedZone();
        for (const auto& [name, changed] : row.changes)
            zone->answers[name] = changed;
        Destinations destinations(sourcesOf(zone), daneOn(row.map));
        const auto destination = find(destinations, "example.org");
        REQUIRE(destination->hosts.size() == 2);
        CHECK(destination->hosts[0].name == "a.example.org");
        CHECK(outcome(destination->hosts[0]) == row.a);
        CHECK(outcome(destination->hosts[1]) == row.b);
        for (const auto& host : destination->hosts)
            CHECK(host.addresses.empty() == host.unusable.has_value());  // nobody connects to it by mistake
        CHECK(asked(*zone, "TLSA _25._tcp.a.example.org") == row.asksForTlsa);
    }

    const auto zone = signedZone();
    Destinations without(sourcesOf(zone), settingsOf(""));
    CHECK(outcome(find(without, "example.org")->hosts[0]) == "may/default");
    CHECK(!asked(*zone, "TLSA _25._tcp.a.example.org"));
}

TEST_CASE("rules 18, 23, 24, 25: a policy of MTA-STS on each host") {
    struct Row {
        const char* why;
        std::string_view map;
        std::shared_ptr<Sts> sts;
        std::string a, b;
        std::vector<std::string> asked;
    };
    const Row rows[] = {
        {"enforce: who is listed proves its name, who is not is not used (RFC 8461 §4.1)",
         "",
         policyOf(enforceA),
         "secure/mta-sts",
         "4.7.5",
         {"example.org"}},
        {"testing: deliver as if nothing (rule 25)",
         "",
         policyOf(testingA),
         "may/default",
         "may/default",
         {"example.org"}},
        {"none", "", policyOf(""), "may/default", "may/default", {"example.org"}},
        {"a first lookup that fails with nothing kept: mail goes on (rule 18)",
         "",
         policyOf("", "SERVFAIL"),
         "may/default",
         "may/default",
         {"example.org"}},
        {"a map entry takes its place, and nobody is asked",
         "example.org may\n",
         policyOf(enforceA),
         "may/map",
         "may/map",
         {}},
        {"an entry dane leaves it in force where it finds nothing",
         "example.org dane\n",
         policyOf(enforceA),
         "secure/mta-sts",
         "4.7.5",
         {"example.org"}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Destinations destinations(sourcesOf(zoneOf(mx({"a.example.org", "b.example.org"})), row.sts),
                                  settingsOf(row.map));
        const auto destination = find(destinations, "example.org");
        REQUIRE(destination->hosts.size() == 2);
        CHECK(outcome(destination->hosts[0]) == row.a);
        CHECK(outcome(destination->hosts[1]) == row.b);
        CHECK(row.sts->asked == row.asked);
    }

    const auto failing = policyOf("", "SERVFAIL");
    Destinations destinations(sourcesOf(zoneOf(mx({"a.example.org"})), failing), settingsOf(""));
    const auto host = find(destinations, "example.org")->hosts.at(0);
    REQUIRE(noteOf(host, OriginKind::mtaSts) != nullptr);
    CHECK(!noteOf(host, OriginKind::mtaSts)->won);
    CHECK(noteOf(host, OriginKind::mtaSts)->detail.starts_with("SERVFAIL"));
    CHECK(host.mxProof == record::MxProof::none);
    find(destinations, "[192.0.2.1]");
    find(destinations, "[relay.test]");  // a smart host's own (rule 24)
    CHECK(failing->asked == std::vector<std::string>{"example.org", "relay.test"});
}

TEST_CASE("how the name of a host was proven is told with it") {
    struct Row {
        const char* why;
        const char* nextHop;
        dns::Answer mx;
        std::shared_ptr<Sts> sts;
        record::MxProof proof;
    };
    const auto unsignedMx = mx({"a.example.org"}), signedMx = mx({"a.example.org"}, secure);
    const auto listed = policyOf(enforceA), testing = policyOf(testingA);
    const Row rows[] = {
        {"the administrator wrote it", "[a.example.org]", unsignedMx, {}, record::MxProof::administrator},
        {"DNSSEC proves the MX record", "example.org", signedMx, listed, record::MxProof::dnssec},
        {"an enforced policy lists it", "example.org", unsignedMx, listed, record::MxProof::mtaSts},
        {"one in mode testing proves nothing", "example.org", unsignedMx, testing, record::MxProof::none},
        {"nothing does", "example.org", unsignedMx, {}, record::MxProof::none},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Destinations destinations(sourcesOf(zoneOf(row.mx), row.sts), settingsOf(""));
        CHECK(find(destinations, row.nextHop)->hosts.at(0).mxProof == row.proof);
    }
}

TEST_CASE("rule 26: DANE decides where it proves the host, and MTA-STS never heals it") {
    auto settings = std::make_shared<DestinationSettings>(*daneOn());
    const auto outcomes = [&](const std::shared_ptr<Zone>& zone) {
        Destinations destinations(sourcesOf(zone, policyOf(enforceA)), settings);
        const auto destination = find(destinations, "example.org");
        return outcome(destination->hosts.at(0)) + " " + outcome(destination->hosts.at(1));
    };
    CHECK(outcomes(signedZone()) == "dane/dane 4.7.5");
    settings->daneAndMtaSts = policy::DaneAndMtaSts::both;
    CHECK(outcomes(signedZone()) == "dane/dane 4.7.5");
    const auto failing = signedZone();
    failing->answers["TLSA _25._tcp.a.example.org"] = dns::failed("timeout");
    CHECK(outcomes(failing) == "4.7.5 4.7.5");
    // A forged MX record leads to a signed zone of the attacker's: its TLSA records prove nothing.
    const auto forged = signedZone();
    forged->answers["MX example.org"] = mx({"b.example.org", "a.example.org"});
    forged->answers["TLSA _25._tcp.b.example.org"] = tlsa();
    CHECK(outcomes(forged) == "4.7.5 dane/dane");
}

TEST_CASE("rules 29, 30, 33: what a message asks for itself has a decision of its own") {
    const auto zone = signedZone();
    Destinations destinations(sourcesOf(zone), daneOn("example.net may\n"));
    const Query plain = queryOf("example.org");
    auto required = plain;
    required.message = record::TlsDemand::required;
    auto report = required;
    report.kind = policy::MailKind::report;
    auto optional = plain;
    optional.message = record::TlsDemand::optional;

    CHECK(find(destinations, plain)->hosts[0].requireTls == record::RequireTls::no);
    const auto strict = find(destinations, required);
    CHECK(strict->hosts[0].requireTls == record::RequireTls::must);
    CHECK(outcome(strict->hosts[0]) == "dane/dane");
    CHECK(outcome(strict->hosts[1]) == "secure/requiretls");
    const auto lenient = find(destinations, report);
    CHECK(lenient->hosts[1].requireTls == record::RequireTls::whereOffered);
    CHECK(outcome(lenient->hosts[1]) == "encrypt/requiretls");
    const auto loose = find(destinations, optional)->hosts[0];
    CHECK(outcome(loose) == "may/default");
    REQUIRE(loose.first);
    CHECK(loose.first->level == Level::dane);

    auto settings = std::make_shared<DestinationSettings>(*daneOn());
    const auto now = task::timeNow();
    settings->requireTls = policy::RequireTlsRelaxation{policy::RequireTlsMode::disable, now + 24h, "a test"};
    destinations.replace(settings);
    const auto relaxed = find(destinations, required)->hosts[1];
    CHECK(relaxed.requireTls == record::RequireTls::no);
    CHECK(outcome(relaxed) == "may/default");
    REQUIRE(noteOf(relaxed, OriginKind::requiretls) != nullptr);
    CHECK(noteOf(relaxed, OriginKind::requiretls)->detail.ends_with("a test"));
}

TEST_CASE("an exception holds for its domain, bounds what is kept, and is told; so is what is remembered") {
    const auto now = task::timeNow();
    auto sources = sourcesOf(signedZone());
    sources.local = [=](const Query& query, base::Timestamp) -> LocalPolicy {
        if (query.domain != "example.org") return {};
        return {.claims = {{.origin = {OriginKind::exception},
                            .level = Level::may,
                            .until = now + 24h,
                            .detail = "alice: a test"}}};
    };
    Destinations destinations(std::move(sources), daneOn());
    const auto host = find(destinations, "example.org")->hosts.at(0);
    CHECK(outcome(host) == "may/exception");
    CHECK(noteOf(host, OriginKind::exception)->detail == "alice: a test");
    auto relayed = queryOf("[relay.test]");
    CHECK(destinations.domainOf(relayed.nextHop, "example.org") == "example.org");
    CHECK(destinations.domainOf(relayed.nextHop, "other.example").empty());
    CHECK(destinations.domainOf(queryOf("example.org").nextHop, "example.org").empty());
    relayed.domain = "example.org";
    CHECK(outcome(find(destinations, relayed)->hosts.at(0)) == "may/exception");

    const auto kept = find(destinations, "example.org");
    destinations.forget("example.net");
    CHECK(find(destinations, "example.org") == kept);
    destinations.forget("example.org");
    CHECK(find(destinations, "example.org") != kept);
}

TEST_CASE("rule 25: before a message returns for a policy's sake, DNS is asked once more") {
    const auto sts = policyOf(enforceA);
    Destinations destinations(sourcesOf(zoneOf(mx({"a.example.org"})), sts), settingsOf(""));
    const auto hasChanged = [&] {
        task::Core core(0, {});
        auto result = boost::asio::co_spawn(
            core.context, destinations.hasChangedPolicy(queryOf("example.org")), boost::asio::use_future);
        core.context.run();
        return result.get();
    };
    CHECK(!hasChanged());  // nothing was decided by a policy
    find(destinations, "example.org");
    CHECK(!hasChanged());
    sts->finding.policy = policy::parsePolicy(testingA).value();
    CHECK(hasChanged());
    CHECK(outcome(find(destinations, "example.org")->hosts.at(0)) == "may/default");
}

TEST_CASE("whoever asks while a decision is under way waits for it") {
    const auto zone = signedZone();
    Destinations destinations(sourcesOf(zone), daneOn());
    const auto alone = [&] {
        find(destinations, "example.org");
        return std::exchange(zone->asked, 0);
    }();
    destinations.forget("example.org");
    task::Core core(0, {});
    std::vector<std::future<std::shared_ptr<const Destination>>> results;
    results.reserve(10);
    for (int i = 0; i < 10; ++i)
        results.push_back(boost::asio::co_spawn(core.context, destinations.find(queryOf("example.org")),
                                                boost::asio::use_future));
    core.context.run();
    const auto first = results.front().get();
    for (std::size_t i = 1; i < results.size(); ++i)
        CHECK(results[i].get() == first);
    CHECK(zone->asked == alone);
}

TEST_CASE("what is published but not known yet counts as a demand") {
    const auto hop = *record::NextHop::parse("example.org");
    Destinations destinations(sourcesOf(zoneOf(mx({"b.example.org"}, secure))),
                              daneOn("example.net encrypt\n"));
    CHECK(destinations.demandsProtection(hop));
    CHECK(destinations.demandsProtection(*record::NextHop::parse("example.net")));
    find(destinations, "example.org");
    CHECK(!destinations.demandsProtection(hop));
    Destinations plain(sourcesOf(signedZone()), settingsOf(""));
    CHECK(!plain.demandsProtection(hop));
}

TEST_CASE("with no host known, our own claims and a kept policy tell whether protection is demanded") {
    struct Row {
        const char* why;
        std::string_view map;
        std::shared_ptr<Sts> sts;
        bool isDemanded;
    };
    const Row rows[] = {
        {"nobody asks for any", "", policyOf(""), false},
        {"the map does, though the name does not exist: anyone on the path can say so",
         "example.org secure\n", policyOf(""), true},
        {"a kept MTA-STS policy does", "", policyOf(enforceA), true},
        {"one in mode testing does not", "", policyOf(testingA), false},
        {"nor one that a map entry takes the place of", "example.org may\n", policyOf(enforceA), false},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Destinations destinations(sourcesOf(zoneOf(dns::Answer{.status = dns::Status::noDomain}), row.sts),
                                  daneOn(row.map));
        CHECK(destinations.demandsProtection(*record::NextHop::parse("example.org")) ==
              (row.map.empty() || row.isDemanded));  // nothing is known yet
        CHECK(find(destinations, "example.org")->failure->status == "5.1.2");
        CHECK(destinations.demandsProtection(*record::NextHop::parse("example.org")) == row.isDemanded);
    }
}

TEST_CASE("nothing is decided before all that is kept of policies is read, and nothing of that is kept") {
    bool isLoaded = false;
    const auto sts = policyOf(enforceA);
    auto sources = sourcesOf(signedZone(), sts);
    sources.local = [&](const Query&, base::Timestamp) {
        return isLoaded ? std::optional(LocalPolicy()) : std::nullopt;
    };
    Destinations destinations(std::move(sources), settingsOf("example.net may\n"));
    const auto isPutOff = [&](const std::string& nextHop) {
        const auto found = find(destinations, nextHop);
        return found->failure && found->failure->status == "4.3.0" && found->failure->isTemporary() &&
               !found->isPolicyKnown && found->hosts.empty();
    };
    const auto hop = *record::NextHop::parse("example.org");
    CHECK(isPutOff("example.org"));
    CHECK(isPutOff("[relay.test]"));
    CHECK(isPutOff("example.net"));  // an exception could stand above the map's entry
    CHECK(destinations.demandsProtection(hop));
    CHECK(destinations.domainOf(queryOf("[relay.test]").nextHop, "example.org") == "example.org");

    isLoaded = true;
    sts->finding.isLoaded = false;
    CHECK(isPutOff("example.org"));
    CHECK(destinations.demandsProtection(hop));
    sts->finding.isLoaded = true;
    CHECK(outcome(find(destinations, "example.org")->hosts.at(0)) == "secure/mta-sts");
    CHECK(destinations.domainOf(queryOf("[relay.test]").nextHop, "example.org").empty());
}
