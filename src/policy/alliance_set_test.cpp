#include "policy/alliance_test.hpp"
#include "policy/outbound.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using namespace postseal::policy::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* withMx = R"("mx":["mx.a.example"],"anchors":["root-a"],"to":"secure")";

AllianceSet setOf(std::vector<JoinedAlliance> lists, AfterEnd afterEnd = AfterEnd::stay,
                  std::vector<std::string> ours = {}) {
    return {std::move(lists), afterEnd, ours};
}

MemberMode modeIn(const AllianceSet& set, std::string_view domain) {
    const auto found = set.find(domain);
    REQUIRE(found.size() == 1);
    return found.front().mode;
}

}  // namespace

TEST_CASE("a member's domain is itself, or all below it; the narrower one counts") {
    const auto set = setOf({joined({.members = member(R"("a.example")") + ',' + member(R"(".a.example")") +
                                               ',' + member(R"(".deep.a.example")", R"("to":"encrypt")")})});
    struct Row {
        const char *domain, *covered;
    };
    const Row rows[] = {{"a.example", "a.example"},
                        {"b.a.example", ".a.example"},
                        {"x.deep.a.example", ".deep.a.example"},
                        {"deep.a.example", ".a.example"},
                        {"xa.example", ""},
                        {"example", ""}};
    for (const auto& row : rows) {
        INFO(row.domain);
        const auto found = set.find(row.domain);
        CHECK((found.empty() ? "" : found.front().domain) == row.covered);
    }
}

TEST_CASE("what a member is held to is the least of the list's word and ours") {
    const auto text =
        ListText{.members = member(R"("a.example")") + ',' + member(R"("t.example")", "", "testing") + ',' +
                            member(R"("o.example")", "", "observe")};
    auto list = joined(text);
    CHECK(modeIn(setOf({list}), "a.example") == MemberMode::enforce);
    CHECK(modeIn(setOf({list}), "t.example") == MemberMode::testing);
    CHECK(modeIn(setOf({list}), "o.example") == MemberMode::observe);
    list.promoted = {"t.example", "o.example"};
    CHECK(modeIn(setOf({list}), "t.example") == MemberMode::enforce);
    CHECK(modeIn(setOf({list}), "o.example") == MemberMode::observe);  // the list's own word
    list.accepted.erase("a.example");
    list.accepted.erase("t.example");
    CHECK(modeIn(setOf({list}), "a.example") == MemberMode::testing);  // came later: not accepted yet
    CHECK(modeIn(setOf({list}), "t.example") == MemberMode::testing);
    list.isObserved = true;
    CHECK(modeIn(setOf({list}), "t.example") == MemberMode::observe);
}

TEST_CASE("claims: an enforced member's hosts prove themselves by the list's anchors, others only tell") {
    auto list = joined({.members = member(R"("a.example")", withMx) + ',' + member(R"("b.example")") + ',' +
                                   member(R"("d.example")", R"("to":"dane")") + ',' +
                                   member(R"("m.example")", R"("to":"may")")});
    const auto set = setOf({list});
    const auto claims = set.claims("a.example", now);
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].level == record::Level::secure);
    CHECK(claims[0].hosts == std::vector<MxPattern>{{"mx.a.example"}});
    CHECK(claims[0].detail == "post, version 7: a.example");
    const auto decision = decide(claims, {"a.example", "mx.a.example", HostSource::alliance});
    CHECK(toText(decision.requirement)
              .starts_with("secure ciphers=medium match=mx.a.example protocols=TLSv1.2:TLSv1.3 tafile=41"));
    CHECK(toText(decide(set.claims("b.example", now), {"b.example", "mx"}).requirement)
              .find("match=b.example:.b.example") != std::string::npos);
    CHECK(asksForTlsa(set.claims("d.example", now).at(0)));
    CHECK(set.claims("m.example", now).empty());
    CHECK(set.claims("x.example", now).empty());

    list.isObserved = true;
    const auto observed = setOf({list}).claims("a.example", now).at(0);
    CHECK(observed.level == record::Level::may);
    CHECK(observed.conditions.empty());
    CHECK(observed.detail == "post, version 7: a.example; only observed: it would demand secure");
}

TEST_CASE("rules: a member's client proves itself by a listed name or key; an address proves nobody") {
    const std::string pin(64, '1');
    const auto clients = fmt::format(
        R"("clients":[{{"name":"out.a.example"}},{{"spki_sha256":"{}"}},{{"address":"192.0.2.0/24"}}],)",
        pin);
    const auto rulesOf = [&](const std::string& more, const std::string& mode = "enforce") {
        const auto text = fmt::format(R"({{"domains":["a.example"],"to":"may","mode":"{}",{}}})", mode, more);
        return setOf({joined({.members = text})}, AfterEnd::stay, {"ours.example"}).rules("a.example");
    };
    const auto verify =
        rulesOf(clients + R"("mx":["mx.a.example"],"anchors":["root-a"],"from":"verify")").at(0);
    CHECK(verify.key == InboundKey{InboundKey::Kind::domain, "a.example"});
    CHECK(verify.level == InboundLevel::verify);
    CHECK(verify.origin == record::Origin{record::Origin::Kind::alliance, "post"});
    CHECK(verify.match ==
          std::vector<record::NamePattern>{{record::NamePattern::Kind::exact, "out.a.example"}});
    CHECK(verify.pins.size() == 1);
    CHECK(verify.anchors.size() == 1);
    CHECK(verify.hosts.empty());
    const auto encrypt = rulesOf(clients + R"("from":"encrypt")").at(0);
    CHECK(encrypt.hosts.networks.size() == 1);
    CHECK(encrypt.hosts.names.size() == 1);
    CHECK(encrypt.match.empty());
    const auto pinned = rulesOf(clients + R"("from":"fingerprint")").at(0);
    CHECK(pinned.pins.size() == 1);
    CHECK(pinned.match.empty());
    const auto byMx = rulesOf(R"("mx":["mx.a.example","*.m.a.example"],"from":"verify")").at(0);
    CHECK(byMx.match == std::vector<record::NamePattern>{{record::NamePattern::Kind::exact, "mx.a.example"},
                                                         {record::NamePattern::Kind::below, "m.a.example"}});
    CHECK(rulesOf(R"("from":"dane")").at(0).match ==
          std::vector<record::NamePattern>{{record::NamePattern::Kind::hostname}});
    CHECK(rulesOf(R"("from":"encrypt")", "testing").at(0).mode == InboundMode::testing);
    CHECK(rulesOf(R"("from":"encrypt")", "observe").empty());
    CHECK(rulesOf(R"("from":"may")").empty());
}

