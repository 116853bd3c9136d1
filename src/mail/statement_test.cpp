#include "mail/statement.hpp"
#include "mail/statement_filter.hpp"

#include "base/utf8.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace postseal::mail {
namespace {

using OfOurs = StatementFilter::OfOurs;

base::DomainName name(std::string_view text) {
    return base::DomainName::parse(text).value();
}

struct Passed {
    std::string text;
    unsigned ours = 0;  // taken out, or left
};

Passed passInChunks(std::string_view text, std::size_t chunk, const base::DomainName& id,
                    OfOurs ofOurs = OfOurs::removed) {
    StatementFilter filter(id, ofOurs);
    Passed passed;
    for (std::size_t at = 0; at < text.size(); at += chunk)
        passed.text += filter.pass(text.substr(at, chunk));
    passed.text += filter.finish();
    passed.ours = filter.removed() + filter.kept();
    return passed;
}

/// In any split of the octets.
Passed pass(std::string_view text, const base::DomainName& id = name("mx.example.org")) {
    const auto whole = passInChunks(text, text.size() + 1, id);
    for (const std::size_t chunk : {1U, 2U, 7U}) {
        const auto split = passInChunks(text, chunk, id);
        CHECK(split.text == whole.text);
        CHECK(split.ours == whole.ours);
    }
    return whole;
}

std::string message(std::string_view field) {
    return "Subject: a\r\n" + std::string(field) + "\r\nTo: b@example.org\r\n\r\nbody\r\n";
}
const std::string clean = "Subject: a\r\nTo: b@example.org\r\n\r\nbody\r\n";

std::string spread(std::string_view text, std::string_view between) {
    std::string out;
    for (const char c : text)
        out.append(1, c).append(between);
    return out;
}

}  // namespace

