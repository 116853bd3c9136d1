#include "policy/inbound_map.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>

using namespace postseal;
using namespace postseal::policy;
using record::NamePattern;

namespace {

base::Result<record::Anchors, std::string> loadAnchors(const std::string& file) {
    if (file == "missing.pem") return base::fail(std::string("No such file or directory"));
    record::Anchors anchors;
    anchors.digest[0] = static_cast<std::byte>(file.size());
    return anchors;
}

base::Result<InboundMap, std::vector<MapFault>> parse(std::string_view text) {
    return InboundMap::parse(text, "tls_policy_in", loadAnchors);
}

std::string where(const InboundRule* rule) {
    return rule == nullptr ? "none" : rule->where.substr(rule->where.rfind(':') + 1);
}

base::IpAddress address(const char* text) {
    return base::IpAddress::parse(text).value();
}

constexpr std::string_view sha256 = "AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                                    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:BB";

}  // namespace

TEST_CASE("inbound map: the most specific key of each kind (docs/only-securely.md)") {
    const auto map = parse("# comment\n"
                           "partner.example          verify       match=mail.partner.example\n"
                           ".ministry.example        encrypt\n"
                           ".tax.ministry.example    refuse\n"
                           "Bücher.example           encrypt\n"
                           "client:198.51.100.0/24   exempt\n"
                           "client:198.51.100.7      encrypt\n"
                           "client:2001:db8::/32     encrypt\n"
                           "client:2001:db8:7::/48   refuse\n"
                           "client:mail.example.org  may\n"
                           "client:.example.org      encrypt\n"
                           "listener:192.0.2.10:25   encrypt\n"
                           "listener:[2001:DB8::1]:25 encrypt\n"
                           "*                        refuse   # only from the listed\n");
    REQUIRE(map);
    CHECK(map->size() == 13);
    CHECK(where(map->ofDomain("partner.example")) == "2");
    CHECK(where(map->ofDomain("a.partner.example")) == "none");
    CHECK(where(map->ofDomain("ministry.example")) == "none");
    CHECK(where(map->ofDomain("a.ministry.example")) == "3");
    CHECK(where(map->ofDomain("a.tax.ministry.example")) == "4");
    CHECK(where(map->ofDomain("xn--bcher-kva.example")) == "5");
    CHECK(where(map->ofDomain("")) == "none");
    CHECK(where(map->ofAddress(address("198.51.100.8"))) == "6");
    CHECK(where(map->ofAddress(address("198.51.100.7"))) == "7");
    CHECK(where(map->ofAddress(address("198.51.101.7"))) == "none");
    CHECK(where(map->ofAddress(address("2001:db8:8::1"))) == "8");
    CHECK(where(map->ofAddress(address("2001:db8:7::1"))) == "9");
    CHECK(where(map->ofName("mail.example.org")) == "10");
    CHECK(where(map->ofName("a.mail.example.org")) == "11");
    CHECK(where(map->ofName("example.org")) == "none");
    CHECK(where(map->ofListener("192.0.2.10:25")) == "12");
    CHECK(where(map->ofListener("[2001:db8::1]:25")) == "13");
    CHECK(where(map->ofEveryone()) == "14");
}

TEST_CASE("inbound map: what a line says") {
    const auto map = parse("a.example verify match=mail.a.example:.out.a.example,*.b.example tafile=root.pem "
                           "mode=testing\n"
                           "b.example encrypt hosts=192.0.2.0/24,mail.b.example,[2001:db8::]/32:.c.example "
                           "forwarders=[2001:db8::1] protocols=>=TLSv1.3 ciphers=high\n"
                           "c.example dane\n");
    REQUIRE(map);
    const auto& verify = map->rules()[0];
    CHECK(verify.level == InboundLevel::verify);
    CHECK(verify.mode == InboundMode::testing);
    using Kind = NamePattern::Kind;
    CHECK(verify.match == std::vector<NamePattern>{{Kind::exact, "mail.a.example"},
                                                   {Kind::below, "out.a.example"},
                                                   {Kind::exact, "*.b.example"}});
    CHECK(verify.anchors.size() == 1);
    CHECK_FALSE(verify.floors);
    const auto& encrypt = map->rules()[1];
    CHECK(encrypt.hosts.networks.size() == 2);
    CHECK(encrypt.hosts.networks[1].toText() == "2001:db8::/32");
    CHECK(encrypt.hosts.names ==
          std::vector<NamePattern>{{Kind::exact, "mail.b.example"}, {Kind::below, "c.example"}});
    CHECK(encrypt.forwarders.networks[0].toText() == "2001:db8::1/128");
    REQUIRE(encrypt.floors);
    CHECK(encrypt.floors->protocols.bits == 8);
    CHECK(encrypt.floors->ciphers == record::CipherGrade::high);
    CHECK(map->rules()[2].match == std::vector<NamePattern>{{Kind::hostname, ""}});
    CHECK(map->needsCertificates());
    CHECK_FALSE(map->hasNameKeys());
    CHECK_FALSE(parse("a.example encrypt hosts=mail.a.example\n")->needsCertificates());
}

