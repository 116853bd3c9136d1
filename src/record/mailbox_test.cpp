#include "record/mailbox.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace postseal;
using record::Mailbox;

TEST_CASE("rule 52: every spelling of an address has one canonical form") {
    struct Row {
        std::string_view why;
        std::string text;
        std::string local;
        std::string canonical;
    };
    const Row rows[] = {
        {"plain", "user@example.org", "user", "user@example.org"},
        {"the domain's case and trailing dot go, the local part's case stays", "User@EXAMPLE.org.", "User",
         "User@example.org"},
        {"a quoted local part is unquoted where it may be", "\"user\"@example.org", "user",
         "user@example.org"},
        {"a quoted pair is resolved", R"("us\er"@example.org)", "user", "user@example.org"},
        {"quotes stay where they must", R"("john doe"@example.org)", "john doe", R"("john doe"@example.org)"},
        {"an '@' inside quotes is no separator", R"("user@foreign.example"@example.org)",
         "user@foreign.example", R"("user@foreign.example"@example.org)"},
        {"signs that need a backslash", R"("a\"b\\c"@example.org)", R"(a"b\c)", R"("a\"b\\c"@example.org)"},
        {"a dot at the end only inside quotes", "\"user.\"@example.org", "user.", "\"user.\"@example.org"},
        {"the percent sign has no meaning of its own", "user%foreign.example@example.org",
         "user%foreign.example", "user%foreign.example@example.org"},
        {"U-labels become A-labels",
         "user@b\xc3\xbc"
         "cher.example",
         "user", "user@xn--bcher-kva.example"},
        {"an IPv4 literal", "user@[192.0.2.1]", "user", "user@[192.0.2.1]"},
        {"an IPv6 literal, any spelling", "user@[ipv6:2001:DB8:0::1]", "user", "user@[IPv6:2001:db8::1]"},
        {"an IPv4 address in IPv6 clothes", "user@[IPv6:::ffff:192.0.2.1]", "user", "user@[192.0.2.1]"},
        {"the longest local part", std::string(255, 'a') + "@example.org", std::string(255, 'a'),
         std::string(255, 'a') + "@example.org"},
        {"a list's return address is longer than the 64 octets that every server must take",
         "bounces+1234567-0a1b-somebody.with.a.long.name=subdomain.example.com@em.example.org",
         "bounces+1234567-0a1b-somebody.with.a.long.name=subdomain.example.com",
         "bounces+1234567-0a1b-somebody.with.a.long.name=subdomain.example.com@em.example.org"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto mailbox = Mailbox::parse(row.text);
        REQUIRE(mailbox);
        CHECK(mailbox->local() == row.local);
        CHECK(mailbox->toText() == row.canonical);
        CHECK(Mailbox::parse(mailbox->toText()).value() == *mailbox);
    }
}

TEST_CASE("rule 52: what is no mailbox is refused, not repaired (RFC 5321 §4.1.2)") {
    struct Row {
        std::string_view why;
        std::string text;
    };
    const Row rows[] = {
        {"empty", ""},
        {"no '@'", "user"},
        {"no local part", "@example.org"},
        {"an empty quoted local part", "\"\"@example.org"},
        {"no domain", "user@"},
        {"two '@'", "user@foreign.example@example.org"},
        {"a source route", "@relay.example:user@example.org"},
        {"two dots", "a..b@example.org"},
        {"a dot in front", ".a@example.org"},
        {"a dot behind", "a.@example.org"},
        {"a space", "a b@example.org"},
        {"a quote that never ends", "\"user@example.org"},
        {"a backslash at the end", "\"user\\"},
        {"text behind the quote", "\"user\"x@example.org"},
        {"CR in a quoted local part", "\"us\rer\"@example.org"},
        {"NUL in a quoted local part", std::string("\"us\0er\"@example.org", 19)},
        {"UTF-8 without SMTPUTF8", "us\xc3\xa9r@example.org"},
        {"a local part of 256 characters", std::string(256, 'a') + "@example.org"},
        {"an empty label", "user@example..org"},
        {"a second trailing dot", "user@example.org.."},
        {"an address without brackets", "user@192.0.2.1"},
        {"a literal without its end", "user@[192.0.2.1"},
        {"IPv6 without its tag", "user@[2001:db8::1]"},
        {"IPv4 with the IPv6 tag", "user@[IPv6:192.0.2.1]"},
        {"a name in brackets", "user@[example.org]"},
        {"angle brackets", "<user@example.org>"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto mailbox = Mailbox::parse(row.text);
        CHECK_FALSE(mailbox);
        if (!mailbox) CHECK_FALSE(mailbox.error().empty());
    }
}

TEST_CASE("rule 52, RFC 6531 §3.3: a local part beyond ASCII only where it may be") {
    struct Row {
        std::string_view why;
        std::string text;
        std::string canonical;  // empty: refused
    };
    const Row rows[] = {
        {"a letter", "b\xc3\xa4r@example.org", "b\xc3\xa4r@example.org"},
        {"within dots", "\xc3\xa4.\xc3\xb6@example.org", "\xc3\xa4.\xc3\xb6@example.org"},
        {"four octets", "\xf0\x9f\x93\xa7@example.org", "\xf0\x9f\x93\xa7@example.org"},
        {"quotes go where they may", "\"\xc3\xa4\"@example.org", "\xc3\xa4@example.org"},
        {"and stay where they must", "\"\xc3\xa4 b\"@example.org", "\"\xc3\xa4 b\"@example.org"},
        {"the domain is in A-labels",
         "\xc3\xa4@b\xc3\xbc"
         "cher.example",
         "\xc3\xa4@xn--bcher-kva.example"},
        {"no UTF-8", "b\xe4r@example.org", ""},
        {"overlong", "\xc0\xae@example.org", ""},
        {"a surrogate", "\xed\xa0\x80@example.org", ""},
        {"a character cut off", "b\xc3@example.org", ""},
        {"C1 controls", "b\xc2\x85r@example.org", ""},
        {"two dots", "\xc3\xa4..b@example.org", ""},
        {"the limit counts octets", std::string(254, 'a') + "\xc3\xa4@example.org", ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK_FALSE(Mailbox::parse(row.text));
        const auto mailbox = Mailbox::parse(row.text, record::Utf8::allowed);
        REQUIRE(mailbox.has_value() == !row.canonical.empty());
        if (!mailbox) continue;
        CHECK(mailbox->toText() == row.canonical);
        CHECK_FALSE(mailbox->isAscii());
        CHECK(Mailbox::parse(mailbox->toText(), record::Utf8::allowed).value() == *mailbox);
    }
    CHECK(Mailbox::parse("a@b\xc3\xbc"
                         "cher.example")
              .value()
              .isAscii());  // only the local part needs SMTPUTF8
}
