#include "policy/outbound.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::policy;
using record::Assurance;
using record::Level;
using record::NamePattern;
using record::NamesCondition;
using OriginKind = record::Origin::Kind;
using Kind = NamePattern::Kind;

namespace {

Claim by(OriginKind kind, Level level, std::vector<record::Condition> conditions = {}) {
    return {.origin = {kind}, .level = level, .conditions = std::move(conditions)};
}
Claim map(Level level) {
    return by(OriginKind::map, level, defaultConditions(level));
}
Claim match(Level level, std::vector<NamePattern> patterns) {
    return by(OriginKind::map, level, {NamesCondition{std::move(patterns)}});
}
Claim standard(Level level) {
    return standardClaim(level);
}
/// A predicate: sealed, or encrypted.
Claim sender(Level level) {
    return by(OriginKind::sender, level);
}
Claim memory(Level level) {
    return by(OriginKind::memory, level);
}
Claim mtaSts() {
    return by(OriginKind::mtaSts, Level::secure, {NamesCondition{{{Kind::exact, "mx.example.org"}}}});
}
Claim dane(Assurance proves = Assurance::authenticated) {
    return by(OriginKind::dane, Level::dane,
              {record::TlsaCondition{{{3, 1, 1, base::Bytes(32)}}, {"mx.example.org"}, proves}});
}
Claim alliance() {
    return {.origin = {OriginKind::alliance, "post"},
            .level = Level::verify,
            .conditions = {NamesCondition{{{Kind::below, "example.org"}}}}};
}

const HostContext insecure{"example.org", "mx.example.org", HostSource::insecureMx};
const HostContext signedMx{"example.org", "mx.example.org", HostSource::secureMx};
const HostContext bracketed{"mx.example.org", "mx.example.org", HostSource::administrator};

constexpr std::string_view floors = " ciphers=medium";
constexpr std::string_view protocols = " protocols=TLSv1.2:TLSv1.3";

}  // namespace

TEST_CASE("decide: which claims bind, and the one requirement that they are (docs/policy.md)") {
    struct Row {
        const char* why;
        std::vector<Claim> claims;
        HostContext context;
        std::string want;  // @ stands for the usual ciphers
        std::size_t losing = 0;
    };
    const std::string nextHop = "match=example.org:.example.org";
    const Row rows[] = {
        {"nothing at all is may", {}, insecure, "may@ origin=default"},
        {"the default", {standard(Level::encrypt)}, insecure, "encrypt@ origin=default"},
        {"rule 2: a map entry in place of the default, stronger",
         {standard(Level::may), map(Level::encrypt)},
         insecure,
         "encrypt@ origin=map",
         1},
        {"rule 2: or weaker", {standard(Level::encrypt), map(Level::none)}, insecure, "none@ origin=map", 1},
        {"rule 2: and of what is published and remembered",
         {dane(), mtaSts(), memory(Level::secure), map(Level::encrypt)},
         signedMx,
         "encrypt@ origin=map",
         3},
        {"rule 3: but not of our sender's demand; the name of the next hop proves it (rule 5)",
         {map(Level::encrypt), sender(Level::secure)},
         insecure,
         "secure@ " + nextHop + " also=encrypt/map origin=sender"},
        {"rule 3: nor of REQUIRETLS",
         {map(Level::may), by(OriginKind::requiretls, Level::secure)},
         insecure,
         "secure@ " + nextHop + " origin=requiretls"},
        {"rule 3: ours only raises",
         {map(Level::secure), sender(Level::encrypt)},
         insecure,
         "secure@ " + nextHop + " also=encrypt/sender origin=map"},
        {"rule 3: an alliance's names hold beside the map's",
         {map(Level::secure), alliance()},
         insecure,
         "secure@ " + nextHop + " match2=.example.org also=verify/alliance:post origin=map"},
        {"rule 4: without an entry published, memory and default are joined",
         {standard(Level::encrypt), mtaSts(), memory(Level::secure)},
         insecure,
         "secure@ match=mx.example.org also=encrypt/default,secure/memory origin=mta-sts"},
        {"rule 4: what asks nothing is not named",
         {standard(Level::may), mtaSts()},
         insecure,
         "secure@ match=mx.example.org origin=mta-sts"},
        {"rule 5: DANE's proof meets sealed",
         {standard(Level::may), dane(), sender(Level::secure)},
         signedMx,
         "dane@ reference=mx.example.org tlsa=3,1,1," + std::string(64, '0') +
             " also=secure/sender origin=dane"},
        {"rule 5: DANE that proves encryption only does not",
         {dane(Assurance::encrypted), sender(Level::secure)},
         insecure,
         "dane@ match2=example.org:.example.org proves=encrypted reference=mx.example.org tlsa=3,1,1," +
             std::string(64, '0') + " also=secure/sender origin=dane"},
        {"rule 5: memory of authentication without any claim that proves",
         {standard(Level::may), memory(Level::secure)},
         insecure,
         "secure@ " + nextHop + " origin=memory"},
        {"rule 5: memory of encryption",
         {standard(Level::may), memory(Level::encrypt)},
         insecure,
         "encrypt@ origin=memory"},
        {"rule 6: hostname of an unproven MX record proves encryption",
         {map(Level::verify)},
         insecure,
         "verify@ match=mx.example.org proves=encrypted origin=map"},
        {"rule 6: of a proven one, the server",
         {map(Level::verify)},
         signedMx,
         "verify@ match=mx.example.org origin=map"},
        {"rule 6: of what stands in brackets, too",
         {map(Level::verify)},
         bracketed,
         "verify@ match=mx.example.org origin=map"},
        {"rule 6: nexthop needs no DNS",
         {map(Level::secure)},
         insecure,
         "secure@ " + nextHop + " origin=map"},
        {"rule 6: nor does what the administrator wrote",
         {match(Level::verify, {{Kind::exact, "a.example"}, {Kind::below, "b.example"}})},
         insecure,
         "verify@ match=a.example:.b.example origin=map"},
        {"rule 6: one unproven name among others takes the proof from all",
         {match(Level::verify, {{Kind::nexthop}, {Kind::hostname}})},
         insecure,
         "verify@ match=example.org:mx.example.org proves=encrypted origin=map"},
        {"rule 6: unless the others allow it anyway",
         {match(Level::verify, {{Kind::hostname}, {Kind::dotNexthop}})},
         insecure,
         "verify@ match=.example.org origin=map"},
        {"rule 6: and sealed asks for more than it proves",
         {map(Level::verify), sender(Level::secure)},
         insecure,
         "verify@ match=mx.example.org match2=example.org:.example.org proves=encrypted also=secure/sender "
         "origin=map"},
        {"rule 1: a dated exception stands alone",
         {map(Level::secure), sender(Level::secure), by(OriginKind::exception, Level::may)},
         insecure,
         "may@ origin=exception",
         2},
        {"rule 1: as do our own TLS reports",
         {map(Level::secure), by(OriginKind::tlsrpt, Level::may)},
         insecure,
         "may@ origin=tlsrpt",
         1},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        auto claims = row.claims;
        const auto decision = decide(claims, row.context);
        auto text = toText(decision.requirement);
        for (const auto part : {floors, protocols})
            text.replace(text.find(part), part.size(), part == floors ? "@" : "");
        CHECK(text == row.want);
        CHECK(decision.losing.size() == row.losing);
        CHECK(decision.binding.size() == std::max<std::size_t>(claims.size() - row.losing, 1));
        CHECK(decision.binding.front().origin == decision.requirement.origin);
        // The order in which claims were gathered means nothing.
        std::ranges::reverse(claims);
        CHECK(decide(claims, row.context).requirement == decision.requirement);
    }
}