TEST_CASE("inbound map: every fault is told, with its line and the cure") {
    struct Row {
        const char* line;
        const char* fault;
    };
    const Row rows[] = {
        {"a.example", R"("a.example" has no level behind it)"},
        {"a.example secrue",
         R"("secrue" is no level of mail that comes in (may, encrypt, verify, fingerprint, )"
         R"(dane, refuse, exempt))"},
        {"a.example verfy", R"("verfy" is no level of mail that comes in; did you mean "verify"?)"},
        {"a.example encrypt match=mail.a.example", R"("match=" means nothing at the level "encrypt")"},
        {"a.example may hosts=192.0.2.1", R"("hosts=" means nothing at the level "may")"},
        {"a.example exempt mode=testing", R"("mode=" means nothing at the level "exempt")"},
        {"a.example verify mode=test", R"("test" is no mode (enforce, testing))"},
        {"a.example fingerprint",
         R"(the level "fingerprint" needs match=FINGERPRINT (several joined by ','))"},
        {"a.example verify match=nexthop",
         R"("nexthop" is no name of a sender's server; write the domain itself, )"
         R"(where it stands in the certificate)"},
        {"a.example verify tafile=missing.pem", "tafile=missing.pem: No such file or directory"},
        {"a.example encrypt host=192.0.2.1", R"("host" is no attribute; did you mean "hosts"?)"},
        {"a.example encrypt hosts=", R"("hosts=" has no value)"},
        {"user@a.example encrypt", R"("user@a.example": rules speak of domains, not of single addresses)"},
        {"client:192.0.2.1/24 encrypt", "'192.0.2.1/24' has bits set beyond its prefix length"},
        {"listener:192.0.2.1 encrypt", R"("192.0.2.1" is no address with a port, as [[listener]] has it)"},
    };
    for (const auto& row : rows) {
        INFO(row.line);
        const auto map = parse(row.line);
        REQUIRE_FALSE(map);
        CHECK(toText(map.error().front(), "map") == fmt::format("map:1: {}", row.fault));
    }
    const auto twice = parse("a.example may\n# comment\nA.example encrypt\n");
    REQUIRE_FALSE(twice);
    CHECK(toText(twice.error().front(), "map") == R"(map:3: "A.example" stands in line 1 already)");
}

TEST_CASE("inbound map: for whom a certificate may speak") {
    const auto map = parse(fmt::format("a.example verify match=mail.provider.example\n"
                                       "b.example fingerprint match=spki:{}\n"
                                       "c.example verify\n"
                                       "client:192.0.2.1 verify match=mail.provider.example\n",
                                       sha256));
    REQUIRE(map);
    const auto spoken = [&](const ClientCertificate& certificate) {
        std::string lines;
        for (const auto* rule : map->thatName(certificate))
            lines += where(rule);
        return lines;
    };
    CHECK(spoken({.names = {"mail.provider.example"}}) == "1");
    CHECK(spoken({.names = {"mx.c.example"}}) == "3");
    CHECK(spoken({.names = {"c.example"}}) == "");
    ClientCertificate pinned;
    pinned.spki.front() = std::byte{0xaa};
    pinned.spki.back() = std::byte{0xbb};
    CHECK(spoken(pinned) == "2");
}

TEST_CASE("inbound map: a hundred thousand lines are one") {
    std::string text = "client:192.0.0.0/8 encrypt\n";
    constexpr int many = 100'000;
    for (int i = 0; i < many; ++i)
        text += fmt::format("d{}.example verify match=mail.provider.example\n", i);
    const auto map = parse(text);
    REQUIRE(map);
    CHECK(where(map->ofDomain("d99999.example")) == "100001");
    CHECK(where(map->ofAddress(address("192.0.2.1"))) == "1");
    CHECK(map->thatName({.names = {"mail.provider.example"}}).size() <= 16);
}
