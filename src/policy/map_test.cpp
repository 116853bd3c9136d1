#include "policy/map.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using record::CipherGrade;
using record::Level;
using record::NamePattern;
using record::NextHop;
using Kind = NamePattern::Kind;

namespace {

base::Result<record::Anchors, std::string> loadAnchors(const std::string& file) {
    if (file == "missing.pem") return base::fail(std::string("No such file or directory"));
    record::Anchors anchors;
    anchors.digest[0] = static_cast<std::byte>(file.size());
    anchors.pem = std::make_shared<const std::string>(file);
    return anchors;
}

base::Result<Map, std::vector<MapFault>> parse(std::string_view text) {
    return Map::parse(text, "tls_policy", loadAnchors);
}

/// The entry for a next hop in a map of one line or more; its level's word and line, or what is missing.
std::string found(const Map& map, std::string_view nextHop) {
    const auto parsed = NextHop::parse(nextHop);
    if (!parsed) return "no next hop";
    const auto* entry = map.find(*parsed);
    return entry == nullptr ? "none"
                            : std::string(toText(entry->claim.level)) + ":" + std::to_string(entry->line);
}

constexpr std::string_view sha256 = "AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                                    "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:BB";

}  // namespace

TEST_CASE("policy map: searched as Postfix searches it (docs/policy.md)") {
    const auto map = parse("# comment\n"
                           "example.org      secure\n"
                           "\n"
                           ".example.org     encrypt\n"
                           ".a.example.org\tmay\n"
                           "[mx.example.org] verify\n"
                           "[mx.example.org]:submission encrypt\n"
                           "example.net:2525 none\n"
                           "Bücher.example   verify\n"
                           "[192.0.2.1]:25   encrypt\n"
                           "[IPv6:2001:DB8::1] encrypt\n"
                           ".org             may\n");
    REQUIRE(map);
    struct Row {
        const char* why;
        const char* nextHop;
        const char* want;
    };
    const Row rows[] = {
        {"the name itself", "example.org", "secure:2"},
        {"in any case, with the root's dot", "EXAMPLE.org.", "secure:2"},
        {"a parent entry holds for what lies below", "x.example.org", "encrypt:4"},
        {"at any depth", "x.y.example.org", "encrypt:4"},
        {"the nearest parent", "x.a.example.org", "may:5"},
        {"a parent entry is not for itself, but the next parent is", "a.example.org", "encrypt:4"},
        {"the top-level name", "other.org", "may:12"},
        {"no entry", "example.com", "none"},
        {"a host in brackets", "[mx.example.org]", "verify:6"},
        {"with its port", "[mx.example.org]:587", "encrypt:7"},
        {"another port is another next hop", "[mx.example.org]:25", "none"},
        {"no parents for what is in brackets", "[x.example.org]", "none"},
        {"nor for what has a port", "x.example.org:25", "none"},
        {"a domain with a port", "example.net:2525", "none:8"},
        {"without it", "example.net", "none"},
        {"U-label and A-label are the same", "xn--bcher-kva.example", "verify:9"},
        {"U-label and A-label are the same", "bücher.example", "verify:9"},
        {"an address", "[192.0.2.1]:25", "encrypt:10"},
        {"IPv6 in each of its forms", "[2001:db8:0::1]", "encrypt:11"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(found(*map, row.nextHop) == row.want);
    }
    CHECK(map->size() == 10);
    CHECK(parse("")->empty());
    CHECK(found(Map(), "example.org") == "none");
}

TEST_CASE("policy map: comments, continuation lines, commas") {
    const auto map = parse("example.org secure\n"
                           "   match=mx.example.org,\n"
                           "# a comment does not end an entry\n"
                           "\n"
                           "\tciphers=high\r\n"
                           "  # nor an indented one\n"
                           "example.net encrypt");
    REQUIRE(map);
    const auto* entry = map->find(*NextHop::parse("example.org"));
    REQUIRE(entry != nullptr);
    CHECK(entry->claim.floors->ciphers == CipherGrade::high);
    CHECK(entry->claim.conditions ==
          std::vector<record::Condition>{record::NamesCondition{{{Kind::exact, "mx.example.org"}}}});
    CHECK(entry->claim.detail == "tls_policy:1");
    CHECK(found(*map, "example.net") == "encrypt:7");
}

TEST_CASE("policy map: levels and attributes") {
    using record::Floors;
    using record::NamesCondition;
    const auto anchors = loadAnchors("ca.pem").value();
    const auto pin = record::parseFingerprint(sha256).value();
    struct Row {
        std::string text;
        Claim want;  // without origin and detail
    };
    const auto floors = [](unsigned bits) { return Floors{.protocols = {bits}}; };
    const Row rows[] = {
        {"none", {.level = Level::none}},
        {"may", {.level = Level::may}},
        {"ENCRYPT", {.level = Level::encrypt}},
        {"dane", {.level = Level::dane}},
        {"dane-only ciphers=high",
         {.level = Level::daneOnly, .floors = Floors{.ciphers = CipherGrade::high}}},
        {"verify", {.level = Level::verify, .conditions = {NamesCondition{{{Kind::hostname}}}}}},
        {"secure",
         {.level = Level::secure, .conditions = {NamesCondition{{{Kind::nexthop}, {Kind::dotNexthop}}}}}},
        {"secure match=nexthop:Hostname:dot-nexthop:.Example.ORG:mx.example.org",
         {.level = Level::secure,
          .conditions = {NamesCondition{{{Kind::nexthop},
                                         {Kind::hostname},
                                         {Kind::dotNexthop},
                                         {Kind::below, "example.org"},
                                         {Kind::exact, "mx.example.org"}}}}}},
        {"secure match=a.example match=b.example",
         {.level = Level::secure,
          .conditions = {NamesCondition{{{Kind::exact, "a.example"}, {Kind::exact, "b.example"}}}}}},
        {"secure tafile=ca.pem",
         {.level = Level::secure,
          .conditions = {NamesCondition{{{Kind::nexthop}, {Kind::dotNexthop}}, {anchors}}}}},
        {"fingerprint match=" + std::string(sha256),
         {.level = Level::fingerprint, .conditions = {record::FingerprintCondition{{pin}}}}},
        {"fingerprint match=" + std::string(sha256) + "|" + std::string(sha256),
         {.level = Level::fingerprint, .conditions = {record::FingerprintCondition{{pin, pin}}}}},
        {"encrypt ciphers=HIGH", {.level = Level::encrypt, .floors = Floors{.ciphers = CipherGrade::high}}},
        {"encrypt exclude=RC4:aNULL:DES+MD5:RC4",
         {.level = Level::encrypt, .floors = Floors{.exclude = {"DES+MD5", "RC4", "aNULL"}}}},
        {"encrypt protocols=>=TLSv1.2", {.level = Level::encrypt, .floors = floors(4 | 8)}},
        {"encrypt protocols=>=TLSv1", {.level = Level::encrypt, .floors = floors(15)}},
        {"encrypt protocols=>=tlsv1.3", {.level = Level::encrypt, .floors = floors(8)}},
        {"encrypt protocols=<=TLSv1.2", {.level = Level::encrypt, .floors = floors(4)}},
        {"encrypt protocols=>=TLSv1.1:<=TLSv1.2", {.level = Level::encrypt, .floors = floors(2 | 4)}},
        {"encrypt protocols=<=TLSv1.2:>=TLSv1.1", {.level = Level::encrypt, .floors = floors(2 | 4)}},
        {"encrypt protocols=TLSv1.2", {.level = Level::encrypt, .floors = floors(4)}},
        {"encrypt protocols=TLSv1.1:TLSv1.3", {.level = Level::encrypt, .floors = floors(2 | 8)}},
        {"encrypt protocols=!SSLv2:!SSLv3", {.level = Level::encrypt, .floors = floors(4 | 8)}},
        {"encrypt protocols=!TLSv1.3", {.level = Level::encrypt, .floors = floors(4)}},
        {"encrypt protocols=>=TLSv1:!TLSv1.1", {.level = Level::encrypt, .floors = floors(1 | 4 | 8)}},
        {"encrypt servername=SNI.example", {.level = Level::encrypt, .serverName = "sni.example"}},
        {"encrypt connection_reuse=no", {.level = Level::encrypt}},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto map = parse("example.org " + row.text);
        REQUIRE(map);
        auto claim = map->find(*NextHop::parse("example.org"))->claim;
        CHECK(claim.origin == record::Origin{record::Origin::Kind::map});
        auto want = row.want;
        want.origin = claim.origin;
        want.detail = "tls_policy:1";
        CHECK(claim == want);
    }
    CHECK(parse("a.example may connection_reuse=no")->find(*NextHop::parse("a.example"))->connectionReuse ==
          false);
}

TEST_CASE("policy map: every fault is told, with its line and what was expected") {
    const std::string emptyName =
        "tls_policy:1: \"\" is no attribute (match, ciphers, protocols, exclude, tafile, "
        "servername, connection_reuse)";
    struct Row {
        std::string text;
        std::vector<std::string> want;
    };
    const Row rows[] = {
        {"example.org secrue", {"tls_policy:1: \"secrue\" is no level; did you mean \"secure\"?"}},
        {"example.org xyz",
         {"tls_policy:1: \"xyz\" is no level (none, may, encrypt, dane, dane-only, fingerprint, verify, "
          "secure)"}},
        {"\nexample.org", {"tls_policy:2: \"example.org\" has no level behind it"}},
        {"example.org dane match=nexthop",
         {"tls_policy:1: \"match=\" means nothing at the level \"dane\"; it wants fingerprint, verify or "
          "secure"}},
        {"example.org dane-only tafile=ca.pem",
         {"tls_policy:1: \"tafile=\" means nothing at the level \"dane-only\"; it wants verify or secure"}},
        {"  example.org may",
         {"tls_policy:1: begins with a space, but there is no entry before it to continue"}},
        {"a.example may\nb.example may\nA.EXAMPLE. none",
         {"tls_policy:3: \"A.EXAMPLE.\" stands in line 1 already"}},
        {"bücher.example may\nxn--bcher-kva.example may",
         {"tls_policy:2: \"xn--bcher-kva.example\" stands in line 1 already"}},
        {"a..b may", {"tls_policy:1: \"a..b\": the domain has an empty label"}},
        {".a..b may", {"tls_policy:1: \".a..b\" has an empty label"}},
        {"[a.example may", {"tls_policy:1: \"[a.example\": the closing bracket is missing"}},
        {"* may",
         {"tls_policy:1: \"*\" is no next hop; the level for all others is the configuration's [outbound] "
          "level"}},
        {"a.example secure mach=x", {"tls_policy:1: \"mach\" is no attribute; did you mean \"match\"?"}},
        {"a.example secure match", {"tls_policy:1: \"match\" is no attribute (name=value)"}},
        {"a.example secure match=", {"tls_policy:1: \"match=\" has no value"}},
        {"a.example secure match=*.a.example",
         {"tls_policy:1: \"*.a.example\" is no name; write \".a.example\" for the names below it"}},
        {"a.example secure match=a_!", {"tls_policy:1: \"a_!\" has a character that no domain name has"}},
        {"a.example encrypt match=b.example",
         {"tls_policy:1: \"match=\" means nothing at the level \"encrypt\"; it wants fingerprint, verify or "
          "secure"}},
        {"a.example fingerprint tafile=x",
         {"tls_policy:1: \"tafile=\" means nothing at the level \"fingerprint\"; it wants verify or secure",
          "tls_policy:1: the level \"fingerprint\" needs match=FINGERPRINT (several joined by '|')"}},
        {"a.example none ciphers=high", {"tls_policy:1: \"ciphers=\" means nothing at the level \"none\""}},
        {"a.example may ciphers=hihg",
         {"tls_policy:1: \"hihg\" is no cipher grade (low, medium, high); did you mean \"high\"?"}},
        {"a.example may ciphers=null",
         {"tls_policy:1: \"null\" encrypts nothing; the grades are low, medium and high"}},
        {"a.example may ciphers=high ciphers=low", {"tls_policy:1: \"ciphers=\" stands twice"}},
        {"a.example may protocols=TLSv1.4",
         {"tls_policy:1: \"TLSv1.4\" is no protocol (TLSv1, TLSv1.1, TLSv1.2, TLSv1.3); did you mean "
          "\"TLSv1.1\"?"}},
        {"a.example may protocols=>=SSLv3",
         {"tls_policy:1: SSLv3 is not built; the lowest protocol is TLSv1"}},
        {"a.example may protocols=!TLSv1.2:!TLSv1.3",
         {"tls_policy:1: \"!TLSv1.2:!TLSv1.3\" leaves no protocol"}},
        {"a.example may protocols=>=TLSv1.2:TLSv1.3",
         {"tls_policy:1: a range (>=, <=) and single protocols exclude each other"}},
        {"a.example may exclude=!RC4",
         {"tls_policy:1: \"!RC4\" is no cipher or class of ciphers (as `openssl ciphers` takes them)"}},
        {"a.example secure tafile=missing.pem",
         {"tls_policy:1: tafile=missing.pem: No such file or directory"}},
        {"a.example may connection_reuse=maybe", {"tls_policy:1: \"maybe\" is neither yes nor no"}},
        {"a.example may enable_rpk=yes",
         {"tls_policy:1: \"enable_rpk\" is no attribute that is built yet: raw public keys are not"}},
        {"a.example may { policy_ttl = 5 }",
         {"tls_policy:1: braces are not read here; write name=value without spaces",
          "tls_policy:1: \"policy_ttl\" is no attribute (name=value)", emptyName,
          "tls_policy:1: \"5\" is no attribute (name=value)",
          "tls_policy:1: \"}\" is no attribute (name=value)"}},
        {"a.example secure\n  match=b.example\n  cipher=high",
         {"tls_policy:3: \"cipher\" is no attribute; did you mean \"ciphers\"?"}},
        {"a.example encrpt\nb.example may\nc.example scure\n",
         {"tls_policy:1: \"encrpt\" is no level; did you mean \"encrypt\"?",
          "tls_policy:3: \"scure\" is no level; did you mean \"secure\"?"}},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto map = parse(row.text);
        REQUIRE_FALSE(map);
        std::vector<std::string> words;
        for (const auto& fault : map.error())
            words.push_back(toText(fault, "tls_policy"));
        CHECK(words == row.want);
    }
}

TEST_CASE("policy map: fingerprints are SHA-256 or SHA-512, and an old one is told apart") {
    const auto sha1 =
        parse("a.example fingerprint match=AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:BB");
    REQUIRE_FALSE(sha1);
    INFO(sha1.error().front().words);
    CHECK(sha1.error().front().words.find("SHA-256") != std::string::npos);
}

TEST_CASE("policy map: rubbish gives a bounded number of faults") {
    std::string text;
    for (int i = 0; i < 5000; ++i)
        text += "\x01junk\n";
    const auto map = parse(text);
    REQUIRE_FALSE(map);
    CHECK(map.error().size() == 101);
    CHECK(map.error().back().words == "and 9900 more faults");
}
