#include "policy/dane_records_test.hpp"
#include "policy/dane.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

using namespace test;
using record::Assurance;
using record::Level;

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

}  // namespace postseal::policy
