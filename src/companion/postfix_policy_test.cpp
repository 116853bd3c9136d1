#include "companion/postfix_policy.hpp"
#include "policy/plan.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace postseal::companion {
namespace {

using discover::Destination;
using discover::Host;
using record::DnssecStatus;
using record::Level;
using record::NamePattern;
using Kind = record::Origin::Kind;

record::Requirement asks(Level level, Kind origin, std::vector<record::Condition> conditions = {}) {
    return {.level = level, .allOf = std::move(conditions), .origin = {origin}};
}

const record::Requirement may = asks(Level::may, Kind::standard);
const record::Requirement encrypt = asks(Level::encrypt, Kind::standard);
const record::Requirement unusable = asks(Level::encrypt, Kind::dane);
const record::Requirement dane = asks(Level::dane, Kind::dane, {record::TlsaCondition{.records = {{}}}});
const record::Requirement halfDane =
    asks(Level::dane, Kind::dane,
         {record::TlsaCondition{.records = {{}}, .proves = record::Assurance::encrypted}});

record::Requirement sts(const char* host) {
    return asks(Level::secure, Kind::mtaSts,
                {record::NamesCondition{.patterns = {{NamePattern::Kind::exact, host}},
                                        .by = record::Proof::mtaSts}});
}

Host host(const char* name, record::Requirement requirement, DnssecStatus mx = DnssecStatus::insecure) {
    return {.name = name, .requirement = std::move(requirement), .dnssec = mx};
}

Host failed(const char* name, discover::Failure::Kind kind = discover::Failure::Kind::temporary) {
    return {.name = name, .failure = discover::Failure{kind, "4.4.3", "no answer"}};
}

policy::MapEntry entryOf(std::string_view rightHandSide) {
    const auto map =
        policy::Map::parse("example.org " + std::string(rightHandSide), "tls_policy", [](const std::string&) {
            return base::Result<record::Anchors, std::string>(record::Anchors{});
        });
    REQUIRE(map);
    return *map->find(*record::NextHop::parse("example.org"));
}

constexpr auto secure = DnssecStatus::secure;
constexpr auto insecure = DnssecStatus::insecure;

}  // namespace

