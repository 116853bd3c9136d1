#include "tls/verify.hpp"

#include "tls/certificates.hpp"
#include "tls/client_contexts.hpp"
#include "tls/facts.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

#include <cstdio>

using namespace postseal;
using namespace postseal::tls;
using record::Assurance;
using record::Level;
using record::Proof;
using Kind = record::NamePattern::Kind;

namespace {

/// A CA, what it signed, and what others signed.
struct World {
    test::Identity root = test::make({.commonName = "Root", .authority = true});
    test::Identity evil = test::make({.commonName = "Evil CA", .authority = true});
    test::Identity middle = test::make({.commonName = "Middle", .issuer = &root, .authority = true});
    test::Identity good = test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &root});
    test::Identity below =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &middle});
    test::Identity expired =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &root, .lastDay = -3});
    test::Identity early =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &root, .firstDay = 2});
    test::Identity alien = test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &evil});
    test::Identity lone = test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}});
    test::Identity elsewhere =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.net", "www.example.net"}, .issuer = &root});
    test::Identity clientOnly = test::make(
        {.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &root, .extendedUse = "clientAuth"});

    std::shared_ptr<const TrustStore> trust = [this] {
        const std::string file = std::tmpnam(nullptr);  // NOLINT: a test's file, removed at once
        {
            const MemoryBio out(BIO_new_file(file.c_str(), "w"));
            PEM_write_bio_X509(out.get(), root.certificate.get());
        }
        auto store = TrustStore::load(file, "");
        std::remove(file.c_str());
        return store.value();
    }();
};

const World& world() {
    static const World made;
    return made;
}

record::Requirement at(Level level) {
    return {.level = level};
}
record::Requirement names(std::vector<record::NamePattern> patterns, Level level = Level::secure) {
    return {.level = level, .allOf = {record::NamesCondition{std::move(patterns)}}};
}
const record::NamePattern mx{Kind::exact, "mx.example.org"};

record::Fingerprint pinOf(const test::Identity& identity) {
    const auto facts = describe(identity.certificate.get());
    return {record::Fingerprint::Of::either, {facts.spki.begin(), facts.spki.end()}};
}

}  // namespace

TEST_CASE("a connection is judged by its level, and each refusal has words of its own") {
    const auto& w = world();
    auto anchored = names({mx});
    std::get<record::NamesCondition>(anchored.allOf[0]).anchors = {
        *makeAnchors(test::pemOf(w.evil.certificate.get()))};
    auto unproven = names({mx}, Level::verify);
    std::get<record::NamesCondition>(unproven.allOf[0]).proves = Assurance::encrypted;
    record::Requirement pinned{.level = Level::fingerprint,
                               .allOf = {record::FingerprintCondition{{pinOf(w.lone)}}}};
    auto both = names({mx});
    both.allOf.emplace_back(record::FingerprintCondition{{pinOf(w.good)}});

    struct Row {
        const char* why;
        const test::Identity* peer;
        record::Requirement requirement;
        bool met;
        Assurance assurance;
        Proof proof;
        std::string words;
    };
    const auto yes = Assurance::authenticated;
    const auto no = Assurance::encrypted;
    const Row rows[] = {
        {"may asks nothing", &w.alien, at(Level::may), true, no, Proof::none, ""},
        {"encrypt asks nothing of the certificate", &w.expired, at(Level::encrypt), true, no, Proof::none,
         ""},
        {"encrypt: nor that there is one", nullptr, at(Level::encrypt), true, no, Proof::none, ""},
        {"encrypt proves nothing even so", &w.good, at(Level::encrypt), true, no, Proof::none, ""},
        {"secure", &w.good, names({mx}), true, yes, Proof::pkix, ""},
        {"a name below", &w.good, names({{Kind::below, "example.org"}}), true, yes, Proof::pkix, ""},
        {"any of the names", &w.good, names({{Kind::exact, "a.example"}, mx}), true, yes, Proof::pkix, ""},
        {"expired", &w.expired, names({mx}), false, no, Proof::none,
         "the certificate \"mx\" expired on 2026-11-20T12:00:00Z"},
        {"not yet valid", &w.early, names({mx}), false, no, Proof::none,
         "the certificate \"mx\" is not valid before 2026-11-25T12:00:00Z"},
        {"unknown CA", &w.alien, names({mx}), false, no, Proof::none,
         "the certificate \"mx\" was issued by \"Evil CA\", which is not trusted here (or an intermediate "
         "certificate is missing)"},
        {"intermediate not sent", &w.below, names({mx}), false, no, Proof::none,
         "the certificate \"mx\" was issued by \"Middle\", which is not trusted here (or an intermediate "
         "certificate is missing)"},
        {"self-signed", &w.lone, names({mx}), false, no, Proof::none,
         "the certificate \"mx\" is self-signed and not trusted here"},
        {"wrong name", &w.elsewhere, names({mx, {Kind::below, "example.com"}}), false, no, Proof::none,
         "the certificate is for mx.example.net, www.example.net, not for mx.example.org or a name below "
         "example.com"},
        {"for clients only", &w.clientOnly, names({mx}), false, no, Proof::none,
         "the certificate \"mx\" is not made for this use"},
        {"no certificate", nullptr, names({mx}), false, no, Proof::none, "the server showed no certificate"},
        {"tafile replaces the CAs", &w.alien, anchored, true, yes, Proof::pkix, ""},
        {"tafile: the CAs count no more", &w.good, anchored, false, no, Proof::none,
         "the certificate \"mx\" was issued by \"Root\", which is not trusted here (or an intermediate "
         "certificate is missing)"},
        {"a name from an unproven DNS answer proves only encryption (docs/policy.md)", &w.good, unproven,
         true, no, Proof::none,
         "the certificate for mx.example.org verifies, but that name was learnt from a DNS answer that "
         "nothing "
         "proves"},
        {"and must match even so", &w.elsewhere, unproven, false, no, Proof::none,
         "the certificate is for mx.example.net, www.example.net, not for mx.example.org"},
        {"fingerprint: names, dates and CAs count for nothing", &w.lone, pinned, true, yes,
         Proof::fingerprint, ""},
        {"all conditions hold", &w.good, both, true, yes, Proof::pkix, ""},
        {"or none does", &w.expired, both, false, no, Proof::none,
         "the certificate \"mx\" expired on 2026-11-20T12:00:00Z"},
        {"an authenticated level that names no proof is never met", &w.good, at(Level::secure), false, no,
         Proof::none, "the policy names nothing that could prove the server"},
    };
    Verifier verifier(w.trust);
    for (const auto& row : rows) {
        INFO(row.why);
        const Chain chain{row.peer == nullptr ? nullptr : row.peer->certificate.get()};
        const auto verdict = verifier.judge(chain, row.requirement, test::now);
        CHECK(verdict.met == row.met);
        CHECK((verdict.why == record::Why::none) == row.met);
        CHECK(verdict.assurance == row.assurance);
        CHECK(verdict.proof == row.proof);
        CHECK(verdict.reason == row.words);
        CHECK(verdict.name.empty() == (row.proof == Proof::none));
    }
    const auto wrongPin = verifier.judge(Chain{w.good.certificate.get()}, pinned, test::now);
    CHECK_FALSE(wrongPin.met);
    CHECK(wrongPin.reason.starts_with("no listed fingerprint fits: the certificate's SHA-256 is "));
    const auto missingPin = verifier.judge(Chain{}, pinned, test::now);
    CHECK(missingPin.reason == "the server showed no certificate");
}

