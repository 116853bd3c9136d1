// The decisions of docs/how-postseal-decides.md, row by row: the page shows what is tested here.
#include "policy/claims_test.hpp"
#include "policy/dane.hpp"
#include "policy/page_table_test.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::policy;
using namespace postseal::policy::test;
using How = Unmet::How;

namespace {

struct Row {
    int step;
    const char* why;
    std::vector<Claim> claims;
    HostContext context;
    std::string want;  // without the usual floors; TLSA and NEXTHOP stand for what they are
    std::optional<How> unusable = {};
};

// Steps are those of outbound.hpp; docs/how-postseal-decides.md shows these very rows.
const Row rows[] = {
    {4, "nothing at all is may", {}, insecure, "may origin=default"},
    {4, "the default", {standard(Level::encrypt)}, insecure, "encrypt origin=default"},
    {1,
     "a dated exception stands alone",
     {map(Level::secure), sender(Level::secure), dane(), exception(Level::may)},
     signedMx,
     "may origin=exception"},
    {1,
     "but REQUIRETLS is relaxed by an exception of its own only",
     {map(Level::secure), requireTls(), exception(Level::may)},
     insecure,
     "secure match=NEXTHOP origin=requiretls"},
    {1,
     "our own TLS reports stand alone",
     {map(Level::secure), by(OriginKind::tlsrpt, Level::may)},
     insecure,
     "may origin=tlsrpt"},
    {2,
     "a map entry in place of the default, stronger",
     {standard(Level::may), map(Level::encrypt)},
     insecure,
     "encrypt origin=map"},
    {2, "or weaker", {standard(Level::encrypt), map(Level::none)}, insecure, "none origin=map"},
    {2,
     "and of what is published and remembered",
     {dane(), mtaSts(), memory(Level::secure), map(Level::encrypt)},
     signedMx,
     "encrypt origin=map"},
    {2,
     "even where a published policy does not list the host",
     {mtaSts(), map(Level::may)},
     unlisted(insecure),
     "may origin=map"},
    {2,
     "an entry `dane` binds the TLSA records",
     {dane(), mtaSts(), standard(Level::encrypt), map(Level::dane)},
     signedMx,
     "dane TLSA origin=map"},
    {2,
     "without TLSA records it leaves MTA-STS in force",
     {mtaSts(), standard(Level::may), map(Level::dane)},
     listed,
     "secure by=mta-sts match=mx.example.org origin=mta-sts"},
    {2, "and the default", {standard(Level::encrypt), map(Level::dane)}, signedMx, "encrypt origin=default"},
    {2,
     "but not memory: it is the administrator's word",
     {standard(Level::may), memory(Level::secure), map(Level::dane)},
     signedMx,
     "may origin=map"},
    {2,
     "an entry `dane` whose TLSA records are unusable is encrypt (RFC 7672 §2.2)",
     {unusableTlsa(), standard(Level::may), map(Level::dane)},
     signedMx,
     "encrypt origin=map"},
    {2,
     "an entry `dane` over an MX record that nothing proves leaves MTA-STS in force: who forges the "
     "record "
     "could bring TLSA records of his own",
     {dane(), mtaSts(), map(Level::dane)},
     unlisted(insecure),
     "",
     How::notListed},
    {2,
     "an entry `dane-only` with TLSA records",
     {dane(), map(Level::daneOnly)},
     signedMx,
     "dane-only TLSA origin=map"},
    {2, "without them the host is not used", {map(Level::daneOnly)}, signedMx, "", How::noTlsa},
    {2, "nor with unusable ones", {unusableTlsa(), map(Level::daneOnly)}, signedMx, "", How::noTlsa},
    {2,
     "nor over an MX record that nothing proves, as with Postfix",
     {dane(), map(Level::daneOnly)},
     insecure,
     "",
     How::noTlsa},
    {2, "the default may be `dane-only`, too", {standard(Level::daneOnly)}, signedMx, "", How::noTlsa},
    {2,
     "a default of `dane` is `may` without TLSA records",
     {standard(Level::dane)},
     signedMx,
     "may origin=default"},
    {2, "also of a default of `sealed`", {sealedByDefault(), map(Level::may)}, insecure, "may origin=map"},
    {2,
     "which an entry `dane` without TLSA records leaves in force",
     {sealedByDefault(), map(Level::dane)},
     insecure,
     "secure match=NEXTHOP origin=default"},
    {3,
     "a map entry does not lower our sender's demand; the name of the next hop proves it",
     {map(Level::encrypt), sender(Level::secure)},
     insecure,
     "secure match=NEXTHOP also=encrypt/map origin=sender"},
    {3,
     "nor REQUIRETLS",
     {map(Level::may), requireTls()},
     insecure,
     "secure match=NEXTHOP origin=requiretls"},
    {3,
     "ours only raises",
     {map(Level::secure), sender(Level::encrypt)},
     insecure,
     "secure match=NEXTHOP also=encrypt/sender origin=map"},
    {3,
     "an alliance's names hold beside the map's",
     {map(Level::secure), alliance()},
     insecure,
     "secure match=NEXTHOP match2=.example.org also=verify/alliance:post origin=map"},
    {3,
     "members of an alliance who promise DANE have to have it",
     {alliance(Level::dane)},
     signedMx,
     "",
     How::noTlsa},
    {4,
     "without an entry published, memory and default are joined",
     {standard(Level::encrypt), mtaSts(), memory(Level::secure)},
     listed,
     "secure by=mta-sts match=mx.example.org also=encrypt/default,secure/memory origin=mta-sts"},
    {4,
     "what asks nothing is not named",
     {standard(Level::may), mtaSts()},
     listed,
     "secure by=mta-sts match=mx.example.org origin=mta-sts"},
    {4,
     "MTA-STS in mode testing asks nothing",
     {standard(Level::may), testing()},
     insecure,
     "may origin=default"},
    {4,
     "nor does it take a host that it does not list (rule 25)",
     {standard(Level::encrypt), testing()},
     insecure,
     "encrypt origin=default"},
    {5,
     "DANE's proof meets sealed",
     {standard(Level::may), dane(), sender(Level::secure)},
     signedMx,
     "dane TLSA also=secure/sender origin=dane"},
    {5,
     "as does that of MTA-STS",
     {standard(Level::may), mtaSts(), requireTls()},
     listed,
     "secure by=mta-sts match=mx.example.org also=secure/requiretls origin=mta-sts"},
    {5,
     "a proof meets it even where a map entry sets aside that it is published",
     {dane(), map(Level::encrypt), requireTls()},
     signedMx,
     "secure TLSA also=encrypt/map origin=requiretls"},
    {5,
     "unusable TLSA records prove nothing (RFC 8689 §4.2.1)",
     {unusableTlsa(), requireTls()},
     signedMx,
     "secure match=NEXTHOP also=encrypt/dane origin=requiretls"},
    {5,
     "nor do those of a host whose MX record is not proven",
     {dane(), sender(Level::secure)},
     insecure,
     "dane match2=NEXTHOP proves=encrypted TLSA also=secure/sender origin=dane"},
    {5,
     "memory of a proof without any claim that gives one",
     {standard(Level::may), memory(Level::secure)},
     insecure,
     "secure match=NEXTHOP origin=memory"},
    {5,
     "memory of encryption",
     {standard(Level::may), memory(Level::encrypt)},
     insecure,
     "encrypt origin=memory"},
    {5,
     "memory in mode warn asks nothing",
     {standard(Level::none), memory(Level::may)},
     insecure,
     "none origin=default"},
    {5,
     "a default of `sealed` is met by DANE",
     {sealedByDefault(), dane()},
     signedMx,
     "dane TLSA also=secure/default origin=dane"},
    {5,
     "or by MTA-STS",
     {sealedByDefault(), mtaSts()},
     listed,
     "secure by=mta-sts match=mx.example.org also=secure/default origin=mta-sts"},
    {5,
     "else by the domain's own name, or the mail waits",
     {sealedByDefault()},
     insecure,
     "secure match=NEXTHOP origin=default"},
    {5,
     "a default of `secure` asks for that name beside what is published",
     {standard(Level::secure), dane()},
     signedMx,
     "dane match2=NEXTHOP TLSA also=secure/default origin=dane"},
    {6,
     "hostname of an unproven MX record proves encryption",
     {map(Level::verify)},
     insecure,
     "verify match=mx.example.org proves=encrypted origin=map"},
    {6,
     "of a proven one, the server",
     {map(Level::verify)},
     signedMx,
     "verify match=mx.example.org origin=map"},
    {6,
     "of what stands in brackets, too",
     {map(Level::verify)},
     bracketed,
     "verify match=mx.example.org origin=map"},
    {6,
     "and of a host that an enforced MTA-STS policy lists",
     {map(Level::verify)},
     listed,
     "verify match=mx.example.org origin=map"},
    {6,
     "a domain that is its own MX host needs no record to say so",
     {map(Level::verify)},
     {.nextHop = "example.org", .host = "example.org"},
     "verify match=example.org origin=map"},
    {6, "nexthop needs no DNS", {map(Level::secure)}, insecure, "secure match=NEXTHOP origin=map"},
    {6,
     "nor does what the administrator wrote",
     {match(Level::verify, {{Kind::exact, "a.example"}, {Kind::below, "b.example"}})},
     insecure,
     "verify match=a.example:.b.example origin=map"},
    {6,
     "one unproven name among others takes the proof from all",
     {match(Level::verify, {{Kind::nexthop}, {Kind::hostname}})},
     insecure,
     "verify match=example.org:mx.example.org proves=encrypted origin=map"},
    {6,
     "unless the others allow it anyway",
     {match(Level::verify, {{Kind::hostname}, {Kind::dotNexthop}})},
     insecure,
     "verify match=.example.org origin=map"},
    {6,
     "and sealed asks for more than it proves",
     {map(Level::verify), sender(Level::secure)},
     insecure,
     "verify match=mx.example.org match2=NEXTHOP proves=encrypted also=secure/sender origin=map"},
    {6,
     "TLSA records of a host that an insecure MX record names have to match, but prove encryption "
     "(RFC 7672 §2.2.1)",
     {standard(Level::may), dane()},
     insecure,
     "dane proves=encrypted TLSA origin=dane"},
    {6,
     "`dane_insecure_mx = \"encrypt\"`: they demand TLS",
     {standard(Level::may), dane()},
     onInsecureMx(insecure, DaneInsecureMx::encrypt),
     "encrypt origin=dane"},
    {6,
     "`dane_insecure_mx = \"may\"`: or nothing",
     {standard(Level::may), dane()},
     onInsecureMx(insecure, DaneInsecureMx::may),
     "may origin=default"},
    {7,
     "where DANE proves the server, MTA-STS is told only",
     {dane(), mtaSts()},
     signedMx,
     "dane TLSA origin=dane"},
    {7,
     "even if its policy does not list the host",
     {dane(), mtaSts()},
     unlisted(signedMx),
     "dane TLSA origin=dane"},
    {7,
     "`dane_and_mta_sts = \"both\"`: each must hold",
     {dane(), mtaSts()},
     both(signedMx),
     "dane by2=mta-sts match2=mx.example.org TLSA also=secure/mta-sts origin=dane"},
    {7,
     "and then a host that is not listed is not used",
     {dane(), mtaSts()},
     both(unlisted(signedMx)),
     "",
     How::notListed},
    {7,
     "TLSA records that only demand TLS leave MTA-STS in force",
     {unusableTlsa(), mtaSts()},
     signedMx,
     "secure by=mta-sts match=mx.example.org also=encrypt/dane origin=mta-sts"},
    {7,
     "a listing proves the name that the MX record did not, so that DANE decides",
     {dane(), mtaSts()},
     listed,
     "dane TLSA origin=dane"},
    {7,
     "a forged MX record leads to no host with TLSA records of its own",
     {dane(), mtaSts()},
     unlisted(insecure),
     "",
     How::notListed},
    {7, "nor to one without", {standard(Level::may), mtaSts()}, unlisted(insecure), "", How::notListed},
    {8,
     "TLS-Required: No sets aside what is published and remembered (RFC 8689 §4.2.2)",
     {standard(Level::may), dane(), mtaSts(), memory(Level::secure)},
     tlsOptional(signedMx),
     "may origin=default"},
    {8,
     "but not the administrator's entry",
     {map(Level::secure), dane()},
     tlsOptional(signedMx),
     "secure match=NEXTHOP origin=map"},
    {8,
     "nor the default",
     {standard(Level::encrypt), dane()},
     tlsOptional(signedMx),
     "encrypt origin=default"},
    {8,
     "nor an alliance",
     {alliance()},
     tlsOptional(insecure),
     "verify match=.example.org origin=alliance:post"},
    {8,
     "a TLSA lookup that failed hinders it no more",
     {standard(Level::may)},
     tlsOptional(failing(signedMx)),
     "may origin=default"},
    {6,
     "a host that an alliance lists has a proven name",
     {standard(Level::may), allianceOf({{"mx.example.org"}})},
     ofAlliance,
     "secure match=mx.example.org origin=alliance:post"},
    {6,
     "also for DANE",
     {standard(Level::may), dane(), allianceOf({{"example.org", true}}, Level::encrypt)},
     ofAlliance,
     "dane TLSA also=encrypt/alliance:post origin=dane"},
    {7,
     "a host that an alliance does not list is not used, whatever it shows",
     {standard(Level::may), dane(), mtaSts(), allianceOf({{"mx.example.net"}})},
     signedMx,
     "",
     How::notOfAlliance},
    {7,
     "nor where the administrator's map or route names it: ours only raises",
     {map(Level::encrypt), allianceOf({{"mx.example.net"}})},
     bracketed,
     "",
     How::notOfAlliance},
    {7,
     "but an exception relaxes that",
     {exception(Level::encrypt), allianceOf({{"mx.example.net"}})},
     insecure,
     "encrypt origin=exception"},
    {3,
     "an alliance that is tested or observed is told, and makes nothing of the default",
     {standard(Level::may), allianceOf({}, Level::may)},
     insecure,
     "may origin=default"},
    {7,
     "of two alliances both must list it",
     {allianceOf({{"mx.example.org"}}), allianceOf({{"mx.example.net"}})},
     ofAlliance,
     "",
     How::notOfAlliance},
    {7,
     "the list of an alliance has ended, and mail is to wait",
     {standard(Level::may), barred()},
     signedMx,
     "",
     How::barred},
    {9,
     "a host whose TLSA lookup failed is not used (RFC 7672 §2.1.2)",
     {standard(Level::may)},
     failing(signedMx),
     "",
     How::lookupFailed},
    {9, "MTA-STS does not heal it (RFC 8461 §2)", {mtaSts()}, failing(signedMx), "", How::lookupFailed},
    {9, "nor an entry `dane`", {map(Level::dane)}, failing(signedMx), "", How::lookupFailed},
    {9,
     "under an entry of another level it could not decide",
     {map(Level::encrypt)},
     failing(signedMx),
     "encrypt origin=map"},
    {9,
     "nor where `dane_insecure_mx` is `may`",
     {standard(Level::may)},
     onInsecureMx(failing(insecure), DaneInsecureMx::may),
     "may origin=default"},
    {9,
     "while our resolver does not validate, `dane-only` waits",
     {map(Level::daneOnly)},
     untested(signedMx),
     "",
     How::dnssecUntested},
    {9, "as do REQUIRETLS", {requireTls()}, untested(insecure), "", How::dnssecUntested},
    {9, "sealed", {sender(Level::secure), map(Level::secure)}, untested(insecure), "", How::dnssecUntested},
    {9,
     "and a domain remembered as proven by DANE",
     {memory(Level::dane)},
     untested(insecure),
     "",
     How::dnssecUntested},
    {9,
     "TLSA records must match, but prove no more than encryption",
     {standard(Level::may), dane()},
     untested(signedMx),
     "dane proves=encrypted TLSA origin=dane"},
    {9,
     "records that such a resolver does not prove demand encryption",
     {standard(Level::may), unusableTlsa()},
     untested(insecure),
     "encrypt origin=dane"},
    {9,
     "whatever `dane_insecure_mx` says, since the MX record may be proven all the same",
     {standard(Level::may), unusableTlsa()},
     untested(onInsecureMx(insecure, DaneInsecureMx::may)),
     "encrypt origin=dane"},
    {9,
     "and a domain that had DANE waits",
     {standard(Level::may), daneOnceHad({})},
     untested(insecure),
     "",
     How::dnssecUntested},
    {9,
     "also under an entry `dane`, which asks for what is published",
     {map(Level::dane), daneOnceHad({})},
     untested(insecure),
     "",
     How::dnssecUntested},
    {9,
     "but not under another entry",
     {map(Level::may), daneOnceHad({})},
     untested(insecure),
     "may origin=map"},
    {9,
     "the rest goes on, and its record says that TLSA records could not be told from none",
     {standard(Level::may), daneNotSeen()},
     untested(insecure),
     "may origin=default"},
    {9,
     "so does what other proofs meet",
     {memory(Level::secure)},
     untested(insecure),
     "secure match=NEXTHOP origin=memory"},
};

void replaceAll(std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

std::string shortText(const record::Requirement& requirement) {
    auto text = toText(requirement);
    replaceAll(text, " ciphers=medium", "");
    replaceAll(text, " protocols=TLSv1.2:TLSv1.3", "");
    replaceAll(text, "match=example.org:.example.org", "match=NEXTHOP");
    replaceAll(text, "match2=example.org:.example.org", "match2=NEXTHOP");
    replaceAll(text, " reference=mx.example.org", "");
    replaceAll(text, " servername=mx.example.org", "");
    replaceAll(text, "tlsa=3,1,1," + std::string(64, '0'), "TLSA");
    return text;
}

std::size_t held(const Decision& decision) {
    return static_cast<std::size_t>(std::ranges::count(decision.claims, true, &record::ClaimNote::won));
}

}  // namespace

TEST_CASE("decide: which claims bind, and the one requirement that they are (docs/how-postseal-decides.md)") {
    for (const auto& row : rows) {
        INFO("step ", row.step, ": ", row.why);
        auto claims = row.claims;
        const auto decision = decide(claims, row.context);
        REQUIRE(decision.unusable.has_value() == row.unusable.has_value());
        if (row.unusable)
            CHECK(decision.unusable->how == *row.unusable);
        else
            CHECK(shortText(decision.requirement) == row.want);
        CHECK(decision.claims.size() >= std::max<std::size_t>(claims.size(), 1));
        CHECK(decision.claims.front().won);
        CHECK(decision.claims.front().origin == decision.requirement.origin);
        CHECK(held(decision) >= 1 + decision.requirement.also.size());
        // The order in which claims were gathered means nothing.
        std::ranges::reverse(claims);
        const auto again = decide(claims, row.context);
        CHECK(again.requirement == decision.requirement);
        CHECK(again.unusable == decision.unusable);
    }
}

namespace {

/// For the page: a claim in a word or two.
std::string described(const Claim& claim) {
    const auto level = "`" + std::string(toText(claim.level)) + "`";
    const bool isProof = record::classOf(claim.level) == record::LevelClass::authenticated;
    switch (claim.origin.kind) {
    case OriginKind::map: return "map " + level;
    case OriginKind::exception: return "exception " + level;
    case OriginKind::alliance: return "alliance " + level;
    case OriginKind::requiretls: return "REQUIRETLS";
    case OriginKind::sender: return isProof ? "sender: sealed" : "sender: encrypted";
    case OriginKind::tlsrpt: return "TLS report";
    case OriginKind::dane:
        if (claim.conditions.empty() && isProof) return "had TLSA records";
        if (claim.level == Level::may) return "no TLSA records seen";
        return isProof ? "TLSA records" : "TLSA records that prove nothing";
    case OriginKind::mtaSts: return isProof ? "MTA-STS enforce" : "MTA-STS testing";
    case OriginKind::memory:
        if (claim.level == Level::dane) return "memory: DANE";
        return isProof ? "memory: authenticated" : "memory: encrypted";
    case OriginKind::listener: return "listener " + level;
    case OriginKind::standard: return claim == sealedByDefault() ? "default `sealed`" : "default " + level;
    }
    return {};
}

std::string described(const HostContext& context) {
    std::string text;
    switch (context.source) {
    case HostSource::administrator: text = "in brackets"; break;
    case HostSource::secureMx: text = "MX proven by DNSSEC"; break;
    case HostSource::alliance: text = "MX not proven, listed by an alliance"; break;
    case HostSource::mtaSts: text = "MX not proven, listed by MTA-STS"; break;
    case HostSource::insecureMx: text = "MX not proven"; break;
    }
    if (context.isUnlisted) text += ", not listed by MTA-STS";
    if (!context.daneFailure.empty()) text += ", TLSA lookup failed";
    if (context.isTlsOptional) text += "; TLS-Required: No";
    if (context.isDnssecUntested) text += "; our resolver fails its test";
    return text;
}

std::string described(How how) {
    switch (how) {
    case How::notListed: return "not used: MTA-STS does not list it";
    case How::notOfAlliance: return "not used: the alliance does not list it";
    case How::barred: return "not used: the alliance's list has ended";
    case How::lookupFailed: return "not used: TLSA lookup failed";
    case How::noTlsa: return "not used: no TLSA records that prove it";
    case How::dnssecUntested: return "not used: DNSSEC is not tested";
    case How::noStarttls:
    case How::starttlsRefused:
    case How::handshakeFailed:
    case How::notAuthenticated:
    case How::noRequireTls: break;
    }
    return {};
}

std::string table() {
    std::string text = "| step | who asks | the host | what must hold there | |\n|---|---|---|---|---|\n";
    auto sorted = std::vector<const Row*>();
    for (int step = 1; step <= 9; ++step)
        for (const auto& row : rows)
            if (row.step == step) sorted.push_back(&row);
    for (const auto* each : sorted) {
        const auto& row = *each;
        std::string claims;
        for (const auto& claim : row.claims)
            claims += (claims.empty() ? "" : "; ") + described(claim);
        text += fmt::format("| {} | {} | {} | {} | {} |\n", row.step, claims.empty() ? "nobody" : claims,
                            described(row.context),
                            row.unusable ? described(*row.unusable) : '`' + row.want + '`', row.why);
    }
    return text;
}

}  // namespace

TEST_CASE("docs/how-postseal-decides.md: the table of decisions") {
    policy::test::checkPageTable(POSTSEAL_SOURCE_DIR "/docs/how-postseal-decides.md",
                                 "outbound_table_test.cpp", table());
}