TEST_CASE(
    "an alliance's demand: said by names and files of anchors, or mail waits; never by an entry below it") {
    const record::Anchors anchors{.digest = {}};
    const auto listed = [&](std::vector<record::Anchors> of) {
        return asks(Level::secure, Kind::alliance,
                    {record::NamesCondition{.patterns = {{NamePattern::Kind::exact, "mx"}},
                                            .anchors = std::move(of)}});
    };
    auto unlisted = failed("evil");
    unlisted.unusable = policy::Unmet{.how = policy::Unmet::How::notOfAlliance, .host = "evil"};
    const auto entry = entryOf("encrypt");
    auto both = listed({});
    both.also = {{Level::encrypt, {Kind::map}}};
    struct Row {
        const char* why;
        std::vector<Host> hosts;
        Asked asked;
        std::string want;
    };
    const auto file = "/etc/anchors/" + anchorFile(anchors);
    const Row rows[] = {
        {"the CAs of Postfix", {host("mx", listed({}))}, {}, "OK secure match=mx servername=hostname"},
        {"anchors of the list",
         {host("mx", listed({anchors}))},
         {.anchorFolder = "/etc/anchors"},
         "OK secure match=mx servername=hostname tafile=" + file},
        {"and nowhere to put them",
         {host("mx", listed({anchors}))},
         {},
         "TEMP an alliance demands its own trust anchors"},
        {"a CA that is known by its key alone",
         {host("mx", listed({{.digest = {}, .of = record::Anchors::Of::key}}))},
         {.anchorFolder = "/etc/anchors"},
         "TEMP what is demanded can't be said"},
        {"an entry of the map does not stand above it",
         {host("mx", both)},
         {.entry = &entry},
         "OK secure match=mx servername=hostname"},
        {"nor where no listed host was found", {unlisted}, {.entry = &entry}, "TEMP evil: no answer"},
        {"names keep Postfix from other hosts",
         {unlisted, host("mx", listed({}))},
         {},
         "OK secure match=mx servername=hostname"},
        {"encryption alone does not",
         {unlisted, host("mx", asks(Level::encrypt, Kind::alliance))},
         {},
         "TEMP evil: no answer"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(toText(policyFor({.hosts = row.hosts}, row.asked)).starts_with(row.want));
    }
}

TEST_CASE("one line for all hosts of a domain, and never less than any of them demands") {
    struct Row {
        const char* why;
        std::vector<Host> hosts;
        const char* want;
    };
    const Row rows[] = {
        {"nothing is demanded: Postfix's own default holds", {host("a", may)}, "NOTFOUND "},
        {"the configured default", {host("a", encrypt)}, "OK encrypt"},
        {"rule 1: DANE on every host", {host("a", dane, secure), host("b", dane, secure)}, "OK dane-only"},
        {"DANE on some hosts", {host("a", dane, secure), host("b", may, secure)}, "OK dane"},
        {"rule 6: `dane-only` would refuse an insecure MX", {host("a", halfDane, insecure)}, "OK dane"},
        {"rule 9: records that nobody can use", {host("a", unusable, secure)}, "OK encrypt"},
        {"rule 9: beside a host without any", {host("a", unusable), host("b", may)}, "OK dane"},
        {"rule 9: beside a proven host", {host("a", unusable, secure), host("b", dane, secure)}, "OK dane"},
        {"rule 23: names of the hosts, not the policy's patterns",
         {host("a.example", sts("a.example")), host("b.example", sts("b.example"))},
         "OK secure match=a.example:b.example servername=hostname"},
        {"rule 23: a host that the policy does not list has no place in the line",
         {host("a.example", sts("a.example")), failed("evil.example")},
         "OK secure match=a.example servername=hostname"},
        {"rule 26: a host with DANE beside one with MTA-STS: the stricter line",
         {host("a", dane, secure), host("b", sts("b"))},
         "OK dane-only"},
        {"rule 6: DANE behind an insecure MX, and MTA-STS: `dane` would let another MX in",
         {host("a", halfDane), host("b", sts("b"))},
         "OK secure match=b servername=hostname"},
        {"no host can be used", {failed("a")}, "TEMP a: no answer"},
        {"rule 1: the host that could not be asked may have TLSA records",
         {host("a", may), failed("b")},
         "OK dane"},
        {"rule 1: or demands more than this", {host("a", encrypt), failed("b")}, "TEMP b: no answer"},
        {"a host that has no address demands nothing",
         {host("a", may), failed("b", discover::Failure::Kind::permanent)},
         "NOTFOUND "},
        {"a pin that is not the map's",
         {host("a", asks(Level::fingerprint, Kind::exception, {record::FingerprintCondition{}}))},
         "TEMP what is demanded can't be said in a line of Postfix's map"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(toText(policyFor({.hosts = row.hosts}, {.domain = "example.org", .daneIsOn = true})) ==
              row.want);
    }
    CHECK(toText(policyFor({.hosts = {host("a", may), failed("b")}}, {})) == "NOTFOUND ");
    const Destination gone{.failure =
                               discover::Failure{discover::Failure::Kind::temporary, "4.4.3", "no\nMX"}};
    CHECK(toText(policyFor(gone, {})) == "TEMP no\\x0aMX");
    INFO("a name that does not exist, which anyone on the way can say, makes no entry");
    const Destination missing{.failure =
                                  discover::Failure{discover::Failure::Kind::permanent, "5.1.2", "none"}};
    CHECK(toText(policyFor(missing, {})).starts_with("TEMP none; where Postfix finds the same it returns"));
}

TEST_CASE("an entry of the policy map goes to Postfix as it is written") {
    struct Row {
        const char* why;
        const char* written;
        const char* want;
    };
    const Row rows[] = {
        {"level and attributes", "secure match=nexthop:.mail.example ciphers=high",
         "OK secure match=nexthop:.mail.example ciphers=high"},
        {"attributes may be parted by commas", "encrypt ciphers=high,protocols=>=TLSv1.2",
         "OK encrypt ciphers=high protocols=>=TLSv1.2"},
        {"a file stays a file", "secure tafile=/etc/postseal/ca.pem",
         "OK secure tafile=/etc/postseal/ca.pem"},
        {"weaker than anything else", "none", "OK none"},
        {"Postfix has no word for what a pin is of",
         "fingerprint match=spki:AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
         "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:BB",
         "OK fingerprint match=AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
         "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:BB"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto entry = entryOf(row.written);
        const Destination found{.hosts = {host("a", asks(entry.claim.level, Kind::map))}};
        CHECK(toText(policyFor(found, {.entry = &entry})) == row.want);
        const Destination unknown{.failure = discover::Failure{}};
        CHECK(toText(policyFor(unknown, {.entry = &entry})) == row.want);
    }
    const auto entry = entryOf("secure");
    const Destination excepted{.hosts = {host("a", asks(Level::may, Kind::exception))}};
    INFO("a dated exception stands above the map");
    CHECK(toText(policyFor(excepted, {.entry = &entry})) == "NOTFOUND ");
    INFO("so nothing is answered before exceptions are read");
    CHECK(toText(policyFor(policy::notLoaded(), {.entry = &entry})).starts_with("TEMP "));
}

TEST_CASE("MTA-STS attributes for Postfix 3.10 and later (its TLSRPT_README)") {
    const auto published =
        policy::parsePolicy("version: STSv1\nmode: enforce\nmx: a.example\nmx: *.b.example\n"
                            "max_age: 86400\n");
    REQUIRE(published);
    const Destination found{.hosts = {host("a.example", sts("a.example"))}};
    const Asked asked{.domain = "example.org", .sts = &*published, .attributes = Attributes::tlsrpt};
    CHECK(toText(policyFor(found, asked)) ==
          "OK secure match=a.example servername=hostname policy_type=sts policy_domain=example.org "
          "policy_ttl=86400 mx_host_pattern=a.example mx_host_pattern=*.b.example "
          "{ policy_string = version: STSv1 } { policy_string = mode: enforce } "
          "{ policy_string = mx: a.example } { policy_string = mx: *.b.example } "
          "{ policy_string = max_age: 86400 }");
    INFO("a mistake to say of a policy that is not MTA-STS's");
    CHECK(toText(policyFor({.hosts = {host("a", dane, secure)}}, asked)) == "OK dane-only");
}

}  // namespace postseal::companion
