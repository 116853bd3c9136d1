#include "record/requirement.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace postseal;
using namespace postseal::record;

namespace {

NamesCondition names(std::vector<NamePattern> patterns) {
    return {std::move(patterns)};
}

const base::Sha256 someDigest = [] {
    base::Sha256 digest{};
    digest.fill(std::byte{0xab});
    return digest;
}();

std::string repeated(std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += piece;
    return text;
}

const std::vector<Requirement>& samples() {
    using Kind = NamePattern::Kind;
    static const auto pin = parseFingerprint(repeated("AA:", 31) + "AA").value();
    static const auto spki = parseFingerprint("spki:" + repeated("bb", 64)).value();
    static const TlsaCondition tlsa{{parseTlsa("3,1,1,6f3a").value(), parseTlsa("2,0,0,").value()},
                                    {"example.org", "mx.example.org"}};
    static const std::vector<Requirement> list{
        {},
        {Level::none, {}, {}, "", {Origin::Kind::map}},
        {Level::secure, {names({{Kind::nexthop}, {Kind::dotNexthop}, {Kind::hostname}})}},
        {Level::secure,
         {names({{Kind::exact, "mx.example.org"}, {Kind::below, "example.org"}})},
         {{8}, CipherGrade::high, {"RC4", "aNULL"}, {"X25519", "P-256"}},
         "sni.example",
         {Origin::Kind::map}},
        {Level::verify, {NamesCondition{{{Kind::exact, "mx"}}, {{someDigest}, {}}, Assurance::encrypted}}},
        {Level::secure, {NamesCondition{.patterns = {{Kind::exact, "mx"}}, .by = Proof::mtaSts}}},
        {Level::secure, {names({})}},
        {Level::secure,
         {names({{Kind::exact, "nexthop"}, {Kind::exact, ".x"}, {Kind::exact, ""}, {Kind::below, ""}})}},
        {Level::secure, {names({{Kind::exact, "a:b match=c"}})}, {}, "x origin=exception"},
        {Level::fingerprint, {FingerprintCondition{{pin, spki}}}},
        {Level::fingerprint,
         {FingerprintCondition{{pin}, Assurance::encrypted}, names({{Kind::exact, "a"}})}},
        {Level::secure, {names({{Kind::exact, "a"}}), FingerprintCondition{{spki}}, tlsa}},
        {Level::dane, {TlsaCondition{tlsa.records, {}, Assurance::encrypted}}},
        {Level::dane, {TlsaCondition{}}, {{0}, CipherGrade::low, {""}, {}}},
        {Level::may,
         {},
         {},
         "",
         {Origin::Kind::alliance, "post 1,/:%"},
         {{Level::secure, {Origin::Kind::requiretls}}, {Level::encrypt, {Origin::Kind::alliance, "a,b"}}},
         base::fromMicros(1'800'000'000'000'001)},
    };
    return list;
}

}  // namespace

TEST_CASE("rule 16: a requirement's text says all of it and reads back") {
    for (const auto& sample : samples()) {
        const auto text = toText(sample);
        INFO(text);
        const auto parsed = parseRequirement(text);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error()));
        CHECK(*parsed == sample);
        CHECK(toText(*parsed) == text);
    }
}

TEST_CASE("rule 16: different requirements never share a text") {
    std::set<std::string> texts;
    for (const auto& sample : samples())
        texts.insert(toText(sample));
    CHECK(texts.size() == samples().size());
}

