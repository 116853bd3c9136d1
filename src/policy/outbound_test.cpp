#include "policy/outbound.hpp"

#include "policy/claims_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::policy;
using namespace postseal::policy::test;
using record::Assurance;

namespace {

bool isProven(const record::Requirement& requirement) {
    return std::ranges::any_of(requirement.allOf, [](const auto& condition) {
        return std::visit([](const auto& c) { return c.proves == Assurance::authenticated; }, condition);
    });
}

}  // namespace

TEST_CASE("decide: every claim is told, with what set it aside") {
    const auto decision =
        decide({standard(Level::encrypt), dane(), mtaSts(), memory(Level::secure)}, signedMx);
    using Notes = std::vector<record::ClaimNote>;
    CHECK(decision.claims ==
          Notes{{{OriginKind::dane}, Level::dane, true, ""},
                {{OriginKind::memory}, Level::secure, true, ""},
                {{OriginKind::standard}, Level::encrypt, true, ""},
                {{OriginKind::mtaSts}, Level::secure, false, "DANE decides for this host"}});
    auto entry = map(Level::may);
    entry.detail = "tls_policy:3";
    CHECK(
        decide({entry, dane(), standard(Level::may)}, failing(signedMx)).claims ==
        Notes{{{OriginKind::map}, Level::may, true, "tls_policy:3"},
              {{OriginKind::dane}, Level::dane, false, "set aside by the policy map's entry"},
              {{OriginKind::standard}, Level::may, false, "set aside by the policy map's entry"},
              {{OriginKind::dane}, Level::dane, false, "its TLSA records could not be looked up: SERVFAIL"}});
}

TEST_CASE("decide: what TLS-Required: No sets aside is tried first (rule 33, RFC 8689 §4.2.2)") {
    const std::vector<Claim> claims{standard(Level::may), dane()};
    const auto decision = decide(claims, tlsOptional(signedMx));
    REQUIRE(decision.first);
    CHECK(*decision.first == decide(claims, signedMx).requirement);
    CHECK(!decide(claims, signedMx).first);
    CHECK(!decide({standard(Level::may), map(Level::encrypt), dane()}, tlsOptional(signedMx)).first);
    // What may not be connected to under the policy is connected to without it.
    const auto strange = decide({standard(Level::may), mtaSts()}, tlsOptional(unlisted(insecure)));
    CHECK(!strange.first);
    CHECK(!strange.unusable);
}

TEST_CASE("decide: SNI is the TLSA base wherever TLSA records are to match (rule 13, RFC 7672 §8.1)") {
    auto entry = map(Level::dane);
    entry.serverName = "sni.example";
    for (const auto& claims :
         std::vector<std::vector<Claim>>{{dane()}, {entry, dane()}, {dane(), sender(Level::secure)}})
        CHECK(decide(claims, signedMx).requirement.serverName == "mx.example.org");
    CHECK(decide({entry}, signedMx).requirement.serverName == "sni.example");
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

TEST_CASE("decide: nothing lowers a claim of ours, whatever else is claimed (rules 29, 30)") {
    const std::vector<Claim> others{standard(Level::may),
                                    standard(Level::encrypt),
                                    map(Level::none),
                                    map(Level::may),
                                    map(Level::verify),
                                    map(Level::secure),
                                    map(Level::dane),
                                    mtaSts(),
                                    testing(),
                                    dane(),
                                    memory(Level::secure),
                                    unusableTlsa()};
    const std::vector<HostContext> contexts{insecure,
                                            signedMx,
                                            listed,
                                            bracketed,
                                            unlisted(insecure),
                                            unlisted(signedMx),
                                            both(signedMx),
                                            failing(signedMx),
                                            tlsOptional(signedMx),
                                            onInsecureMx(listed, DaneInsecureMx::may)};
    for (const auto& demand : {sender(Level::encrypt), sender(Level::secure), requireTls(), alliance()})
        for (const auto& context : contexts)
            for (unsigned chosen = 0; chosen < 1U << others.size(); ++chosen) {
                std::vector<Claim> claims{demand};
                for (std::size_t i = 0; i < others.size(); ++i)
                    if ((chosen >> i & 1U) != 0) claims.push_back(others[i]);
                const auto decision = decide(claims, context);
                if (decision.unusable) continue;
                const bool isRaised = classOf(decision.requirement) >= record::classOf(demand.level);
                const bool isMet = record::classOf(demand.level) != record::LevelClass::authenticated ||
                                   isProven(decision.requirement);
                if (!isRaised || !isMet) REQUIRE_MESSAGE(false, toText(decision.requirement));
            }
}

TEST_CASE("decide: no choice of claims lets MTA-STS heal DANE (rule 26, RFC 8461 §2)") {
    const std::vector<Claim> others{standard(Level::encrypt), mtaSts(),     testing(),
                                    memory(Level::secure),    requireTls(), map(Level::dane)};
    for (const auto& context : {signedMx, listed, insecure, both(signedMx), bracketed})
        for (unsigned chosen = 0; chosen < 1U << others.size(); ++chosen) {
            std::vector<Claim> claims{dane()};
            for (std::size_t i = 0; i < others.size(); ++i)
                if ((chosen >> i & 1U) != 0) claims.push_back(others[i]);
            const auto decision = decide(claims, context);
            const bool bindsTlsa = std::ranges::any_of(decision.requirement.allOf, [](const auto& condition) {
                return std::holds_alternative<record::TlsaCondition>(condition);
            });
            REQUIRE(bindsTlsa);
        }
}
