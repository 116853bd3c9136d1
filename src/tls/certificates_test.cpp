#include "tls/certificates.hpp"

#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>
#include <openssl/crypto.h>

using namespace postseal;
using namespace postseal::tls;
using namespace std::string_literals;
using record::NamePattern;
using Kind = NamePattern::Kind;

TEST_CASE("certificate names match as Postfix matches them (docs/policy.md)") {
    struct Row {
        const char* why;
        std::vector<std::string> dnsNames;
        std::string commonName;
        NamePattern pattern;
        bool want;
    };
    const Row rows[] = {
        {"the same name", {"mx.example.org"}, "", {Kind::exact, "mx.example.org"}, true},
        {"in any case", {"MX.Example.ORG"}, "", {Kind::exact, "mx.example.org"}, true},
        {"another name", {"mx.example.net"}, "", {Kind::exact, "mx.example.org"}, false},
        {"one of several", {"a.example", "mx.example.org"}, "", {Kind::exact, "mx.example.org"}, true},
        {"a parent is not the name", {"example.org"}, "", {Kind::exact, "mx.example.org"}, false},
        {"a child is not the name", {"a.mx.example.org"}, "", {Kind::exact, "mx.example.org"}, false},
        {"the common name counts where no DNS name is",
         {},
         "mx.example.org",
         {Kind::exact, "mx.example.org"},
         true},
        {"but not beside DNS names", {"a.example"}, "mx.example.org", {Kind::exact, "mx.example.org"}, false},
        {"nor beside an unsound one",
         {"a.example\0.b"s},
         "mx.example.org",
         {Kind::exact, "mx.example.org"},
         false},
        {"a wildcard stands for one label", {"*.example.org"}, "", {Kind::exact, "mx.example.org"}, true},
        {"not for two", {"*.example.org"}, "", {Kind::exact, "a.mx.example.org"}, false},
        {"not for none", {"*.example.org"}, "", {Kind::exact, "example.org"}, false},
        {"not below a top-level name", {"*.org"}, "", {Kind::exact, "example.org"}, false},
        {"not as a part of a label", {"m*.example.org"}, "", {Kind::exact, "mx.example.org"}, false},
        {"not further right", {"mx.*.org"}, "", {Kind::exact, "mx.example.org"}, false},
        {"not twice", {"*.*.org"}, "", {Kind::exact, "mx.example.org"}, false},
        {"in the common name too", {}, "*.example.org", {Kind::exact, "mx.example.org"}, true},
        {"a wildcard for an A-label",
         {"*.example.org"},
         "",
         {Kind::exact, "xn--bcher-kva.example.org"},
         true},
        {"an A-label", {"xn--bcher-kva.example"}, "", {Kind::exact, "xn--bcher-kva.example"}, true},
        {"below: a child", {"mx.example.org"}, "", {Kind::below, "example.org"}, true},
        {"below: a grandchild", {"a.mx.example.org"}, "", {Kind::below, "example.org"}, true},
        {"below: a wildcard", {"*.example.org"}, "", {Kind::below, "example.org"}, true},
        {"below: not the name itself", {"example.org"}, "", {Kind::below, "example.org"}, false},
        {"below: not by the letters alone", {"mxexample.org"}, "", {Kind::below, "example.org"}, false},
        {"a NUL ends nothing",
         {"mx.example.org\0.evil.example"s},
         "",
         {Kind::exact, "mx.example.org"},
         false},
        {"nor begins anything", {"evil.example\0.example.org"s}, "", {Kind::below, "example.org"}, false},
        {"nor in the common name", {}, "mx.example.org\0.evil"s, {Kind::exact, "mx.example.org"}, false},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto made = test::make({.commonName = row.commonName, .dnsNames = row.dnsNames});
        CHECK(matchingName(made.certificate.get(), row.pattern).has_value() == row.want);

        // OpenSSL's judgement, which is Postfix's.
        const auto asked = (row.pattern.kind == Kind::below ? "." : "") + row.pattern.name;
        const int openssl = X509_check_host(made.certificate.get(), asked.data(), asked.size(),
                                            X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr);
        const bool strayByte = std::string_view(row.why) == "nor begins anything";  // we are stricter
        CHECK((strayByte || (openssl == 1) == row.want));
    }
}