TEST_CASE("rule 16: random requirements read back") {
    std::mt19937 random(16);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    const auto word = [&] {
        static constexpr std::string_view signs = "ab.:|%= ,/-\n\xc3\xa9";
        std::string text;
        for (auto n = below(6); n > 0; --n)
            text += signs[below(static_cast<unsigned>(signs.size()))];
        return text;
    };
    const auto some = [&](auto make) {
        std::vector<decltype(make())> items;
        for (auto n = below(4); n > 0; --n)
            items.push_back(make());
        return items;
    };
    const auto origin = [&]() -> Origin {
        const auto kind = static_cast<Origin::Kind>(below(11));
        return {kind, kind == Origin::Kind::alliance ? word() : ""};
    };
    const auto proves = [&] { return static_cast<Assurance>(below(3)); };
    const auto condition = [&]() -> Condition {
        switch (below(3)) {
        case 0:
            return NamesCondition{some([&]() -> NamePattern {
                                      const auto kind = static_cast<NamePattern::Kind>(below(5));
                                      return {kind, kind < NamePattern::Kind::exact ? "" : word()};
                                  }),
                                  some([&] { return Anchors{someDigest}; }), proves(),
                                  below(2) == 0 ? Proof::pkix : Proof::mtaSts};
        case 1:
            return FingerprintCondition{some([&] {
                                            return Fingerprint{static_cast<Fingerprint::Of>(below(3)),
                                                               base::Bytes(32, std::byte{9})};
                                        }),
                                        proves()};
        default:
            return TlsaCondition{some([&] {
                                     return Tlsa{static_cast<std::uint8_t>(below(256)), 1, 2,
                                                 base::Bytes(below(3), std::byte{7})};
                                 }),
                                 some(word), proves()};
        }
    };
    for (int i = 0; i < 3000; ++i) {
        Requirement r{static_cast<Level>(below(8)), some(condition)};
        r.floors = {{below(16)}, static_cast<CipherGrade>(below(3)), some(word), some(word)};
        r.serverName = word();
        r.origin = origin();
        r.also = some([&] { return Also{static_cast<Level>(below(8)), origin()}; });
        if (below(2) == 1) r.until = base::fromMicros(below(1U << 31U) * std::int64_t{1'000'003});
        const auto text = toText(r);
        INFO(text);
        const auto parsed = parseRequirement(text);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error()));
        REQUIRE(*parsed == r);
    }
}

TEST_CASE("requirement: the text is Postfix's right-hand side, sorted") {
    const auto& secure = samples()[3];
    CHECK(toText(secure) ==
          "secure ciphers=high exclude=RC4:aNULL groups=X25519:P-256 match=mx.example.org:.example.org "
          "protocols=TLSv1.3 servername=sni.example origin=map");
}

TEST_CASE("requirement: what is none is refused") {
    const std::string_view rows[] = {"",
                                     "secrue",
                                     "secure match",
                                     "secure shoe=1",
                                     "secure ciphers=null",
                                     "secure protocols=SSLv3",
                                     "secure match=a:",
                                     "secure match=%4",
                                     "secure match2=a",
                                     "secure match=a match17=b",
                                     "secure match=a match1=b",
                                     "secure match=a tlsa=3,1,1,aa",
                                     "secure proves=encrypted",
                                     "secure match=a by=dane",
                                     "dane by=mta-sts tlsa=3,1,1,aa",
                                     "secure tlsa=3,1,aa",
                                     "secure tafile=abcd",
                                     "fingerprint match=AA:BB",
                                     "may origin=alliance",
                                     "may also=secure",
                                     "may until=tomorrow"};
    for (const auto row : rows) {
        INFO(row);
        CHECK_FALSE(parseRequirement(row));
    }
}

TEST_CASE("requirement: its class is the highest that it names") {
    CHECK(classOf(Requirement{Level::may}) == LevelClass::may);
    CHECK(permitsCleartext(Requirement{Level::may}));
    CHECK(permitsCleartext(Requirement{Level::none}));
    CHECK_FALSE(permitsCleartext(Requirement{Level::encrypt}));
    Requirement joined{Level::may};
    joined.also.push_back({Level::secure, {Origin::Kind::requiretls}});
    CHECK(classOf(joined) == LevelClass::authenticated);
    CHECK_FALSE(permitsCleartext(joined));
}

TEST_CASE("requirement: a CA that is known by its key is another anchor than a tafile with the same digest") {
    Requirement requirement{.level = Level::secure,
                            .allOf = {NamesCondition{{{.name = "mx.example.org"}}, {{}}}}};
    const auto text = toText(requirement);
    auto& anchor = std::get<NamesCondition>(requirement.allOf[0]).anchors[0];
    anchor.of = Anchors::Of::key;
    CHECK(toText(requirement) != text);
    CHECK(toText(requirement).find("tafile=spki/00") != std::string::npos);
    CHECK(parseRequirement(toText(requirement)).value() == requirement);
    CHECK(parseRequirement(text).value() != requirement);
}
