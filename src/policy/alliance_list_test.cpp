#include "policy/alliance_test.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using namespace postseal::policy::test;

namespace {

constexpr const char* pin = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

std::string memberText(const std::string& more) {
    return R"({"domains":["a.example"],)" + more + "}";
}

}  // namespace

TEST_CASE("a list is read whole, and unknown keys are ignored") {
    const auto text = textOf(
        {.members =
             fmt::format(R"({{"domains":["A.example",".a.example"],"mx":["mx.a.example","*.mail.a.example"],)"
                         R"("clients":[{{"name":"mx.a.example"}},{{"spki_sha256":"{}"}},)"
                         R"({{"address":"192.0.2.0/24"}}],"anchors":["root-a"],"to":"secure",)"
                         R"("from":"verify","mode":"testing","note":{{"x":[1]}}}})",
                         pin),
         .more = R"(,"later":true,"successor_keys":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="])"});
    const auto read = parseAlliance(text, readAnchor);
    REQUIRE_MESSAGE(read.has_value(), read.error());
    CHECK(read->name == "post");
    CHECK(read->version == 7);
    REQUIRE(read->successorKeys.size() == 1);
    CHECK(read->successorKeys[0] == base::Bytes(32));
    REQUIRE(read->members.size() == 1);
    const auto& one = read->members.front();
    CHECK(one.domains == std::vector<std::string>{"a.example", ".a.example"});
    CHECK(one.mx == std::vector<MxPattern>{{"mx.a.example", false}, {"mail.a.example", true}});
    CHECK(one.clients.size() == 3);
    CHECK(one.anchors.size() == 1);
    CHECK(one.to == record::Level::secure);
    CHECK(one.from == InboundLevel::verify);
    CHECK(one.mode == MemberMode::testing);
}

TEST_CASE("a list that is not understood, or takes in strangers, is refused whole") {
    struct Row {
        const char *why, *member, *words;
    };
    const Row rows[] = {
        {"an unknown level", R"("to":"tls","from":"may","mode":"enforce")",
         R"(member 1 (a.example): "to" is may)"},
        {"`none` lowers", R"("to":"none","from":"may","mode":"enforce")",
         R"(member 1 (a.example): "to" is may)"},
        {"an unknown level of mail from it", R"("to":"may","from":"refuse","mode":"enforce")",
         R"(member 1 (a.example): "from" is may)"},
        {"an unknown mode", R"("to":"may","from":"may","mode":"strict")",
         R"(member 1 (a.example): "mode" is enforce)"},
        {"no level at all", R"("from":"may","mode":"enforce")", R"("to" is not there)"},
        {"a provider's customer name space",
         R"("mx":["*.mail.protection.outlook.com"],"to":"secure","from":"may","mode":"enforce")",
         R"(member 1 (a.example): "*.mail.protection.outlook.com" takes in hosts of others)"},
        {"every host below a suffix", R"("mx":["*.co.uk"],"to":"secure","from":"may","mode":"enforce")",
         R"(member 1 (a.example): "*.co.uk" takes in everybody's hosts)"},
        {"an anchor that is not there", R"("anchors":["root-c"],"to":"secure","from":"may","mode":"enforce")",
         R"(member 1 (a.example): its anchor "root-c" is not among)"},
        {"a fingerprint of nothing", R"("to":"fingerprint","from":"may","mode":"enforce")",
         R"(member 1 (a.example): "to": "fingerprint" needs "anchors")"},
        {"a client's fingerprint of nothing", R"("to":"may","from":"fingerprint","mode":"enforce")",
         R"(member 1 (a.example): "from": "fingerprint" needs "clients")"},
        {"a client without anything", R"("clients":[{}],"to":"may","from":"may","mode":"enforce")",
         R"(member 1 (a.example): a client has a "name")"},
    };
    for (const auto& row : rows) {
        const auto read = parseAlliance(textOf({.members = memberText(row.member)}), readAnchor);
        INFO(row.why);
        REQUIRE_FALSE(read);
        INFO(read.error());
        CHECK(read.error().starts_with(row.words));
    }
    struct DomainRow {
        const char *domains, *words;
    };
    const DomainRow domains[] = {
        {R"("co.uk")", R"(member 1 (co.uk): "co.uk" is a public suffix)"},
        {R"(".github.io")", R"(member 1 (.github.io): ".github.io" is a public suffix)"},
        {R"("example")", R"(member 1 (example): "example" is a public suffix)"},
        {R"("a.example","A.EXAMPLE.")", R"(member 1 (a.example): "A.EXAMPLE." is in the list twice)"},
        {R"("a..example")", R"(member 1 (a..example): "a..example" is no domain)"},
        {"", "member 1 has no domains"},
    };
    for (const auto& row : domains) {
        const auto read = parseAlliance(textOf({.members = member(row.domains)}), readAnchor);
        INFO(row.domains);
        REQUIRE_FALSE(read);
        INFO(read.error());
        CHECK(read.error().starts_with(row.words));
    }
}

TEST_CASE("the frame of a list is as strict") {
    struct Row {
        ListText list;
        const char* words;
    };
    const Row rows[] = {
        {{.members = ""}, "it has no members"},
        {{.members = member(R"("a.example")"), .name = "p st"}, R"("alliance" is not a name)"},
        {{.members = member(R"("a.example")"), .expires = "2026-10-01T00:00:00Z"}, "it expires before"},
        {{.members = member(R"("a.example")"), .expires = "soon"}, R"("expires" is not a time)"},
        {{.members = member(R"("a.example")"), .anchors = R"({"name":"x","certificate":"no"})"},
         R"(anchor "x": it holds no)"},
        {{.members = member(R"("a.example")"), .anchors = R"({"name":"x"})"}, R"(anchor "x": it has either)"},
        {{.members = member(R"("a.example")"), .anchors = R"({"name":"x","spki_sha256":"00"})"},
         R"("spki_sha256" is not 64)"},
        {{.members = member(R"("a.example")"), .more = R"(,"successor_keys":["AAAA"])"},
         R"("successor_keys": "AAAA" is no Ed25519)"},
    };
    for (const auto& row : rows) {
        const auto read = parseAlliance(textOf(row.list), readAnchor);
        INFO(row.words);
        REQUIRE_FALSE(read);
        INFO(read.error());
        CHECK(read.error().starts_with(row.words));
    }
}

TEST_CASE("an anchor is revoked by any entry with its key; who has no other can't be proven") {
    const auto anchors =
        fmt::format(R"({{"name":"old","certificate":"A"}},{{"name":"new","certificate":"B"}},)"
                    R"({{"name":"gone","spki_sha256":"41{}","revoked":true}})",
                    std::string(62, '0'));
    const auto read = parseAlliance(
        textOf({.members = member(R"("a.example")", R"("anchors":["old","new"],"to":"secure")") + ',' +
                           member(R"("b.example")", R"("anchors":["old"],"to":"secure")"),
                .anchors = anchors}),
        readAnchor);
    REQUIRE_MESSAGE(read.has_value(), read.error());
    CHECK(read->members[0].anchors.size() == 1);
    CHECK_FALSE(read->members[0].isBereft);
    CHECK(read->members[1].anchors.empty());
    CHECK(read->members[1].isBereft);
}

TEST_CASE("a key is 32 octets in base64, bare or as OpenSSL writes it") {
    CHECK(parseAllianceKey("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").value() == base::Bytes(32));
    CHECK(parseAllianceKey("MCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").value() ==
          base::Bytes(32));
    for (const char* text :
         {"", "AAAA", "MCowBQYDK2VuAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "key"})
        CHECK_FALSE(parseAllianceKey(text));
}