TEST_CASE("rules 19, 23: where the common name is ignored, only a DNS name matches (RFC 8461 §3.3, §4.2)") {
    const record::NamePattern pattern{Kind::exact, "mx.example.org"};
    const auto matches = [&](const test::Wish& wish) {
        return matchingName(test::make(wish).certificate.get(), pattern, CommonName::ignored).has_value();
    };
    CHECK_FALSE(matches({.commonName = "mx.example.org"}));
    CHECK_FALSE(matches({.commonName = "mx.example.org", .dnsNames = {"other.example.org"}}));
    CHECK(matches({.commonName = "other.example.org", .dnsNames = {"mx.example.org"}}));
    CHECK(matches({.commonName = "", .dnsNames = {"*.example.org"}}));
}

TEST_CASE("a pattern that still stands for a name proves nothing") {
    const auto made = test::make({.commonName = "nexthop", .dnsNames = {"nexthop", "hostname", "a.nexthop"}});
    for (const auto kind : {Kind::nexthop, Kind::dotNexthop, Kind::hostname})
        CHECK_FALSE(matchingName(made.certificate.get(), {kind, "nexthop"}));
    CHECK_FALSE(matchingName(made.certificate.get(), {Kind::below, ""}));
}

TEST_CASE("pins fit the certificate or its key, as their kind asks") {
    const auto one = test::make({.commonName = "a.example"});
    const auto other = test::make({.commonName = "a.example"});
    const auto facts = describe(one.certificate.get());
    using Of = record::Fingerprint::Of;
    const base::Bytes certificate(facts.sha256.begin(), facts.sha256.end());
    const base::Bytes key(facts.spki.begin(), facts.spki.end());
    struct Row {
        record::Fingerprint pin;
        bool want;
    };
    const Row rows[] = {{{Of::either, certificate}, true},
                        {{Of::either, key}, true},
                        {{Of::certificate, certificate}, true},
                        {{Of::certificate, key}, false},
                        {{Of::spki, certificate}, false},
                        {{Of::spki, key}, true},
                        {{Of::either, {}}, false}};
    for (const auto& row : rows) {
        CHECK(matchesPin(one.certificate.get(), row.pin) == row.want);
        CHECK_FALSE(matchesPin(other.certificate.get(), row.pin));
    }
    base::Bytes long512(64);
    X509_digest(one.certificate.get(), EVP_sha512(), reinterpret_cast<unsigned char*>(long512.data()),
                nullptr);
    CHECK(matchesPin(one.certificate.get(), {Of::either, long512}));
}

TEST_CASE("a certificate is described: names, dates, issuer; foreign text escaped (rule 55)") {
    const auto ca = test::make({.commonName = "Test CA", .authority = true});
    const auto made =
        test::make({.commonName = "evil\nname", .dnsNames = {"MX.example.org", "bad name"}, .issuer = &ca});
    const auto facts = describe(made.certificate.get());
    CHECK(facts.subject == "evil\\x0aname");
    CHECK(facts.issuer == "Test CA");
    CHECK(facts.dnsNames == std::vector<std::string>{"mx.example.org"});
    const std::vector<std::string> many(1000, "many.example.org");
    CHECK(describe(test::make({.commonName = "x", .dnsNames = many}).certificate.get()).dnsNames.size() ==
          100);
    CHECK(base::toRfc3339(facts.notBefore) == "2026-10-24T12:00:00Z");
    CHECK(base::toRfc3339(facts.notAfter) == "2026-12-23T12:00:00Z");
}

TEST_CASE("certificates are read whole or not at all") {
    const auto one = test::make({.commonName = "a.example"});
    const auto pem = test::pemOf(one.certificate.get());
    CHECK(parsePem(pem + "\n# words between\n" + pem)->size() == 2);
    CHECK_FALSE(parsePem(""));
    CHECK_FALSE(parsePem("-----BEGIN PUBLIC KEY-----\n"));
    CHECK_FALSE(parsePem(pem + pem.substr(0, pem.size() - 40)));
    std::string der(static_cast<std::size_t>(i2d_X509(one.certificate.get(), nullptr)), '\0');
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(one.certificate.get(), &at);
    CHECK(parseDer(base::asBytes(der)));
    CHECK_FALSE(parseDer(base::asBytes(der + "x")));
    CHECK_FALSE(parseDer(base::asBytes(der.substr(1))));
}