TEST_CASE("RFC 8460 §4.3: a refused certificate has its cause, for reports, beside its words") {
    const auto& w = world();
    const record::Requirement pinned{.level = Level::fingerprint,
                                     .allOf = {record::FingerprintCondition{{pinOf(w.lone)}}}};
    struct Row {
        const char* why;
        const test::Identity* peer;
        record::Requirement requirement;
        const char* type;
    };
    const Row rows[] = {
        {"met", &w.good, names({mx}), ""},
        {"expired", &w.expired, names({mx}), "certificate-expired"},
        {"not yet valid", &w.early, names({mx}), "certificate-not-trusted"},
        {"unknown CA", &w.alien, names({mx}), "certificate-not-trusted"},
        {"self-signed", &w.lone, names({mx}), "certificate-not-trusted"},
        {"wrong name", &w.elsewhere, names({mx}), "certificate-host-mismatch"},
        {"none shown", nullptr, names({mx}), "certificate-not-trusted"},
        {"another's pin", &w.good, pinned, "certificate-not-trusted"},
        {"nothing that proves", &w.good, at(Level::secure), "validation-failure"},
    };
    Verifier verifier(w.trust);
    for (const auto& row : rows) {
        INFO(row.why);
        const Chain chain{row.peer == nullptr ? nullptr : row.peer->certificate.get()};
        const auto verdict = verifier.judge(chain, row.requirement, test::now);
        CHECK(record::resultType(verdict.why) == row.type);
    }
}

