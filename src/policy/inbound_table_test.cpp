// The verdicts on incoming mail of docs/only-securely.md, row by row: the page shows what is tested here.
#include "policy/inbound.hpp"
#include "policy/inbound_map.hpp"
#include "policy/page_table_test.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::policy;

namespace {

/// What a client brings. The words are the page's.
struct Client {
    std::string words;
    InboundClient is;
    DomainHosts hosts = {DomainHosts::Status::insecure, {"mx.partner.example"}, {}};
    ClientTlsa tlsa = {ClientTlsa::Status::none, "no records"};
};

struct Row {
    int step;
    const char* why;
    std::string map;  // lines parted by ';', those of an alliance begin with `post:`
    const char* domain;
    Client client;
    std::string want;  // outcome, and the reply's codes
};

constexpr std::string_view pin = "AA:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                                 "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00";

Client clear() {
    return {"clear text", {.address = base::IpAddress::parse("192.0.2.7").value()}};
}

Client encrypted() {
    auto client = clear();
    client.words = "TLS, no certificate";
    client.is.tls = ClientTls{record::Protocol::tls13, "TLS_AES_256_GCM_SHA384", 256, true, {}};
    return client;
}

Client showing(std::string name, std::string fault = {}) {
    auto client = encrypted();
    client.words = fmt::format("certificate for {}{}", name, fault.empty() ? "" : ", " + fault);
    client.is.tls->certificate = ClientCertificate{.names = {std::move(name)}};
    client.is.chainFault = [fault = std::move(fault)](const auto&) { return fault; };
    return client;
}

Client pinned() {
    auto client = showing("any.example", "self-signed");
    client.is.tls->certificate->spki[0] = std::byte{0xaa};
    client.words = "self-signed certificate with the pinned key";
    return client;
}

Client with(Client client, DomainHosts::Status status, std::string words) {
    client.hosts = {status, {"mx.partner.example", "partner.example"}, "SERVFAIL"};
    client.words += ", " + std::move(words);
    return client;
}

Client withTlsa(Client client, ClientTlsa::Status status, std::string words) {
    client.tlsa = {status, words};
    client.words += ", " + std::move(words);
    return client;
}

Client named(Client client, ClientName name, std::string words) {
    client.is.name = std::move(name);
    client.words += ", " + std::move(words);
    return client;
}

Client from(Client client, const char* address) {
    client.is.address = base::IpAddress::parse(address).value();
    client.words += fmt::format(", from {}", address);
    return client;
}

Client old() {
    auto client = encrypted();
    client.is.tls->protocol = record::Protocol::tls12;
    client.is.tls->cipher = "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
    client.is.tls->cipherBits = 112;
    client.words = "TLSv1.2 with 3DES";
    return client;
}

Client unasked() {
    auto client = encrypted();
    client.is.tls->wasAsked = false;
    client.words = "TLS from before the rule, asked for no certificate";
    return client;
}

using Known = DomainHosts::Status;
using Tlsa = ClientTlsa::Status;
const ClientName confirmed{ClientName::Status::confirmed, "out.partner.example"};
const ClientName nameless{ClientName::Status::none, ""};
const ClientName unknown{ClientName::Status::failed, ""};
const ClientName claimed{ClientName::Status::failed, "out.partner.example"};
constexpr const char* partner = "partner.example";
const std::string listed = "partner.example verify match=mail.partner.example";
const std::string byMx = "partner.example verify";
const std::string fingerprint = fmt::format("partner.example fingerprint match=spki:{}", pin);

// Steps are those of inbound.hpp; docs/only-securely.md shows these very rows.
const Row rows[] = {
    {1, "nobody speaks of it", "", partner, clear(), "accepted"},
    {1, "what is exempt is free of the map's demands", listed + "; client:192.0.2.0/24 exempt", partner,
     clear(), "accepted"},
    {1, "also of a refusal", "partner.example refuse; client:192.0.2.7 exempt", partner, clear(), "accepted"},
    {1, "but not of an alliance's", "client:192.0.2.0/24 exempt; post:" + listed, partner, encrypted(),
     "refused 550 5.7.1"},
    {2, "`*` is for whom no other key speaks of", "* refuse", partner, encrypted(), "refused 550 5.7.1"},
    {2, "not for the listed", "* refuse; " + listed, partner, showing("mail.partner.example"), "accepted"},
    {2, "nor for the members of an alliance", "* refuse; post:" + listed, partner,
     showing("mail.partner.example"), "accepted"},
    {2, "the most specific domain wins", ".example refuse; partner.example may", partner, clear(),
     "accepted"},
    {2, "the most specific network wins", "client:192.0.2.0/24 refuse; client:192.0.2.7 may", partner,
     clear(), "accepted"},
    {2, "of different kinds both must hold", "partner.example may; client:192.0.2.0/24 encrypt", partner,
     clear(), "refused 530 5.7.0"},
    {3, "whatever it shows", "partner.example refuse", partner, showing("mail.partner.example"),
     "refused 550 5.7.1"},
    {4, "no TLS", "partner.example encrypt", partner, clear(), "refused 530 5.7.0"},
    {4, "no TLS, whatever else is missing", listed, partner, clear(), "refused 530 5.7.0"},
    {4, "TLS is all that is asked", "partner.example encrypt", partner, encrypted(), "accepted"},
    {4, "below the floor of protocols", "partner.example encrypt protocols=>=TLSv1.3", partner, old(),
     "refused 550 5.7.4"},
    {4, "below the floor of ciphers", "partner.example encrypt ciphers=high", partner, old(),
     "refused 550 5.7.4"},
    {4, "above both", "partner.example encrypt protocols=>=TLSv1.3 ciphers=high", partner, encrypted(),
     "accepted"},
    {5, "from its own network", "partner.example encrypt hosts=192.0.2.0/24", partner, encrypted(),
     "accepted"},
    {5, "from another", "partner.example encrypt hosts=198.51.100.0/24", partner, encrypted(),
     "refused 550 5.7.1"},
    {5, "by its name", "partner.example encrypt hosts=.partner.example", partner,
     named(encrypted(), confirmed, "name out.partner.example"), "accepted"},
    {5, "which it has not", "partner.example encrypt hosts=.partner.example", partner,
     named(encrypted(), nameless, "no name in DNS"), "refused 550 5.7.1"},
    {5, "an address proves no identity: both must hold", listed + " hosts=192.0.2.0/24", partner, encrypted(),
     "refused 550 5.7.1"},
    {6, "the right certificate", listed, partner, showing("mail.partner.example"), "accepted"},
    {6, "none", listed, partner, encrypted(), "refused 550 5.7.1"},
    {6, "another tenant's", listed, partner, showing("mail.tenant.example"), "refused 550 5.7.1"},
    {6, "an expired one", listed, partner, showing("mail.partner.example", "expired"), "refused 550 5.7.1"},
    {6, "a self-signed one with the right name", listed, partner,
     showing("mail.partner.example", "self-signed"), "refused 550 5.7.1"},
    {6, "MX names count where DNSSEC proves them", byMx, partner,
     with(showing("mx.partner.example"), Known::secure, "MX proven"), "accepted"},
    {6, "not otherwise", byMx, partner, with(showing("mx.partner.example"), Known::insecure, "MX not proven"),
     "refused 550 5.7.1"},
    {6, "nor where a list takes their place", listed, partner,
     with(showing("mx.partner.example"), Known::secure, "MX proven"), "refused 550 5.7.1"},
    {6, "but beside it", listed + ":hostname", partner,
     with(showing("mx.partner.example"), Known::secure, "MX proven"), "accepted"},
    {6, "the domain's own name only where listed", byMx, partner,
     with(showing("partner.example"), Known::secure, "MX proven"), "refused 550 5.7.1"},
    {6, "as here", "partner.example verify match=partner.example", partner, showing("partner.example"),
     "accepted"},
    {6, "and wildcards, too", listed, partner, showing("*.partner.example"), "refused 550 5.7.1"},
    {6, "as here", "partner.example verify match=*.partner.example", partner, showing("*.partner.example"),
     "accepted"},
    {6, "the pinned key, whoever issued the certificate", fingerprint, partner, pinned(), "accepted"},
    {6, "another key", fingerprint, partner, showing("mail.partner.example"), "refused 550 5.7.1"},
    {6, "TLSA records of a bound name", "partner.example dane match=mail.partner.example", partner,
     withTlsa(showing("mail.partner.example", "self-signed"), Tlsa::proves, "TLSA fits"), "accepted"},
    {6, "that don't fit", "partner.example dane match=mail.partner.example", partner,
     withTlsa(showing("mail.partner.example"), Tlsa::otherCertificate, "TLSA of another"),
     "refused 550 5.7.1"},
    {6, "of a name that is not bound", "partner.example dane match=mail.partner.example", partner,
     withTlsa(showing("evil.example"), Tlsa::proves, "TLSA fits"), "refused 550 5.7.1"},
    {6, "a null sender's client proves itself", "* verify", "", showing("mx.any.example"), "accepted"},
    {6, "or not", "* verify", "", showing("mx.any.example", "self-signed"), "refused 550 5.7.1"},
    {7, "a listed forwarder", listed + " forwarders=192.0.2.0/24", partner, encrypted(), "accepted"},
    {7, "which needs TLS all the same", listed + " forwarders=192.0.2.0/24", partner, clear(),
     "refused 530 5.7.0"},
    {8, "MX records that could not be looked up", byMx, partner,
     with(showing("mx.partner.example"), Known::failed, "MX unknown"), "deferred 451 4.7.1"},
    {8, "where nothing hangs on them", listed + ":hostname", partner,
     with(showing("mail.partner.example"), Known::failed, "MX unknown"), "accepted"},
    {8, "TLSA records that could not be looked up", "partner.example dane match=mail.partner.example",
     partner, withTlsa(showing("mail.partner.example"), Tlsa::failed, "TLSA unknown"), "deferred 451 4.7.1"},
    {8, "the client's name, where the rule hangs on it", "partner.example encrypt hosts=out.partner.example",
     partner, named(encrypted(), unknown, "name unknown"), "deferred 451 4.7.1"},
    {8, "and not for others", "partner.example encrypt; client:.evil.example refuse", partner,
     named(encrypted(), unknown, "name unknown"), "accepted"},
    {8, "it may be exempt", listed + "; client:out.partner.example exempt", partner,
     named(encrypted(), unknown, "name unknown"), "deferred 451 4.7.1"},
    {8, "the name that it claims has a rule", "client:out.partner.example refuse", partner,
     named(encrypted(), claimed, "claims out.partner.example"), "deferred 451 4.7.1"},
    {8, "a connection from before the rule", listed, partner, unasked(), "deferred 451 4.7.1"},
    {8, "what is missing for good decides all the same", listed + "; client:192.0.2.0/24 refuse", partner,
     unasked(), "refused 550 5.7.1"},
    {9, "in testing it is only told", listed + " mode=testing", partner, encrypted(), "testing 550 5.7.1"},
    {9, "and never defers", byMx + " mode=testing", partner,
     with(showing("mx.partner.example"), Known::failed, "MX unknown"), "testing 451 4.7.1"},
    {9, "beside a rule that is enforced", listed + " mode=testing; client:192.0.2.0/24 encrypt", partner,
     clear(), "refused 530 5.7.0"},
    {9, "a listener's rule", "listener:192.0.2.10:25 encrypt", partner, clear(), "refused 530 5.7.0"},
    {9, "which other listeners don't have", "listener:192.0.2.11:25 encrypt", partner, clear(), "accepted"},
    {9, "a parent's rule", ".example encrypt", partner, clear(), "refused 530 5.7.0"},
    {9, "which is not for the parent itself", ".partner.example encrypt", partner, clear(), "accepted"},
    {9, "by the client's name", "client:.partner.example encrypt", "other.example",
     named(clear(), confirmed, "name out.partner.example"), "refused 530 5.7.0"},
    {9, "of IPv6", "client:2001:db8::/32 encrypt", partner, from(clear(), "2001:db8::7"),
     "refused 530 5.7.0"},
};

std::vector<std::string> linesOf(const Row& row) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < row.map.size();) {
        const auto end = std::min(row.map.find(';', begin), row.map.size());
        lines.push_back(row.map.substr(row.map.find_first_not_of(' ', begin), end - begin));
        lines.back() = lines.back().substr(0, lines.back().find(';'));
        begin = end + 1;
    }
    return lines;
}