TEST_CASE("decide: floors are joined to the strictest, and each origin's other parameters are kept") {
    auto entry = map(Level::encrypt);
    entry.floors =
        record::Floors{.protocols = {15}, .ciphers = record::CipherGrade::high, .exclude = {"RC4"}};
    entry.serverName = "sni.example";
    CHECK(toText(decide({entry}, insecure).requirement) ==
          "encrypt ciphers=high exclude=RC4 protocols=TLSv1:TLSv1.1:TLSv1.2:TLSv1.3 servername=sni.example "
          "origin=map");

    auto demand = sender(Level::encrypt);
    demand.floors = record::Floors{.exclude = {"3DES", "RC4"}};
    demand.until = base::parseRfc3339("2027-01-31");
    CHECK(toText(decide({entry, demand}, insecure).requirement) ==
          "encrypt ciphers=high exclude=3DES:RC4 protocols=TLSv1.2:TLSv1.3 servername=sni.example "
          "also=encrypt/sender "
          "origin=map until=2027-01-31T00:00:00Z");
}

TEST_CASE("decide: nothing lowers a claim of ours, whatever else is claimed") {
    const std::vector<Claim> others{
        standard(Level::may),       standard(Level::encrypt), map(Level::none), map(Level::may),
        map(Level::verify),         map(Level::secure),       mtaSts(),         dane(),
        dane(Assurance::encrypted), memory(Level::secure)};
    for (const auto& demand : {sender(Level::encrypt), sender(Level::secure), alliance()})
        for (unsigned chosen = 0; chosen < 1U << others.size(); ++chosen) {
            std::vector<Claim> claims{demand};
            for (std::size_t i = 0; i < others.size(); ++i)
                if ((chosen >> i & 1U) != 0) claims.push_back(others[i]);
            const auto requirement = decide(claims, insecure).requirement;
            REQUIRE(classOf(requirement) >= record::classOf(demand.level));
            if (record::classOf(demand.level) != record::LevelClass::authenticated) continue;
            const bool proven = std::ranges::any_of(requirement.allOf, [](const auto& condition) {
                return std::visit([](const auto& c) { return c.proves == Assurance::authenticated; },
                                  condition);
            });
            REQUIRE(proven);
        }
}