TEST_CASE("rules: for whom a client with a certificate may speak") {
    const std::string pin(64, '1');
    const auto text = fmt::format(
        R"({{"domains":["a.example",".a.example"],"clients":[{{"name":"out.example"}},{{"spki_sha256":"{}"}}],)"
        R"("to":"may","from":"verify","mode":"enforce"}},{{"domains":["b.example"],"mx":["mx.b.example"],"to":"may",)"
        R"("from":"verify","mode":"testing"}},{{"domains":["c.example"],"mx":["out.example"],"to":"may","from":"encrypt",)"
        R"("mode":"enforce"}})",
        pin);
    const auto set = setOf({joined({.members = text})});
    CHECK(set.needsCertificates());
    CHECK_FALSE(setOf({joined({.members = member(R"("a.example")")})}).needsCertificates());
    using Names = std::vector<std::string>;
    CHECK(set.domainsOf({.names = {"out.example"}}) == Names{"a.example"});
    CHECK(set.domainsOf({.names = {"x.example", "mx.b.example"}}) == Names{"b.example"});
    ClientCertificate keyed;
    keyed.spki.fill(std::byte{0x11});
    CHECK(set.domainsOf(keyed) == Names{"a.example"});
    CHECK(set.domainsOf({}).empty());
}

TEST_CASE("rules: none against our own people, and revoked anchors prove nobody") {
    const auto text = ListText{.members = R"({"domains":["a.example"],"anchors":["root-a"],"to":"may",)"
                                          R"("from":"verify","mode":"enforce"})",
                               .anchors = R"({"name":"root-a","certificate":"A","revoked":true})"};
    CHECK(setOf({joined(text)}, AfterEnd::stay, {"a.example"}).rules("a.example").empty());
    const auto rule = setOf({joined(text)}).rules("a.example").at(0);
    REQUIRE(rule.anchors.size() == 1);  // not none, which would be the configured CAs
    CHECK(rule.anchors.front().pem == nullptr);
}

TEST_CASE("claims: two lists both hold, and a conflict of theirs is told") {
    const auto one = joined({.members = member(R"("a.example")", withMx)});
    const auto other =
        joined({.members = member(R"(".a.example","a.example")",
                                  R"("mx":["*.mail.a.example"],"anchors":["root-b"],"to":"secure")"),
                .name = "other"});
    const auto set = setOf({one, other});
    CHECK(set.claims("a.example", now).size() == 2);
    const auto conflicts = set.conflicts();
    REQUIRE(conflicts.size() == 1);
    CHECK(conflicts[0] ==
          AllianceSet::Conflict{"a.example", "other", "post", "no mail host is in both lists"});
    CHECK(set.claims("a.example", now)[0].detail ==
          "post, version 7: a.example; in conflict with other: no mail host is in both lists");
    const auto rooted = joined(
        {.members = member(R"("a.example")", R"("anchors":["root-b"],"to":"secure")"), .name = "rooted"});
    CHECK(setOf({one, rooted}).conflicts().at(0).words == "they name different trust anchors");
    const auto agreeing = joined({.members = member(R"("a.example")", withMx), .name = "other"});
    CHECK(setOf({one, agreeing}).conflicts().empty());
}

TEST_CASE("claims: after its end a list holds as before, or mail waits; it never falls") {
    const auto list =
        joined({.members = member(R"("a.example")", withMx), .expires = "2026-11-20T00:00:00Z"});
    const auto stays = setOf({list}).claims("a.example", now).at(0);
    CHECK(stays.level == record::Level::secure);
    CHECK(stays.barred.empty());
    CHECK(stays.detail == "post, version 7: a.example; the list ended on 2026-11-20");
    const auto waits = setOf({list}, AfterEnd::wait);
    CHECK(waits.claims("a.example", now).at(0).barred ==
          "the list of the alliance post ended on 2026-11-20 and was not renewed");
    CHECK(waits.claims("a.example", list.list.expires - 1us).at(0).barred.empty());
    CHECK(waits.nextEnd(list.list.expires - 1us) == list.list.expires);
    CHECK_FALSE(waits.nextEnd(list.list.expires));
}

TEST_CASE("claims: whose anchors are all revoked is not reached, rather than by any CA") {
    const auto list = joined({.members = member(R"("a.example")", withMx),
                              .anchors = R"({"name":"root-a","certificate":"A","revoked":true})"});
    CHECK(setOf({list}).claims("a.example", now).at(0).barred ==
          "all trust anchors that the alliance post names for a.example are revoked");
}