InboundMap mapOf(const std::string& text) {
    auto map = InboundMap::parse(text, "map", [](const std::string&) { return record::Anchors(); });
    if (!map) FAIL(toText(map.error().front(), "map"));
    return std::move(*map);
}

InboundVerdict verdictOn(const Row& row) {
    constexpr std::string_view alliance = "post:";
    std::string ours;
    std::vector<InboundRule> rules;
    for (const auto& line : linesOf(row)) {
        if (!line.starts_with(alliance)) {
            ours += line + '\n';
            continue;
        }
        const auto theirs = mapOf(line.substr(alliance.size()));
        for (auto rule : theirs.rules()) {
            rule.origin = {record::Origin::Kind::alliance, "post"};
            rules.push_back(std::move(rule));
        }
    }
    auto client = row.client.is;
    client.listener = "192.0.2.10:25";
    const auto map = mapOf(ours);
    for (auto& rule : rulesFor(map, client, row.domain))
        rules.push_back(std::move(rule));
    InboundFacts facts{client, row.domain, row.client.hosts, {}, ruleIfNamed(map, client)};
    facts.tlsa = [tlsa = row.client.tlsa](const auto&) { return tlsa; };
    return judge(rules, facts);
}

std::string told(const InboundVerdict& verdict) {
    std::string text(toText(verdict.outcome));
    if (verdict.reply.code != 0) text += fmt::format(" {} {}", verdict.reply.code, verdict.reply.enhanced);
    return text;
}

