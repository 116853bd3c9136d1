#include "policy/dane.hpp"

#include <doctest/doctest.h>

#include <map>

namespace postseal::policy {
namespace {

using base::DomainName;
using dns::Answer;
using dns::Status;
using record::Assurance;
using record::DnssecStatus;
using record::Level;
using record::Tlsa;

constexpr auto secure = DnssecStatus::secure;
constexpr auto insecure = DnssecStatus::insecure;

DomainName name(std::string_view text) {
    return *DomainName::parse(text);
}

base::Bytes bytes(std::size_t count, int value = 0x11) {
    return base::Bytes(count, static_cast<std::byte>(value));
}

/// An empty sequence in DER, which could be a certificate or a key.
base::Bytes der() {
    return {std::byte{0x30}, std::byte{0}};
}

const Tlsa ee256{3, 1, 1, bytes(32)}, ee512{3, 1, 2, bytes(64)}, eeFull{3, 1, 0, der()};
const Tlsa ta256{2, 0, 1, bytes(32)}, ta512{2, 0, 2, bytes(64)}, taFull{2, 0, 0, der()};
const Tlsa pkixTa{0, 0, 1, bytes(32)}, pkixEe{1, 0, 1, bytes(32)};

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

TEST_CASE("rule 9: which records are usable (RFC 7672 §3.1.3, RFC 6698 §2.1)") {
    struct Row {
        const char* why;
        Tlsa record;
        bool want;
    };
    auto trailing = der();
    trailing.push_back(std::byte{0});
    const base::Bytes longForm{std::byte{0x30}, std::byte{0x81}, std::byte{1}, std::byte{0}};
    const Row rows[] = {
        {"rule 9: PKIX-TA is of no use in SMTP (§3.1.3)", pkixTa, false},
        {"rule 9: PKIX-EE (§3.1.3)", pkixEe, false},
        {"rule 9: DANE-TA (§3.1.2)", ta256, true},
        {"rule 9: DANE-EE (§3.1.1)", ee256, true},
        {"rule 9: an unknown usage", {4, 1, 1, bytes(32)}, false},
        {"rule 9: the private usage (RFC 7218 §2.1)", {255, 1, 1, bytes(32)}, false},
        {"rule 9: the whole certificate (selector 0)", {3, 0, 1, bytes(32)}, true},
        {"rule 9: an unknown selector", {3, 2, 1, bytes(32)}, false},
        {"rule 9: SHA-512", ee512, true},
        {"rule 9: an unknown matching type", {3, 1, 3, bytes(48)}, false},
        {"rule 9: SHA-256 of 31 bytes", {3, 1, 1, bytes(31)}, false},
        {"rule 9: of 33", {3, 1, 1, bytes(33)}, false},
        {"rule 9: SHA-512 as short as SHA-256", {3, 1, 2, bytes(32)}, false},
        {"rule 9: SHA-256 as long as SHA-512", {3, 1, 1, bytes(64)}, false},
        {"rule 9: in full", eeFull, true},
        {"rule 9: in full, a long length", {2, 0, 0, longForm}, true},
        {"rule 9: in full, with bytes behind it", {2, 0, 0, trailing}, false},
        {"rule 9: in full, but no DER", {2, 0, 0, bytes(32)}, false},
        {"rule 9: in full, cut off", {2, 0, 0, {std::byte{0x30}, std::byte{0x84}}}, false},
        {"rule 9: in full, a length beyond all reason",
         {2, 0, 0, {std::byte{0x30}, std::byte{0x88}, std::byte{0xff}, std::byte{0xff}}},
         false},
        {"rule 9: nothing", {3, 1, 0, {}}, false},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        CHECK(isUsable(row.record) == row.want);
    }
}

TEST_CASE("rule 12: digest agility, for each usage and selector (RFC 7671 §9)") {
    const Tlsa otherSelector{3, 0, 1, bytes(32)}, second512{3, 1, 2, bytes(64, 0x22)};
    struct Row {
        const char* why;
        std::vector<Tlsa> records, want;
    };
    const Row rows[] = {
        {"the stronger digest alone", {ee256, ee512}, {ee512}},
        {"all of the stronger one", {second512, ee256, ee512}, {ee512, second512}},
        {"the weaker one where it is all there is", {ee256}, {ee256}},
        {"records in full are always kept", {ee256, eeFull, ee512}, {eeFull, ee512}},
        {"beside the weaker digest too", {ee256, eeFull}, {eeFull, ee256}},
        {"each selector for itself", {ee512, otherSelector}, {otherSelector, ee512}},
        {"each usage for itself", {ee512, ta256}, {ta256, ee512}},
        {"the same in any order, once", {ee256, ta512, ee256}, {ta512, ee256}},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        CHECK(withDigestAgility(row.records) == row.want);
    }
}

TEST_CASE("what strangers publish is bounded: too many records are an error") {
    std::vector<Tlsa> many(DaneLookup::mostRecords + 1, ee256);
    const dns::RouteHost host{.name = "mx.example", .v4 = found(secure)};
    CHECK(shown(look(host, {{ofMx, tlsa(many)}}).finding) == "failed");
    many.pop_back();
    CHECK(shown(look(host, {{ofMx, tlsa(many)}}).finding) == "mx.example: 311");
}

TEST_CASE("rules 6, 9, 11, 13: what the records demand (RFC 7672 §2.2, §3.2.2, §8.1)") {
    const auto finding = [](std::vector<Tlsa> usable) {
        return DaneFinding{
            .kind = DaneFinding::Kind::records, .base = "mx.example", .usable = std::move(usable)};
    };
    struct Row {
        const char* why;
        std::vector<Tlsa> usable;
        HostSource source;
        std::optional<DomainName> expanded;
        Level level;
        std::vector<std::string> names;
        Assurance proves;
    };
    const auto yes = Assurance::authenticated;
    const auto half = Assurance::encrypted;
    const auto real = name("real.example");
    using Source = HostSource;
    const Row rows[] = {
        {"rule 10: DANE-EE asks for no name but bears the base",
         {ee256},
         Source::secureMx,
         real,
         Level::dane,
         {"mx.example"},
         yes},
        {"rule 11: DANE-TA: base, next hop, expanded next hop (§3.2.2)",
         {ta256},
         Source::secureMx,
         real,
         Level::dane,
         {"mx.example", "example.org", "real.example"},
         yes},
        {"rule 11: the next hop is no alias",
         {ta256},
         Source::secureMx,
         {},
         Level::dane,
         {"mx.example", "example.org"},
         yes},
        {"rule 11: beside DANE-EE as well",
         {ta256, ee256},
         Source::secureMx,
         {},
         Level::dane,
         {"mx.example", "example.org"},
         yes},
        {"rules 6, 11: insecure MX: the base only, and it is not shown as proven (§2.2.1, §3.2.2)",
         {ta256},
         Source::insecureMx,
         real,
         Level::dane,
         {"mx.example"},
         half},
        {"rule 6: DANE-EE likewise (§2.2.1)",
         {ee256},
         Source::insecureMx,
         {},
         Level::dane,
         {"mx.example"},
         half},
        {"rule 8: the administrator's own host is proven (§2.2.2)",
         {ta256},
         Source::administrator,
         {},
         Level::dane,
         {"mx.example", "example.org"},
         yes},
        {"rule 11: an expanded name that no secure MX answer gave counts for nothing",
         {ta256},
         Source::administrator,
         real,
         Level::dane,
         {"mx.example", "example.org"},
         yes},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        const auto claim =
            daneClaim(finding(row.usable), {"example.org", "mx.example", row.source}, row.expanded);
        REQUIRE(claim);
        CHECK(claim->origin.kind == record::Origin::Kind::dane);
        CHECK(claim->level == row.level);
        CHECK(claim->serverName == "mx.example");  // rule 13
        REQUIRE(claim->conditions.size() == 1);
        const auto& condition = std::get<record::TlsaCondition>(claim->conditions[0]);
        CHECK(condition.records == row.usable);
        CHECK(condition.referenceNames == row.names);
        CHECK(condition.proves == row.proves);
    }
    INFO("rule 9: none usable: TLS is a must, and proves nothing (§2.2)");
    const auto unusable = daneClaim(finding({}), {"example.org", "mx.example", Source::secureMx}, {});
    REQUIRE(unusable);
    CHECK(unusable->level == Level::encrypt);
    CHECK(unusable->conditions.empty());
    INFO("no records, no claim");
    CHECK_FALSE(daneClaim({}, {"example.org", "mx.example"}, {}));
    CHECK_FALSE(daneClaim({.kind = DaneFinding::Kind::failed}, {"example.org", "mx.example"}, {}));
}

TEST_CASE("a finding holds as long as the answers that it rests on") {
    const dns::RouteHost host{.name = "mx.example", .v4 = found(secure, "target.example")};
    CHECK(look(host, {{ofMx, tlsa({ee256})}}).finding.ttl == std::chrono::seconds(60));
    CHECK_FALSE(look({.name = "mx.example", .v4 = found(insecure)}, {}).finding.ttl);
}

}  // namespace postseal::policy
