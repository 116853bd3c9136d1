#include "policy/forecast.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace postseal;
using namespace postseal::policy;
using record::Assurance;
using record::Level;
using record::NamesCondition;
using record::Requirement;
using record::TlsaCondition;
using Kind = record::Origin::Kind;

namespace {

HostOutlook host(const char* name, Requirement requirement) {
    return {.name = name, .requirement = std::move(requirement)};
}

HostOutlook tried(const char* name, Requirement requirement, Assurance assurance) {
    return {.name = name, .requirement = std::move(requirement), .tried = {Tried{true, true, assurance, {}}}};
}

HostOutlook refused(const char* name, Requirement requirement, const char* words) {
    return {.name = name,
            .requirement = std::move(requirement),
            .tried = {Tried{true, false, Assurance::encrypted, words}}};
}

HostOutlook failed(const char* name, Requirement requirement, const char* words) {
    return {.name = name,
            .requirement = std::move(requirement),
            .failure = dns::Failure{dns::Failure::Kind::temporary, "4.4.3", words}};
}

HostOutlook down(const char* name, Requirement requirement) {
    return {
        .name = name, .requirement = std::move(requirement), .tried = {Tried{.words = "connection refused"}}};
}

HostOutlook withoutAddress(const char* name, Requirement requirement) {
    return {.name = name,
            .requirement = std::move(requirement),
            .failure = dns::Failure{dns::Failure::Kind::permanent, "5.4.4", "the host has no address"}};
}

HostOutlook barred(const char* name, Requirement requirement) {
    auto outlook = failed(name, std::move(requirement), "not listed");
    outlook.isBarred = true;
    return outlook;
}

const Requirement may{.level = Level::may};
const Requirement encrypt{.level = Level::encrypt, .origin = {Kind::map}};
const Requirement dane{
    .level = Level::dane, .allOf = {TlsaCondition{.records = {{}}}}, .origin = {Kind::dane}};
const Requirement halfDane{.level = Level::dane,
                           .allOf = {TlsaCondition{.records = {{}}, .proves = Assurance::encrypted}},
                           .origin = {Kind::dane}};
const Requirement sts{.level = Level::secure,
                      .allOf = {NamesCondition{.patterns = {{record::NamePattern::Kind::exact, "mx.x"}},
                                               .by = record::Proof::mtaSts}},
                      .origin = {Kind::mtaSts}};

}  // namespace