std::string table() {
    std::string text = "| step | rules | the client | verdict | |\n|---|---|---|---|---|\n";
    for (int step = 1; step <= 9; ++step)
        for (const auto& row : rows) {
            if (row.step != step) continue;
            std::string rules;
            for (auto line : linesOf(row)) {
                if (const auto at = line.find(pin); at != line.npos) line.replace(at, pin.size(), "AA:00:…");
                rules += (rules.empty() ? "`" : ", `") + line + '`';
            }
            const auto sender = *row.domain == '\0' ? "null sender; "
                                : std::string_view(row.domain) == partner
                                    ? ""
                                    : fmt::format("for {}; ", row.domain);
            text += fmt::format("| {} | {} | {}{} | {} | {} |\n", step, rules.empty() ? "none" : rules,
                                sender, row.client.words, row.want, row.why);
        }
    return text;
}

}  // namespace

TEST_CASE("judge: each verdict on incoming mail (rules 43, 59, 60; docs/only-securely.md)") {
    for (const auto& row : rows) {
        INFO(row.step, " ", row.map, " | ", row.client.words, ": ", row.why);
        CHECK(told(verdictOn(row)) == row.want);
    }
}

TEST_CASE("judge: the identity is told, and of whom it is one") {
    const Row row{6, "", listed, partner, showing("mail.partner.example"), ""};
    const auto verdict = verdictOn(row);
    REQUIRE(verdict.identity);
    CHECK(*verdict.identity ==
          Identity{"mail.partner.example", "partner.example", record::Proof::clientCertificate});
    CHECK(verdict.sentence ==
          "Mail from partner.example is accepted, as map:1 demands it; the client is proven "
          "to be mail.partner.example.");
}

