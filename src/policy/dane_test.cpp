#include "policy/dane.hpp"

#include "policy/dane_records_test.hpp"

#include <doctest/doctest.h>

#include <map>

namespace postseal::policy {
namespace {

using namespace test;
using dns::Answer;
using dns::Status;
using record::DnssecStatus;

constexpr auto secure = DnssecStatus::secure;
constexpr auto insecure = DnssecStatus::insecure;

Answer tlsa(std::vector<Tlsa> records, DnssecStatus dnssec = secure) {
    return {.status = Status::found,
            .dnssec = dnssec,
            .records = std::move(records),
            .ttl = std::chrono::seconds(300)};
}
Answer no(Status status, DnssecStatus dnssec) {
    return {.status = status, .dnssec = dnssec, .ttl = std::chrono::seconds(60)};
}
Answer alias(DnssecStatus dnssec) {
    return {.status = Status::found,
            .dnssec = dnssec,
            .records = name("target.example"),
            .ttl = std::chrono::seconds(60)};
}
Answer servfail() {
    return dns::failed("the name servers answered SERVFAIL");
}
Answer bogus() {
    return dns::failed("DNSSEC validation failed", DnssecStatus::bogus);
}

dns::AddressFacts found(DnssecStatus dnssec, const char* canonical = nullptr) {
    return {Status::found, dnssec, canonical ? std::optional(name(canonical)) : std::nullopt};
}
dns::AddressFacts without(DnssecStatus dnssec) {
    return {Status::noData, dnssec};
}
const dns::AddressFacts unknown{Status::failed, insecure};
const dns::AddressFacts spoilt{Status::failed, DnssecStatus::bogus};

/// `TLSA _25._tcp.mx.example`; what is not there is a secure NODATA.
using Zone = std::map<std::string, Answer>;

struct Seen {
    std::string asked;  // the questions, a comma between them
    DaneFinding finding;
};

Seen look(const dns::RouteHost& host, const Zone& zone, std::uint16_t port = 25,
          Resolver resolver = Resolver::believed) {
    Seen seen;
    DaneLookup lookup(host, port, resolver);
    while (!lookup.questions().empty()) {
        const auto question = lookup.questions().front();
        const auto text = std::string(toText(question.type)) + " " + question.name.text();
        seen.asked += (seen.asked.empty() ? "" : ", ") + text;
        const auto at = zone.find(text);
        lookup.answered({at == zone.end() ? no(Status::noData, secure) : at->second});
    }
    seen.finding = lookup.finding();
    return seen;
}

std::string shown(const DaneFinding& finding) {
    switch (finding.kind) {
    case DaneFinding::Kind::none: return "none";
    case DaneFinding::Kind::failed: return "failed";
    case DaneFinding::Kind::unproven: return finding.base + " unproven";
    case DaneFinding::Kind::records: break;
    }
    std::string text = finding.base + ":";
    for (const auto& r : finding.usable)
        text += " " + std::to_string(r.usage) + std::to_string(r.selector) + std::to_string(r.matching);
    return text;
}

constexpr auto ofMx = "TLSA _25._tcp.mx.example";
constexpr auto ofTarget = "TLSA _25._tcp.target.example";
constexpr auto mxThenAlias = "CNAME mx.example, TLSA _25._tcp.mx.example";
constexpr auto targetThenMx = "TLSA _25._tcp.target.example, TLSA _25._tcp.mx.example";

}  // namespace

TEST_CASE("rules 1 to 5, 8: from a host's addresses to its TLSA records (RFC 7672 §2.1, §2.2)") {
    struct Row {
        const char* why;
        dns::AddressFacts v4, v6;
        Zone zone;
        std::string asked;
        std::string want;
    };
    const dns::AddressFacts none = without(secure);
    const Row rows[] = {
        // Rule 1: four answers, not two.
        {"rule 1: secure records (§2.2)",
         found(secure),
         none,
         {{ofMx, tlsa({ee256})}},
         ofMx,
         "mx.example: 311"},
        {"rule 1: insecure records are none (§2.2)",
         found(secure),
         none,
         {{ofMx, tlsa({ee256}, insecure)}},
         ofMx,
         "none"},
        {"rule 1: a proven absence (§2.2)", found(secure), none, {}, ofMx, "none"},
        {"rule 1: NXDOMAIN, proven (§2.2)",
         found(secure),
         none,
         {{ofMx, no(Status::noDomain, secure)}},
         ofMx,
         "none"},
        {"rule 1: an insecure absence below an opt-out is an absence (§2.1.1)",
         found(secure),
         none,
         {{ofMx, no(Status::noDomain, insecure)}},
         ofMx,
         "none"},
        {"rule 1: SERVFAIL is no absence (§2.1.2)",
         found(secure),
         none,
         {{ofMx, servfail()}},
         ofMx,
         "failed"},
        {"rule 1: nor is bogus (§2.1.1)", found(secure), none, {{ofMx, bogus()}}, ofMx, "failed"},
        {"rule 1: an address that could not be asked (§2.1.2)", unknown, none, {}, "", "failed"},
        {"rule 1: a bogus address (§2.1.2)", spoilt, unknown, {}, "", "failed"},
        {"rule 1: an error in the question for the alias (§2.1.2)",
         found(insecure, "target.example"),
         none,
         {{"CNAME mx.example", servfail()}},
         "CNAME mx.example",
         "failed"},
        {"rule 1: a bogus alias (§2.1.2)",
         found(insecure, "target.example"),
         none,
         {{"CNAME mx.example", bogus()}},
         "CNAME mx.example",
         "failed"},
        // Rule 2: addresses first.
        {"rule 2: insecure addresses: TLSA is not asked, though it would fail (§2.2.2)",
         found(insecure),
         without(insecure),
         {{ofMx, servfail()}},
         "",
         "none"},
        {"rule 2: though there would be some (§2.2.2)",
         found(insecure),
         none,
         {{ofMx, tlsa({ee256})}},
         "",
         "none"},
        {"rule 2: one proven family is enough: IPv4 (§2.2.2)",
         found(secure),
         found(insecure),
         {{ofMx, tlsa({ee256})}},
         ofMx,
         "mx.example: 311"},
        {"rule 2: IPv6", found(insecure), found(secure), {{ofMx, tlsa({ee256})}}, ofMx, "mx.example: 311"},
        {"rule 2: IPv6 alone", none, found(secure), {{ofMx, tlsa({ee256})}}, ofMx, "mx.example: 311"},
        {"rule 2: an error in the other family takes nothing from it",
         found(secure),
         unknown,
         {{ofMx, tlsa({ee256})}},
         ofMx,
         "mx.example: 311"},
        {"rule 2: a proven absence of IPv6 proves no IPv4 address", found(insecure), none, {}, "", "none"},
        // Rule 3: an alias whose target is insecure.
        {"rule 3: the alias itself is proven: the original name (§2.1.3, §2.2.2)",
         found(insecure, "target.example"),
         without(insecure),
         {{"CNAME mx.example", alias(secure)}, {ofMx, tlsa({ee256})}, {ofTarget, tlsa({ta256})}},
         mxThenAlias,
         "mx.example: 311"},
        {"rule 3: it is not: DANE does not apply (§2.2.2)",
         found(insecure, "target.example"),
         none,
         {{"CNAME mx.example", alias(insecure)}, {ofMx, tlsa({ee256})}},
         "CNAME mx.example",
         "none"},
        {"rule 3: the alias is gone, but its zone is signed: asked all the same",
         found(insecure, "target.example"),
         none,
         {{"CNAME mx.example", no(Status::noData, secure)}, {ofMx, tlsa({ee256})}},
         mxThenAlias,
         "mx.example: 311"},
        {"rule 3: seen in one family only",
         found(insecure),
         found(insecure, "target.example"),
         {{"CNAME mx.example", alias(secure)}, {ofMx, tlsa({ee256})}},
         mxThenAlias,
         "mx.example: 311"},
        // Rule 4: the expanded name, then the original.
        {"rule 4: the expanded name first (§2.2.3)",
         found(secure, "target.example"),
         found(secure, "target.example"),
         {{ofTarget, tlsa({ta256})}, {ofMx, tlsa({ee256})}},
         ofTarget,
         "target.example: 201"},
        {"rule 4: then the original (§2.2.3)",
         found(secure, "target.example"),
         none,
         {{ofMx, tlsa({ee256})}},
         targetThenMx,
         "mx.example: 311"},
        {"rule 4: insecure records at the expanded name are none (§2.2.3)",
         found(secure, "target.example"),
         none,
         {{ofTarget, tlsa({ta256}, insecure)}, {ofMx, tlsa({ee256})}},
         targetThenMx,
         "mx.example: 311"},
        {"rule 4: an error at the expanded name is no absence (§2.1.2)",
         found(secure, "target.example"),
         none,
         {{ofTarget, servfail()}, {ofMx, tlsa({ee256})}},
         ofTarget,
         "failed"},
        {"rule 4: unusable records decide as well (§2.2.3)",
         found(secure, "target.example"),
         none,
         {{ofTarget, tlsa({pkixEe})}, {ofMx, tlsa({ee256})}},
         ofTarget,
         "target.example:"},
        {"rule 4: neither has any", found(secure, "target.example"), none, {}, targetThenMx, "none"},
        // Rule 5: aliases of the TLSA name; the answer's status is that of the whole chain.
        {"rule 5: an alias leaves the base as it was (§2.2.3)",
         found(secure),
         none,
         {{ofMx,
           {.status = Status::found,
            .dnssec = secure,
            .records = std::vector{ta256},
            .canonical = name("tlsa201._dane.example")}}},
         ofMx,
         "mx.example: 201"},
        {"rule 5: an insecure link makes all of it insecure (§2.1.3)",
         found(secure),
         none,
         {{ofMx,
           {.status = Status::found,
            .dnssec = insecure,
            .records = std::vector{ta256},
            .canonical = name("tlsa201._dane.example")}}},
         ofMx,
         "none"},
        // Rule 9: none usable.
        {"rule 9: all unusable: records, but none to prove by (§2.2)",
         found(secure),
         none,
         {{ofMx, tlsa({pkixTa, pkixEe})}},
         ofMx,
         "mx.example:"},
        {"rule 9: the usable one counts",
         found(secure),
         none,
         {{ofMx, tlsa({pkixTa, ee256})}},
         ofMx,
         "mx.example: 311"},
        {"rule 12: the strongest digest of each kind (RFC 7671 §9)",
         found(secure),
         none,
         {{ofMx, tlsa({ta256, ee256, ee512})}},
         ofMx,
         "mx.example: 201 312"},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        const auto seen = look({.name = "mx.example", .v4 = row.v4, .v6 = row.v6}, row.zone);
        CHECK(seen.asked == row.asked);
        CHECK(shown(seen.finding) == row.want);
        CHECK(seen.finding.why.empty() == (seen.finding.kind == DaneFinding::Kind::records));
    }
}

TEST_CASE("rule 17: a resolver that fails its test is asked for TLSA records all the same") {
    struct Row {
        const char* why;
        dns::AddressFacts v4;
        Zone zone;
        std::string asked;
        std::string want;
    };
    const Row rows[] = {
        {"records that it does not prove are there",
         found(insecure),
         {{ofMx, tlsa({ee256}, insecure)}},
         ofMx,
         "mx.example unproven"},
        {"also of an address that it calls proven",
         found(secure),
         {{ofMx, tlsa({ee256}, insecure)}},
         ofMx,
         "mx.example unproven"},
        {"at the expanded name first",
         found(insecure, "target.example"),
         {{ofTarget, tlsa({ta256}, insecure)}},
         ofTarget,
         "target.example unproven"},
        {"none", found(insecure), {{ofMx, no(Status::noData, insecure)}}, ofMx, "none"},
        {"an unsigned zone whose servers fail on the question (rule 2)",
         found(insecure),
         {{ofMx, servfail()}},
         ofMx,
         "none"},
        {"what is false stays an error", found(insecure), {{ofMx, bogus()}}, ofMx, "failed"},
        {"as does an error in a signed zone", found(secure), {{ofMx, servfail()}}, ofMx, "failed"},
        {"what it proves counts as before", found(secure), {{ofMx, tlsa({ee256})}}, ofMx, "mx.example: 311"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto seen = look({.name = "mx.example", .v4 = row.v4}, row.zone, 25, Resolver::fails);
        CHECK(seen.asked == row.asked);
        CHECK(shown(seen.finding) == row.want);
        const auto claim = daneClaim(seen.finding, {.nextHop = "example", .host = "mx.example"}, {});
        if (seen.finding.kind != DaneFinding::Kind::unproven) continue;
        REQUIRE(claim);
        CHECK(claim->level == record::Level::encrypt);
        CHECK(claim->conditions.empty());
    }
}

TEST_CASE("rule 8: the port is in the question; an address has no DANE (RFC 7672 §2.2, §2.2.3)") {
    const dns::RouteHost host{.name = "mx.example", .v4 = found(secure)};
    const auto seen = look(host, {{"TLSA _587._tcp.mx.example", tlsa({ee256})}, {ofMx, servfail()}}, 587);
    CHECK(seen.asked == "TLSA _587._tcp.mx.example");
    CHECK(shown(seen.finding) == "mx.example: 311");
    for (const auto* literal : {"192.0.2.1", "2001:db8::1"}) {
        const auto none = look({.name = literal, .v4 = found(secure)}, {});
        CHECK(none.asked.empty());
        CHECK(shown(none.finding) == "none");
    }
}

TEST_CASE("a host's name may leave no room for the labels of TLSA records") {
    std::string label(63, 'a');
    const auto longest = label + "." + label + "." + label + "." + std::string(61, 'b');
    REQUIRE(DomainName::parse(longest));
    const auto seen = look({.name = longest, .v4 = found(secure, "target.example")}, {});
    CHECK(seen.asked == ofTarget);
    CHECK(shown(seen.finding) == "none");
}

TEST_CASE("what strangers publish is bounded: too many records are an error") {
    std::vector<Tlsa> many(DaneLookup::mostRecords + 1, ee256);
    const dns::RouteHost host{.name = "mx.example", .v4 = found(secure)};
    CHECK(shown(look(host, {{ofMx, tlsa(many)}}).finding) == "failed");
    many.pop_back();
    CHECK(shown(look(host, {{ofMx, tlsa(many)}}).finding) == "mx.example: 311");
}

TEST_CASE("a finding holds as long as the answers that it rests on") {
    const dns::RouteHost host{.name = "mx.example", .v4 = found(secure, "target.example")};
    CHECK(look(host, {{ofMx, tlsa({ee256})}}).finding.ttl == std::chrono::seconds(60));
    CHECK_FALSE(look({.name = "mx.example", .v4 = found(insecure)}, {}).finding.ttl);
}

}  // namespace postseal::policy