TEST_CASE("check: what is promised is what the weakest host promises, reached or not (docs/check.md)") {
    struct Row {
        const char* why;
        Outlook outlook;
        Verdict verdict;
        bool isPromised;
        const char* sentence;
    };
    const Row rows[] = {
        {"DANE on both",
         {"x.example", {host("a", dane), host("b", dane)}},
         Verdict::sealed,
         true,
         "Mail to x.example is sealed: DANE, demanded of 2 of 2 servers."},
        {"tried just now",
         {"x.example",
          {tried("a", dane, Assurance::authenticated), tried("b", dane, Assurance::authenticated)}},
         Verdict::sealed,
         true,
         "Mail to x.example is sealed: DANE, 2 of 2 servers proven."},
        {"two kinds of proof",
         {"x.example", {host("a", dane), host("b", sts)}},
         Verdict::sealed,
         true,
         "Mail to x.example is sealed: DANE and MTA-STS, demanded of 2 of 2 servers."},
        {"an attacker blocks the better host",
         {"x.example", {host("a", dane), host("b", may)}},
         Verdict::open,
         false,
         "Nothing is promised for mail to x.example: it may travel in clear text."},
        {"rule 6: an insecure MX proves nobody",
         {"x.example", {host("a", halfDane)}},
         Verdict::encrypted,
         true,
         "Mail to x.example is encrypted, to servers that need not prove who they are: DANE, demanded of 1 "
         "of 1 "
         "servers."},
        {"encrypted",
         {"x.example", {host("a", encrypt)}},
         Verdict::encrypted,
         true,
         "Mail to x.example is encrypted, to servers that need not prove who they are: the policy map, "
         "demanded "
         "of 1 of 1 servers."},
        {"experience is not a promise",
         {"x.example", {tried("a", may, Assurance::encrypted)}},
         Verdict::open,
         false,
         "Nothing is promised for mail to x.example: it may travel in clear text. Just now 1 of 1 servers "
         "took "
         "TLS."},
        {"a host that does not meet its demand is not used",
         {"x.example", {tried("a", dane, Assurance::authenticated), refused("b", dane, "no record matches")}},
         Verdict::sealed,
         true,
         "Mail to x.example is sealed: DANE, 1 of 2 servers proven. Not used just now: b (no record "
         "matches)."},
        {"the weaker host is down while we look, and up when the mail leaves",
         {"x.example", {tried("a", dane, Assurance::authenticated), down("b", may)}},
         Verdict::open,
         false,
         "Nothing is promised for mail to x.example: it may travel in clear text. Just now 1 of 2 servers "
         "took TLS. Not used just now: b (connection refused)."},
        {"the weaker host's lookup fails while we look: it counts by what would hold if nothing were found",
         {"x.example", {host("a", dane), failed("b", may, "TLSA: SERVFAIL")}},
         Verdict::open,
         false,
         "Nothing is promised for mail to x.example: it may travel in clear text. Not used just now: b "
         "(TLSA: SERVFAIL)."},
        {"a host that has no address gets no mail",
         {"x.example", {host("a", dane), withoutAddress("b", may)}},
         Verdict::sealed,
         true,
         "Mail to x.example is sealed: DANE, demanded of 1 of 2 servers. Not used just now: b (the host has "
         "no address)."},
        {"a host that policy bars gets no mail: the domain's MTA-STS policy does not list it",
         {"x.example", {host("a", sts), barred("b", encrypt)}},
         Verdict::sealed,
         true,
         "Mail to x.example is sealed: MTA-STS, demanded of 1 of 2 servers. Not used just now: b (not "
         "listed)."},
        {"all are barred, and nothing less than encryption is ever sent",
         {"x.example", {barred("a", encrypt)}},
         Verdict::waits,
         true,
         "Mail to x.example would wait and then return, because not listed."},
        {"all are down, and one demands nothing",
         {"x.example", {down("a", dane), down("b", may)}},
         Verdict::waits,
         false,
         "Mail to x.example would wait and then return, because connection refused."},
        {"all are down, and all demand",
         {"x.example", {down("a", dane), down("b", encrypt)}},
         Verdict::waits,
         true,
         "Mail to x.example would wait and then return, because connection refused."},
        {"no host meets it",
         {"x.example", {refused("a", dane, "no record matches")}},
         Verdict::waits,
         true,
         "Mail to x.example would wait and then return, because no record matches."},
        {"rule 1: no host could be asked",
         {"x.example", {failed("a", may, "TLSA: SERVFAIL")}},
         Verdict::waits,
         false,
         "Mail to x.example would wait and then return, because TLSA: SERVFAIL."},
        {"DNS is down",
         {"x.example", {}, dns::Failure{dns::Failure::Kind::temporary, "4.4.3", "MX: no answer"}},
         Verdict::waits,
         false,
         "Mail to x.example would wait and then return, because MX: no answer."},
        {"no such domain",
         {"x.example", {}, dns::Failure{dns::Failure::Kind::permanent, "5.1.2", "there is no such domain"}},
         Verdict::returns,
         false,
         "Mail to x.example would return at once, because there is no such domain."},
        {"a smarthost may be sealed, what lies behind it never is",
         {"x.example", {host("relay", dane)}, {}, "relay.example"},
         Verdict::encrypted,
         true,
         "Mail to x.example is protected as far as the smarthost relay.example: DANE, demanded of 1 of 1 "
         "servers. "
         "What lies behind it is not known."},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto result = forecast(row.outlook);
        CHECK(toText(result.verdict) == toText(row.verdict));
        CHECK(result.isPromised == row.isPromised);
        CHECK(result.sentence == row.sentence);
        CHECK(result.hosts.size() == row.outlook.hosts.size());
    }
}

TEST_CASE("check: the reason for each host") {
    const auto result = forecast({"x.example",
                                  {host("a", may), tried("b", may, Assurance::cleartext), host("c", encrypt),
                                   refused("d", encrypt, "no STARTTLS\r\n")}});
    REQUIRE(result.hosts.size() == 4);
    CHECK(result.hosts[0] == HostForecast{Verdict::open, "no level above \"may\" is demanded"});
    CHECK(result.hosts[1].verdict == Verdict::open);
    CHECK(result.hosts[2].reason.starts_with("an encrypted connection (TLS) (level encrypt, demanded by"));
    CHECK(result.hosts[3] == HostForecast{Verdict::waits, "no STARTTLS\\x0d\\x0a"});
}

