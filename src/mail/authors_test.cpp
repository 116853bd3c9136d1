#include "mail/authors.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::mail;

namespace {

Authors of(std::string from, unsigned fields = 1) {
    HeaderFacts facts;
    facts.from = std::move(from);
    facts.fromFields = fields;
    return authorsOf(facts);
}

std::string domainsOf(const std::string& from) {
    std::string text;
    const auto authors = of(from);
    for (const auto& domain : authors.domains)
        text += (text.empty() ? "" : " ") + domain.text();
    return text;
}

}  // namespace

TEST_CASE("rule 59: every domain that From may be read to name") {
    struct Row {
        const char* from;
        const char* domains;
    };
    const Row rows[] = {
        {"alice@partner.example", "partner.example"},
        {"Alice <alice@Partner.Example>", "partner.example"},
        {"\"Alice, of x@evil.example\" <alice@partner.example>", "partner.example"},
        {"a@a.example, Bob <b@b.example>", "a.example b.example"},
        {"boss@partner.example <x@evil.example>", "partner.example evil.example"},
        {"Group: a@a.example, b@b.example;", "a.example b.example"},
        {"<@route.example:alice@partner.example>", "route.example partner.example"},
        {"alice@(comment)partner.example", "partner.example"},
        {"alice@partner (com\\)ment (nested)) . example", "partner.example"},
        {"alice @ partner.example", "partner.example"},
        {"\"alice\\\"@evil.example\"@partner.example", "partner.example"},
        {"\"alice <alice@partner.example>", "partner.example"},
        {"(alice <alice@partner.example>", "partner.example"},
        {"alice@B\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"alice@partner.example.", "partner.example"},
        {"alice@[192.0.2.1]", ""},
        {"undisclosed", ""},
        {"", ""},
    };
    for (const auto& row : rows) {
        INFO(std::string(row.from));
        CHECK(domainsOf(row.from) == row.domains);
    }
}

TEST_CASE("rule 59: what readers would differ in is not judged") {
    CHECK_FALSE(of("a@a.example").isUnreadable);
    CHECK(of("a@a.example", 2).isUnreadable);
    CHECK(of(std::string(4096, 'a')).isUnreadable);
}
