#include "cli/postfix_tables.hpp"

#include "policy/alliance_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace postseal::cli {
namespace {

using policy::test::joined;
using policy::test::member;

std::string fileOf(const std::vector<PostfixFile>& files, const std::string& name) {
    const auto found = std::ranges::find(files, name, &PostfixFile::name);
    return found == files.end() ? std::string() : found->text;
}

/// Without the remarks.
std::string linesOf(const std::string& text) {
    std::string lines;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (text[at] != '#') lines += text.substr(at, end + 1 - at);
        at = end + 1;
    }
    return lines;
}

}  // namespace

TEST_CASE("tables for a Postfix say what members promise, and leave out who is not enforced") {
    const std::string key(64, '1');
    const auto inbound =
        R"({"domains":["i.example"],"to":"may","mode":"enforce","from":"verify","clients":[{"spki_sha256":")" +
        key + R"("}]})";
    const policy::AllianceSet set(
        {joined({.members = member(R"("a.example",".a.example")",
                                   R"("mx":["mx.a.example","*.m.a.example"],"to":"secure")") +
                            ',' + member(R"("b.example")", R"("to":"dane")") + ',' +
                            member(R"("e.example")", R"("to":"encrypt")") + ',' +
                            member(R"("t.example")", R"("to":"secure")", "testing") + ',' +
                            member(R"("n.example")", R"("to":"verify")") + ',' + inbound +
                            R"(,{"domains":["p.example"],"to":"may","mode":"enforce","from":"encrypt"})"})},
        policy::AfterEnd::stay, {});
    const auto files = postfixTables(set, "/etc/x");
    CHECK(linesOf(fileOf(files, "tls_policy")) == ".a.example secure match=mx.a.example:.m.a.example\n"
                                                  "a.example secure match=mx.a.example:.m.a.example\n"
                                                  "b.example dane-only\n"
                                                  "e.example encrypt\n"
                                                  "n.example secure match=nexthop:dot-nexthop\n");
    CHECK(linesOf(fileOf(files, "sender_access")) ==
          "i.example check_ccert_access hash:/etc/x/client_certs, reject\n"
          "p.example reject_plaintext_session\n");
    CHECK(linesOf(fileOf(files, "client_certs")).ends_with(":11 OK\n"));
}

TEST_CASE("a member's own anchors stand in a file beside the tables") {
    auto list = joined({.members = member(R"("a.example")", R"("anchors":["root-a"],"to":"secure")")});
    list.list.members[0].anchors[0].pem = std::make_shared<const std::string>("PEM");
    const auto files = postfixTables(policy::AllianceSet({list}, policy::AfterEnd::stay, {}), "/etc/x");
    CHECK(fileOf(files, "anchors-1.pem") == "PEM\n");
    CHECK(fileOf(files, "tls_policy").ends_with(" tafile=/etc/x/anchors-1.pem\n"));
}

}  // namespace postseal::cli