TEST_CASE("check: the reason for a host with several addresses") {
    const Tried good{true, true, Assurance::authenticated, {}};
    const Tried impostor{true, false, Assurance::encrypted, "the certificate is for y"};
    const Tried silent{.words = "timed out"};
    const Tried clear{true, true, Assurance::cleartext, {}};
    struct Row {
        const char* why;
        Requirement requirement;
        std::vector<Tried> tried;
        Verdict verdict;
        const char* reason;  // its end
    };
    const Row rows[] = {
        {"a delivery goes on to the next address",
         dane,
         {impostor, good},
         Verdict::sealed,
         "; 1 of 2 addresses can't be used just now: the certificate is for y"},
        {"in whatever order",
         dane,
         {good, impostor},
         Verdict::sealed,
         "; 1 of 2 addresses can't be used just now: the certificate is for y"},
        {"none keeps to it", dane, {silent, impostor}, Verdict::waits, "the certificate is for y"},
        {"nothing is demanded, and one offers nothing",
         may,
         {good, clear},
         Verdict::open,
         "it offers no TLS just now"},
        {"nothing is demanded, and both offer TLS",
         may,
         {good, impostor},
         Verdict::open,
         "it took TLS just now"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto result =
            forecast({"x.example", {{.name = "a", .requirement = row.requirement, .tried = row.tried}}});
        REQUIRE(result.hosts.size() == 1);
        CHECK(result.hosts[0].verdict == row.verdict);
        INFO(result.hosts[0].reason);
        CHECK(result.hosts[0].reason.ends_with(row.reason));
    }
}

namespace {

bool isSent(const Forecast& forecast) {
    return forecast.verdict < Verdict::waits;
}

using Chance = std::mt19937;

std::size_t oneOf(Chance& chance, std::size_t count) {
    return chance() % count;
}

Tried anyTried(Chance& chance) {
    const auto assurance = static_cast<Assurance>(oneOf(chance, 3));
    switch (oneOf(chance, 3)) {
    case 0: return {.words = "refused"};
    case 1: return {true, false, assurance, "another name"};
    default: return {true, true, assurance, {}};
    }
}

Outlook anyOutlook(Chance& chance) {
    const Requirement requirements[] = {may, encrypt, dane, halfDane, sts};
    Outlook outlook{.domain = "x.example"};
    if (oneOf(chance, 4) == 0) outlook.smarthost = "relay.example";
    for (auto hosts = oneOf(chance, 4); hosts > 0; --hosts) {
        const auto& requirement = requirements[oneOf(chance, 5)];
        switch (oneOf(chance, 7)) {
        case 2: outlook.hosts.push_back(barred("a", requirement)); break;
        case 0: outlook.hosts.push_back(failed("a", requirement, "SERVFAIL")); break;
        case 1: outlook.hosts.push_back(withoutAddress("a", requirement)); break;
        default: outlook.hosts.push_back(host("a", requirement));
        }
    }
    return outlook;
}

}  // namespace

TEST_CASE("check: no handshake makes a verdict stronger, or promises what was not (a property)") {
    Chance chance(1);  // NOLINT(cert-msc51-cpp): the same cases each time
    for (int i = 0; i < 5000; ++i) {
        auto outlook = anyOutlook(chance);
        const auto without = forecast(outlook);
        for (auto& host : outlook.hosts)
            for (auto addresses = host.failure ? 0 : oneOf(chance, 3); addresses > 0; --addresses)
                host.tried.push_back(anyTried(chance));
        const auto with = forecast(outlook);
        INFO("case " << i << ": " << without.sentence << " | " << with.sentence);
        CHECK(with.verdict >= without.verdict);
        CHECK(with.isPromised == without.isPromised);
        CHECK((!isSent(with) || with.verdict == without.verdict));
    }
}

TEST_CASE("check: an alias is as weak as its weakest target (a property)") {
    Chance chance(2);  // NOLINT(cert-msc51-cpp): the same cases each time
    for (int i = 0; i < 5000; ++i) {
        std::vector<Forecast> legs;
        for (auto count = 1 + oneOf(chance, 4); count > 0; --count)
            legs.push_back(oneOf(chance, 5) == 0 ? localForecast("x.example") : forecast(anyOutlook(chance)));
        const auto all = weakestOf("team@x.example", legs);
        INFO("case " << i << ": " << all.sentence);
        const bool isAnyOpen =
            std::ranges::any_of(legs, [](const Forecast& leg) { return leg.verdict == Verdict::open; });
        CHECK((all.verdict == Verdict::open) == isAnyOpen);
        for (const auto& leg : legs) {
            CHECK((isAnyOpen || all.verdict >= leg.verdict));
            CHECK((leg.isPromised || !all.isPromised));
        }
    }
}

TEST_CASE("check: several ways, one sentence") {
    const auto sealed = localForecast("ours.example");
    const auto open = forecast({"x.example", {host("a", may)}});
    const auto all = weakestOf("team@ours.example", {sealed, open});
    CHECK(all.sentence == "Mail to team@ours.example takes 2 ways, and is as safe as the weakest of them. "
                          "Nothing is promised for mail to x.example: it may travel in clear text.");
    CHECK(weakestOf("bob@ours.example", {sealed}).sentence == sealed.sentence);
}

TEST_CASE("check: the promise in a few words") {
    CHECK(promiseText({Verdict::sealed, true}) == "sealed, or it is not sent");
    CHECK(promiseText({Verdict::open, false}) == "open: nothing is enforced");
    CHECK(promiseText({Verdict::waits, true}) == "nothing is sent with less than is demanded");
    CHECK(promiseText({Verdict::waits, false}).starts_with("none for certain: once a server"));
    CHECK(promiseText({Verdict::returns, false}) == "none is needed: nothing is sent");
}
