#include "policy/explain_verdict.hpp"

#include <doctest/doctest.h>

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
    return {.name = name, .requirement = std::move(requirement), .tried = Tried{true, true, assurance, {}}};
}

HostOutlook refused(const char* name, Requirement requirement, const char* words) {
    return {.name = name,
            .requirement = std::move(requirement),
            .tried = Tried{true, false, Assurance::encrypted, words}};
}

HostOutlook failed(const char* name, Requirement requirement, const char* words) {
    return {.name = name,
            .requirement = std::move(requirement),
            .failure = dns::Failure{dns::Failure::Kind::temporary, "4.4.3", words}};
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

TEST_CASE("check: what is promised is what the weakest usable host promises (docs/policy.md)") {
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
         "Mail to x.example is sealed: DANE, 1 of 2 servers proven. Not used: b (no record matches)."},
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
