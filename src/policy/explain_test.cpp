#include "policy/explain.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using record::Level;
using Kind = record::NamePattern::Kind;

namespace {

const record::Requirement encrypt{.level = Level::encrypt};
const record::Requirement secure{
    .level = Level::secure,
    .allOf = {record::NamesCondition{{{Kind::exact, "example.org"}, {Kind::below, "example.org"}}}},
    .origin = {record::Origin::Kind::map},
    .also = {{Level::encrypt, {record::Origin::Kind::sender}}}};

}  // namespace

TEST_CASE("what was demanded, by whom") {
    CHECK(demanded({}) ==
          "encryption where it is offered (level may, demanded by the sending mail server's configuration)");
    CHECK(
        demanded(encrypt) ==
        "an encrypted connection (TLS) (level encrypt, demanded by the sending mail server's configuration)");
    CHECK(demanded(secure) ==
          "an encrypted connection (TLS) to a server that shows a valid certificate for example.org or a "
          "name below "
          "example.org, issued by a CA that the sending server trusts (level secure, demanded by the policy "
          "map of the "
          "sending mail server's administrator; also level encrypt by the sender of the message)");
    const record::Requirement pinned{
        .level = Level::fingerprint,
        .allOf = {record::FingerprintCondition{{{record::Fingerprint::Of::either, base::Bytes(32)}}}}};
    CHECK(demanded(pinned).starts_with("an encrypted connection (TLS) to a server that shows the certificate "
                                       "or key with the listed fingerprint"));
}

TEST_CASE("what was found: a code of RFC 3463 and one line; foreign words escaped (rule 55)") {
    using How = Unmet::How;
    struct Row {
        Unmet unmet;
        const char* code;
        const char* words;
    };
    const Row rows[] = {
        {{How::noStarttls, "mx.example.org[192.0.2.1]:25", ""},
         "4.7.4",
         "mx.example.org[192.0.2.1]:25 offers no encryption (no STARTTLS); the policy demands "},
        {{How::starttlsRefused, "mx", "454 no\r\n250 ok"},
         "4.7.4",
         "mx refused STARTTLS: 454 no\\x0d\\x0a250 ok; "},
        {{How::handshakeFailed, "mx", "no shared cipher"},
         "4.7.5",
         "no TLS connection to mx came about: no shared cipher; "},
        {{How::notAuthenticated, "mx", "the certificate \"mx\" expired"},
         "4.7.5",
         "mx could not prove who it is: the certificate \"mx\" expired; "},
        {{How::noRequireTls, "mx", ""}, "4.7.30", "mx does not offer to keep the message encrypted "},
        {{How::notListed, "mx", ""},
         "4.7.5",
         "mx is not among the servers that the domain's MTA-STS policy "},
        {{How::notOfAlliance, "mx", ""},
         "4.7.5",
         "mx is not among the servers that the alliance's list names"},
        {{How::barred, "mx", "its list has ended"}, "4.7.5", "mx is not asked: its list has ended; "},
        {{How::lookupFailed, "mx", "SERVFAIL\n"},
         "4.7.5",
         "the TLSA records (DANE) of mx could not be looked up: SERVFAIL\\x0a; "},
        {{How::noTlsa, "mx", ""}, "4.7.5", "mx has no TLSA records (DANE) that DNSSEC proves; "},
        {{How::dnssecUntested, "mx", ""}, "4.7.5", "the sending server's resolver fails to validate DNSSEC"},
    };
    for (const auto& row : rows) {
        const auto later = deferral(secure, row.unmet);
        CHECK(later.code == row.code);
        CHECK(later.words.starts_with(row.words));
        const auto final = refusal(secure, row.unmet);
        CHECK(final.code == "5" + std::string(row.code).substr(1));
        CHECK(final.words == later.words);
    }
}

TEST_CASE("a report tells the sender what was demanded, by whom, what was found and what to do") {
    const auto text = forSender(secure,
                                {Unmet::How::notAuthenticated, "mx.example.org[192.0.2.1]:25",
                                 "the certificate is for mx.example.net, not for mx.example.org"},
                                "example.org");
    CHECK(text.english.starts_with("Your message to example.org could not be delivered securely"));
    for (const char* part :
         {"\nWhat was demanded: ", "\nBy whom: level secure", "\nWhat was found: ", "\n\nWhat you can do: "})
        CHECK(text.english.find(part) != std::string::npos);
    CHECK(text.german.starts_with("Ihre Nachricht an example.org konnte nicht sicher zugestellt werden"));
    for (const char* part :
         {"\nWas verlangt wird: eine verschl\u00fcsselte Verbindung (TLS) zu einem Server, der Folgendes "
          "vorweist: ein g\u00fcltiges Zertifikat f\u00fcr example.org oder einen Namen unterhalb von "
          "example.org, ausgestellt von einer Zertifizierungsstelle, der der sendende Server vertraut.",
          "\nVon wem: Stufe secure, verlangt von der Richtlinientabelle",
          "\nWas vorgefunden wurde: ", "\n\nWas Sie tun k\u00f6nnen: "})
        CHECK(text.german.find(part) != std::string::npos);
}

TEST_CASE("every sentence of every language can be written") {
    using How = Unmet::How;
    for (int i = 0; i <= static_cast<int>(How::dnssecUntested); ++i)
        for (int kind = 0; kind <= static_cast<int>(record::Origin::Kind::standard); ++kind)
            for (auto requirement : {record::Requirement{}, encrypt, secure}) {
                requirement.origin.kind = static_cast<record::Origin::Kind>(kind);
                const auto text = forSender(requirement, {static_cast<How>(i), "mx", "x"}, "example.org");
                for (const auto language : record::languages) {
                    INFO(text.in(language));
                    CHECK(text.in(language).find('{') == std::string::npos);
                }
            }
}