TEST_CASE("the handshake never fails on a certificate: facts and verdict come after it") {
    const auto& w = world();
    ClientContexts contexts;
    Verifier verifier(w.trust);
    const auto requirement = names({mx});
    for (const auto* peer : {&w.good, &w.alien, &w.expired, &w.lone}) {
        const auto server = test::serve(*peer);
        const Ssl theirs(SSL_new(server.get()));
        const auto ours = contexts.newSession(requirement, "mx.example.org");
        REQUIRE(ours);
        REQUIRE(test::handshake(ours->get(), theirs.get()));
        const auto verdict = verifier.judge(ours->get(), requirement, test::now);
        CHECK(verdict.met == (peer == &w.good));
        const auto facts = factsOf(ours->get(), verdict);
        CHECK(facts.protocol == "TLSv1.3");
        CHECK(facts.cipher == "TLS_AES_256_GCM_SHA384");
        CHECK(facts.cipherBits == 256);
        CHECK(facts.group == (hasHybridGroups() ? "X25519MLKEM768" : "X25519"));
        CHECK(record::hasForwardSecrecy(facts));
        CHECK(record::isPostQuantum(facts) == hasHybridGroups());
        CHECK(facts.serverName == "mx.example.org");
        CHECK_FALSE(facts.resumed);
        REQUIRE(facts.peer);
        CHECK(facts.peer->chainFault == verdict.chainFault);
        CHECK(facts.peer->chainFault.empty() == (peer == &w.good));
        CHECK((facts.authenticatedBy == Proof::pkix) == (peer == &w.good));
        CHECK(facts.name == (peer == &w.good ? "mx.example.org" : ""));
    }
}

TEST_CASE("an intermediate that the server sends completes the chain") {
    const auto& w = world();
    ClientContexts contexts;
    Verifier verifier(w.trust);
    const auto server = test::serve(w.below, {&w.middle});
    const Ssl theirs(SSL_new(server.get()));
    const auto ours = contexts.newSession(names({mx}), "mx.example.org");
    REQUIRE(test::handshake(ours->get(), theirs.get()));
    CHECK(verifier.judge(ours->get(), names({mx}), test::now).met);
}

TEST_CASE("an intermediate in a tafile is an anchor as it stands") {
    const auto& w = world();
    auto requirement = names({mx});
    std::get<record::NamesCondition>(requirement.allOf[0]).anchors = {
        *makeAnchors(test::pemOf(w.middle.certificate.get()))};
    Verifier verifier(w.trust);
    CHECK(verifier.judge(Chain{w.below.certificate.get()}, requirement, test::now).met);
    CHECK_FALSE(verifier.judge(Chain{w.good.certificate.get()}, requirement, test::now).met);
}

TEST_CASE("a CA that is known by its key alone is found among what the peer sent, or what is trusted") {
    const auto& w = world();
    const auto keyOf = [](const test::Identity& identity) {
        return record::Anchors{.digest = describe(identity.certificate.get()).spki,
                               .of = record::Anchors::Of::key};
    };
    auto requirement = names({mx});
    auto& anchors = std::get<record::NamesCondition>(requirement.allOf[0]).anchors;
    Verifier verifier(w.trust);
    const std::unique_ptr<stack_st_X509, void (*)(stack_st_X509*)> sent(
        sk_X509_new_null(), [](stack_st_X509* certificates) { sk_X509_free(certificates); });
    sk_X509_push(sent.get(), w.below.certificate.get());
    sk_X509_push(sent.get(), w.middle.certificate.get());

    anchors = {keyOf(w.middle)};
    CHECK(verifier.judge(Chain{w.below.certificate.get(), sent.get()}, requirement, test::now).met);
    CHECK_FALSE(verifier.judge(Chain{w.below.certificate.get()}, requirement, test::now).met);  // not sent
    anchors = {keyOf(w.root)};  // trusted anyway
    CHECK(verifier.judge(Chain{w.good.certificate.get()}, requirement, test::now).met);
    anchors = {keyOf(w.evil)};
    CHECK_FALSE(verifier.judge(Chain{w.good.certificate.get()}, requirement, test::now).met);
    anchors = {keyOf(w.good)};  // a leaf's own key is no CA's
    CHECK_FALSE(verifier.judge(Chain{w.good.certificate.get()}, requirement, test::now).met);
}

TEST_CASE("CA files that can't be read are named") {
    const auto missing = TrustStore::load("/nonexistent/ca.pem", "");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().detail == "/nonexistent/ca.pem: no CA certificates: No such file or directory");
    CHECK_FALSE(makeAnchors("no PEM"));
}

TEST_CASE("rule 41: a client's certificate may be for any use of TLS, and for nothing else") {
    const auto& all = world();
    const auto fault = [&](const test::Identity& identity) {
        return clientChainFault({identity.certificate.get(), nullptr}, all.trust->store(), test::now).why;
    };
    const auto serverOnly =
        test::make({.commonName = "mx", .issuer = &all.root, .extendedUse = "serverAuth"});
    const auto mailOnly =
        test::make({.commonName = "mx", .issuer = &all.root, .extendedUse = "emailProtection"});
    CHECK(fault(all.good) == record::Why::none);
    CHECK(fault(all.clientOnly) == record::Why::none);
    CHECK(fault(serverOnly) == record::Why::none);
    CHECK(fault(mailOnly) == record::Why::certificateUntrusted);
    CHECK(fault(all.expired) == record::Why::certificateExpired);
    CHECK(fault(all.alien) == record::Why::certificateUntrusted);
    CHECK(fault(all.lone) == record::Why::certificateUntrusted);
}