TEST_CASE("judge: who may come by a listener's rule is proven to speak for no domain (rule 59)") {
    const Row row{6,
                  "",
                  "listener:192.0.2.10:25 verify match=mail.partner.example",
                  "victim.example",
                  showing("mail.partner.example"),
                  ""};
    auto verdict = verdictOn(row);
    REQUIRE(verdict.identity);
    CHECK(*verdict.identity == Identity{"mail.partner.example", "", record::Proof::clientCertificate});
    // Where a rule on the domain proves it as well, that is what is told.
    const Row both{6,
                   "",
                   listed + "; listener:192.0.2.10:25 verify match=mail.partner.example",
                   partner,
                   showing("mail.partner.example"),
                   ""};
    verdict = verdictOn(both);
    REQUIRE(verdict.identity);
    CHECK(verdict.identity->domain == "partner.example");
}

TEST_CASE("judge: the words name the rule, and nothing of our files (rule 43)") {
    const Row row{6, "", listed, partner, showing("mail.tenant.example"), ""};
    CHECK(verdictOn(row).reply.words == "Mail from partner.example is taken from a client with a client "
                                        "certificate for mail.partner.example, "
                                        "issued by a trusted CA only; the certificate is for "
                                        "mail.tenant.example (rule: partner.example verify)");
}

TEST_CASE("judge: no rule that binds lowers what another one demands") {
    for (const auto& row : rows) {
        if (row.map.find("exempt") != std::string::npos || row.map.find("* ") == 0) continue;
        auto stricter = row;
        stricter.map +=
            (row.map.empty() ? "" : "; ") + std::string("client:0.0.0.0/0 refuse; client:::/0 refuse");
        // A narrower key of the same kind takes its place.
        if (row.map.find("client:") != std::string::npos) continue;
        INFO(row.map);
        CHECK(verdictOn(stricter).outcome == InboundVerdict::Outcome::refused);
    }
}

TEST_CASE("withoutPolicy: mail waits, and nobody is told why but us") {
    const auto verdict = withoutPolicy("tls_policy_in:1: is no map");
    CHECK(told(verdict) == "deferred 451 4.7.1");
    CHECK(verdict.reply.words.find("tls_policy_in") == std::string::npos);
    CHECK(verdict.sentence.find("tls_policy_in:1") != std::string::npos);
}

TEST_CASE("docs/only-securely.md: the table of verdicts") {
    policy::test::checkPageTable(POSTSEAL_SOURCE_DIR "/docs/only-securely.md", "inbound_table_test.cpp",
                                 table());
}