TEST_CASE("rule 40: a field that some reader takes for our statement is taken out, however it is written") {
    const std::string id = "mx.example.org";
    struct Row {
        const char* why;
        std::string field;
    };
    const Row rows[] = {
        {"as we write it", "Transport-Security: mx.example.org; hop=1; assurance=authenticated"},
        {"in another case", "tRANSPORT-security:MX.Example.ORG;hop=1"},
        {"nothing but the id", "Transport-Security: mx.example.org"},
        {"white space before the colon", "Transport-Security \t : mx.example.org; hop=1"},
        {"folded", "Transport-Security:\r\n \r\n\tmx.example.org\r\n ;\r\n hop=1"},
        {"folded before the colon", "Transport-Security\r\n : mx.example.org; hop=1"},
        {"the root's dot", "Transport-Security: mx.example.org.; hop=1"},
        {"a comment before", "Transport-Security: (a (nested \\) one)) mx.example.org; hop=1"},
        {"a comment behind", "Transport-Security: mx.example.org(; other.example); hop=1"},
        {"comments within", "Transport-Security: mx(a).(b)example(c).org; hop=1"},
        {"a comment amid a label", "Transport-Security: mx.exa(a)mple.org; hop=1"},
        {"a comment without an end", "Transport-Security: (\\) mx.example.org; hop=1"},
        {"quoted", "Transport-Security: \"mx.example.org\"; hop=1"},
        {"quoted with escapes", "Transport-Security: \"m\\x.\\example.org\"; hop=1"},
        {"quoted in part", "Transport-Security: mx.\"example\".org; hop=1"},
        {"a quote without an end", "Transport-Security: \"mx.example.org; hop=1"},
        {"escaped without quotes", "Transport-Security: m\\x\\.example.org; hop=1"},
        {"the obsolete form", "Transport-Security: mx\r\n . example .\r\n org; hop=1"},
        {"folded amid a label", "Transport-Security: mx.exam\r\n ple.org; hop=1"},
        {"another sign behind it", "Transport-Security: mx.example.org/1; hop=1"},
        {"no sign behind it", "Transport-Security: mx.example.org hop=1"},
        {"a semicolon before it", "Transport-Security: ; mx.example.org; hop=1"},
        {"angle brackets", "Transport-Security: <mx.example.org>; hop=1"},
        {"an encoded word", "Transport-Security: =?utf-8?q?mx.example.org?=; hop=1"},
        {"an encoded word behind it", "Transport-Security: mx.example=?utf-8?q?.org;_hop=3D1?="},
        {"fullwidth letters", "Transport-Security: \uff4d\uff58.example.org; hop=1"},
        {"an ideographic dot", "Transport-Security: mx\u3002example.org; hop=1"},
        {"ideographic dots in the obsolete form",
         "Transport-Security: mx \u3002\r\n example\r\n \uff0e org; hop=1"},
        {"a soft hyphen", "Transport-Security: mx.exam\u00adple.org; hop=1"},
        {"spaces that are none of ASCII's", "Transport-Security: \u00a0mx.example.org\u2003; hop=1"},
        {"octets that are no characters", "Transport-Security: \xff\xfemx.exam\x80ple.org; hop=1"},
        {"an octet behind it", "Transport-Security: mx.example.org\xff; hop=1"},
        {"octets in the name", "Tr\xc2\xa0"
                               "ansport-Security\xff: mx.example.org; hop=1"},
        {"a vertical tab in the name", "Transport-\vSecurity: mx.example.org; hop=1"},
        {"longer than is held",
         "Transport-Security: (" + std::string(20'000, 'a') + ") mx.example.org; hop=1"},
        {"longer than is held, folded",
         "Transport-Security:" + spread(std::string(9000, ' '), "\r\n ") + "mx.example.org; hop=1"},
        {"a name longer than is held",
         "Transport-Security" + std::string(20'000, ' ') + ": mx.example.org; hop=1"},
        {"NUL in it", std::string("Transport-Security: mx.exam\0ple.org; hop=1", 42)},
        {"NUL behind it", std::string("Transport-Security: mx.example.org\0.evil.example; hop=1", 55)},
        {"NUL in the name", std::string("Transport\0-Security: mx.example.org; hop=1", 42)},
        {"controls between all", "Transport-Security: " + spread(id, "\x01") + "; hop=1"},
    };
    for (const auto& [why, field] : rows) {
        INFO(why);
        const auto passed = pass(message(field));
        CHECK(passed.text == clean);
        CHECK(passed.ours == 1);
    }
}

TEST_CASE("rule 40: an internationalized id in each of its forms") {
    const auto id = name("m\u00fcller.example");
    for (const auto* written :
         {"xn--mller-kva.example", "XN--MLLER-KVA.example", "m\u00fcller.example", "M\u00dcLLER.example",
          "mu\u0308ller.example", "m\xfcller.example", "\"m\u00fcller\".example"}) {
        INFO(written);
        CHECK(pass(message("Transport-Security: " + std::string(written) + "; hop=1"), id).text == clean);
        CHECK(pass(message("Transport-Security: " + std::string(written) + "; hop=1")).ours == 0);
        // Octets that are no UTF-8 are read as another charset, in which such spaces are letters.
        if (!base::isUtf8(written)) continue;
        for (const auto* gap : {"\u00a0", "\u3000\ufeff", "\u2003 ", "\x01\u2028 "}) {
            std::string field = "Transport-Security:";
            field.append(gap).append(written).append(gap).append("; hop=1");
            CHECK(pass(message(field), id).text == clean);
        }
    }
    CHECK(pass(message("Transport-Security: muller.example; hop=1"), id).ours == 0);
}

TEST_CASE("rule 40: others' statements and all else pass octet for octet") {
    const std::string many(20'000, 'a');
    for (const auto& field : {
             std::string("Transport-Security: mx.example.net; hop=1"),
             std::string("Transport-Security: amx.example.org; hop=1"),
             std::string("Transport-Security: mx.example.organization; hop=1; by=mx.example.org"),
             std::string("Transport-Security: a.mx.example.org; hop=1"),
             std::string("Transport-Security: example.org; hop=1"),
             std::string(
                 "Transport-Security: (not mx.example.org; (but)) other.example; name=\"mx.example.org\""),
             std::string("Transport-Security:\r\n\tother.example;\r\n mx.example.org"),
             std::string("Transport-Security: \u00e4mx.example.org; hop=1"),
             std::string("Transport-Security: other.example; note=" + many),
             std::string("Transport-Security:"),
             std::string("Transport-Security"),
             std::string("X-Transport-Security: mx.example.org; hop=1"),
             std::string("Transport-Securitys: mx.example.org; hop=1"),
             std::string("Strict-Transport-Security: mx.example.org"),
             std::string("X: " + many),
             std::string("X:\r\n Transport-Security: mx.example.org; hop=1"),
             std::string("X-8bit: \xff\xfe\x80"),
         }) {
        INFO(field.substr(0, 80));
        const auto passed = pass(message(field));
        CHECK(passed.text == message(field));
        CHECK(passed.ours == 0);
    }
}

TEST_CASE("rule 40: wherever it stands in the header, and how often, and never below it") {
    const std::string forged = "Transport-Security: mx.example.org; hop=1\r\n";
    struct Row {
        const char* why;
        std::string text, want;
    };
    const Row rows[] = {
        {"the first", forged + clean, clean},
        {"the last", "A: b\r\n" + forged + "\r\nbody", "A: b\r\n\r\nbody"},
        {"alone", forged + "\r\nbody", "\r\nbody"},
        {"without a body", "A: b\r\n" + forged, "A: b\r\n"},
        {"without an end", "A: b\r\nTransport-Security: mx.example.org; hop", "A: b\r\n"},
        {"twice, and again", forged + forged + "A: b\r\n" + forged + "\r\n", "A: b\r\n\r\n"},
        {"its continuation goes with it", "Transport-Security: mx.example.org;\r\n hop=1\r\nA: b\r\n",
         "A: b\r\n"},
        {"below a line that is no field", "A: b\r\nno field\r\n" + forged + "\r\n",
         "A: b\r\nno field\r\n\r\n"},
        {"below mbox's line", "From a b\r\n" + forged + "\r\n", "From a b\r\n\r\n"},
        {"below a line of white space", "A: b\r\n \t\r\n" + forged + "\r\n", "A: b\r\n \t\r\n\r\n"},
        {"LF alone", "A: b\nTransport-Security: mx.example.org\n\nbody", "A: b\n\nbody"},
        {"CR alone", "A: b\rTransport-Security: mx.example.org\r\nC: d\r\n", "A: b\rC: d\r\n"},
        {"a CR too many is no end of the header", "A: b\r\r\n" + forged + "\r\n", "A: b\r\r\n\r\n"},
        {"in the body it stays", "\r\n" + forged, "\r\n" + forged},
        {"and below the body", "A: b\r\n\r\n" + forged + "\r\n" + forged,
         "A: b\r\n\r\n" + forged + "\r\n" + forged},
        {"nothing", "", ""},
    };
    for (const auto& [why, text, want] : rows) {
        INFO(why);
        CHECK(pass(text).text == want);
    }
    const auto kept = passInChunks(forged + forged + clean, 5, name("mx.example.org"), OfOurs::kept);
    CHECK(kept.text == forged + forged + clean);
    CHECK(kept.ours == 2);
    StatementFilter left(name("mx.example.org"), OfOurs::kept);
    left.pass(forged + clean);
    CHECK(left.kept() == 1);
    CHECK(left.removed() == 0);
}

TEST_CASE("the statement of a hop is what its record says") {
    record::HopRecord hop;
    hop.assurance = record::Assurance::authenticated;
    auto& tls = hop.tls.emplace();
    tls.protocol = "TLSv1.3";
    tls.cipher = "TLS_AES_256_GCM_SHA384";
    tls.group = "X25519";
    tls.authenticatedBy = record::Proof::clientCertificate;
    tls.name = "mail.partner.example";
    hop.requirement = record::Requirement{.level = record::Level::verify,
                                          .origin = {record::Origin::Kind::alliance, "po(st"}};
    const Statement statement{
        .id = "mx.example.org", .hop = 2, .record = hop, .from = "partner.example", .aligned = Aligned::yes};
    CHECK(toField(statement) ==
          "Transport-Security: mx.example.org; hop=2; assurance=authenticated;\r\n"
          "\tby=client-certificate; name=mail.partner.example; from=partner.example;\r\n"
          "\taligned=yes; protocol=TLSv1.3; cipher=TLS_AES_256_GCM_SHA384;\r\n"
          "\tgroup=X25519; requirement=verify (alliance:post)\r\n");
    CHECK(pass(toField(statement)).ours == 1);

    auto hidden = statement;
    hidden.isHidden = true;
    CHECK(toField(hidden).find("mail.partner.example") == std::string::npos);

    record::HopRecord open;
    open.assurance = record::Assurance::cleartext;
    CHECK(toField({.id = "mx.example.org", .record = open}) ==
          "Transport-Security: mx.example.org; hop=1; assurance=cleartext\r\n");
    CHECK(toField({.id = "mx.example.org",
                   .record = open,
                   .from = "a\"; aligned=yes\r\n",
                   .aligned = Aligned::no}) ==
          "Transport-Security: mx.example.org; hop=1; assurance=cleartext;\r\n"
          "\tfrom=\"a\\\"; aligned=yes??\"; aligned=no\r\n");
}

}  // namespace postseal::mail
