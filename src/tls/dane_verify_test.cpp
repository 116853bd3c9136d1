#include "tls/dane_verify.hpp"

#include "tls/certificates.hpp"
#include "tls/test_certificates.hpp"
#include "tls/verify.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::tls;
using record::Assurance;
using record::Proof;
using record::Tlsa;

namespace {

const std::vector<std::string> mxNames{"mx.example.org"};

struct World {
    test::Identity root = test::make({.commonName = "Root", .authority = true});
    test::Identity middle = test::make({.commonName = "Middle", .issuer = &root, .authority = true});
    test::Identity sameName = test::make({.commonName = "Middle", .issuer = &root, .authority = true});
    test::Identity expiredMiddle =
        test::make({.commonName = "Old", .issuer = &root, .authority = true, .lastDay = -3});
    test::Identity noCa = test::make({.commonName = "No CA", .issuer = &root});
    test::Identity good = test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &middle});
    test::Identity direct = test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &root});
    test::Identity rsa = test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &root, .rsa = true});
    test::Identity expired =
        test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &middle, .lastDay = -3});
    test::Identity early =
        test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &middle, .firstDay = 2});
    test::Identity ofOld = test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &expiredMiddle});
    test::Identity ofNoCa = test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &noCa});
    test::Identity elsewhere =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.net"}, .issuer = &middle});
    test::Identity domain = test::make({.commonName = "x", .dnsNames = {"example.org"}, .issuer = &middle});
    test::Identity wildcard =
        test::make({.commonName = "x", .dnsNames = {"*.example.org"}, .issuer = &middle});
    test::Identity partial =
        test::make({.commonName = "x", .dnsNames = {"m*.example.org"}, .issuer = &middle});
    test::Identity commonName = test::make({.commonName = "mx.example.org", .issuer = &middle});
    test::Identity clientOnly =
        test::make({.commonName = "mx", .dnsNames = mxNames, .issuer = &middle, .extendedUse = "clientAuth"});
    test::Identity lone = test::make({.commonName = "lone", .lastDay = -3});  // expired, without a name
    test::Identity loneNamed = test::make({.commonName = "mx", .dnsNames = mxNames});
};

const World& world() {
    static const World made;
    return made;
}

enum class Part { certificate, key };
enum class Form : std::uint8_t { full, sha256, sha512 };

Tlsa tlsaOf(int usage, Part part, Form form, const test::Identity& of) {
    unsigned char* der = nullptr;
    const int length = part == Part::certificate
                           ? i2d_X509(of.certificate.get(), &der)
                           : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(of.certificate.get()), &der);
    std::vector<unsigned char> data(der, der + length);
    OPENSSL_free(der);
    if (form != Form::full) {
        std::vector<unsigned char> digest(form == Form::sha256 ? 32 : 64);
        EVP_Digest(data.data(), data.size(), digest.data(), nullptr,
                   form == Form::sha256 ? EVP_sha256() : EVP_sha512(), nullptr);
        data = digest;
    }
    const auto bytes = std::as_bytes(std::span(data));
    return {static_cast<std::uint8_t>(usage),
            static_cast<std::uint8_t>(part == Part::key),
            static_cast<std::uint8_t>(form),
            {bytes.begin(), bytes.end()}};
}
Tlsa ee(const test::Identity& of) {
    return tlsaOf(3, Part::key, Form::sha256, of);
}
Tlsa ta(const test::Identity& of) {
    return tlsaOf(2, Part::certificate, Form::sha256, of);
}

struct FreeStack {
    void operator()(stack_st_X509* stack) const { sk_X509_free(stack); }
};
using Sent = std::unique_ptr<stack_st_X509, FreeStack>;

/// As SSL_get_peer_cert_chain gives them: the leaf first.
Sent sentBy(const test::Identity& leaf, const std::vector<const test::Identity*>& above) {
    Sent sent(sk_X509_new_null());
    sk_X509_push(sent.get(), leaf.certificate.get());
    for (const auto* one : above)
        sk_X509_push(sent.get(), one->certificate.get());
    return sent;
}

/// What OpenSSL's own DANE says of the same, told to ignore names with DANE-EE.
bool opensslAccepts(const Chain& chain, const record::TlsaCondition& condition) {
    const SslContext context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_dane_enable(context.get());
    const Ssl session(SSL_new(context.get()));
    SSL_dane_enable(session.get(), condition.referenceNames.front().c_str());
    SSL_dane_set_flags(session.get(), DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    SSL_set_hostflags(session.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    for (const auto& name : condition.referenceNames)
        SSL_add1_host(session.get(), name.c_str());
    for (const auto& r : condition.records)
        if (SSL_dane_tlsa_add(session.get(), r.usage, r.selector, r.matching,
                              reinterpret_cast<const unsigned char*>(r.data.data()), r.data.size()) != 1)
            return false;
    const CertificateStore nobody(X509_STORE_new());
    const StoreContext verification(X509_STORE_CTX_new());
    X509_STORE_CTX_init(verification.get(), nobody.get(), chain.leaf, chain.untrusted);
    X509_STORE_CTX_set_default(verification.get(), "ssl_server");
    auto* parameters = X509_STORE_CTX_get0_param(verification.get());
    X509_VERIFY_PARAM_set1(parameters, SSL_get0_param(session.get()));
    X509_VERIFY_PARAM_set_time(
        parameters, std::chrono::floor<std::chrono::seconds>(test::now).time_since_epoch().count());
    X509_STORE_CTX_set0_dane(verification.get(), SSL_get0_dane(session.get()));
    return X509_verify_cert(verification.get()) == 1;
}

std::shared_ptr<const TrustStore> nobody() {
    return TrustStore::load("", "").value();
}

record::Requirement demand(std::vector<Tlsa> records, std::vector<std::string> names = mxNames,
                           Assurance proves = Assurance::authenticated) {
    return {.level = record::Level::dane,
            .allOf = {record::TlsaCondition{std::move(records), std::move(names), proves}}};
}

}  // namespace

TEST_CASE("rules 10, 11: a chain against TLSA records, as OpenSSL's own DANE judges it") {
    const auto& w = world();
    using Above = std::vector<const test::Identity*>;
    struct Row {
        const char* why;
        const test::Identity* leaf;
        Above above;
        std::vector<Tlsa> records;
        std::vector<std::string> names;
        std::string provenName;  // empty: refused
        bool asOpenssl = true;
    };
    const std::string mx = "mx.example.org";
    const std::vector<std::string> three{"mx.example.com", "example.org", "real.example"};
    const Row rows[] = {
        // DANE-EE
        {"rule 10: 3 1 1 (RFC 7672 §3.1.1)", &w.good, {}, {ee(w.good)}, mxNames, mx},
        {"rule 10: 3 0 1", &w.good, {}, {tlsaOf(3, Part::certificate, Form::sha256, w.good)}, mxNames, mx},
        {"rule 10: 3 1 2", &w.rsa, {}, {tlsaOf(3, Part::key, Form::sha512, w.rsa)}, mxNames, mx},
        {"rule 10: 3 0 0", &w.good, {}, {tlsaOf(3, Part::certificate, Form::full, w.good)}, mxNames, mx},
        {"rule 10: 3 1 0", &w.good, {}, {tlsaOf(3, Part::key, Form::full, w.good)}, mxNames, mx},
        {"rule 10: neither name nor date (RFC 7671 §5.1)", &w.lone, {}, {ee(w.lone)}, mxNames, mx},
        {"rule 10: not yet valid (RFC 7671 §5.1)", &w.early, {}, {ee(w.early)}, mxNames, mx},
        {"rule 10: nor the use", &w.clientOnly, {}, {ee(w.clientOnly)}, mxNames, mx},
        {"rule 10: one of several (rollover, RFC 7671 §8.1)",
         &w.good,
         {},
         {ee(w.direct), ee(w.good)},
         mxNames,
         mx},
        {"rule 15: another key (§2.2)", &w.good, {&w.middle}, {ee(w.direct)}, mxNames, ""},
        {"rule 10: the key of an authority is none of the peer's",
         &w.good,
         {&w.middle},
         {ee(w.middle)},
         mxNames,
         ""},
        {"rule 10: the certificate's digest with the key's selector",
         &w.good,
         {},
         {Tlsa{3, 1, 1, tlsaOf(3, Part::certificate, Form::sha256, w.good).data}},
         mxNames,
         ""},
        // DANE-TA
        {"rule 11: 2 0 1 of an intermediate (RFC 7672 §3.1.2)",
         &w.good,
         {&w.middle},
         {ta(w.middle)},
         mxNames,
         mx},
        {"rule 11: of the root, which is sent", &w.good, {&w.middle, &w.root}, {ta(w.root)}, mxNames, mx},
        {"rule 11: 2 1 1", &w.good, {&w.middle}, {tlsaOf(2, Part::key, Form::sha256, w.middle)}, mxNames, mx},
        {"rule 11: 2 0 2",
         &w.direct,
         {&w.root},
         {tlsaOf(2, Part::certificate, Form::sha512, w.root)},
         mxNames,
         mx},
        {"rule 11: in any order", &w.good, {&w.root, &w.middle}, {ta(w.root)}, mxNames, mx},
        {"rule 11: not sent (§3.1.2)", &w.good, {}, {ta(w.middle)}, mxNames, ""},
        {"rule 11: the root is not sent", &w.good, {&w.middle}, {ta(w.root)}, mxNames, ""},
        {"rule 11: 2 0 0 stands in for what is not sent (§3.1.2)",
         &w.good,
         {},
         {tlsaOf(2, Part::certificate, Form::full, w.middle)},
         mxNames,
         mx},
        {"rule 11: 2 0 0 of the root above what is sent",
         &w.good,
         {&w.middle},
         {tlsaOf(2, Part::certificate, Form::full, w.root)},
         mxNames,
         mx},
        {"rule 11: 2 1 0, a bare key, stands in too (§3.1.2)",
         &w.good,
         {},
         {tlsaOf(2, Part::key, Form::full, w.middle)},
         mxNames,
         mx},
        {"rule 11: a bare key above what is sent",
         &w.good,
         {&w.middle},
         {tlsaOf(2, Part::key, Form::full, w.root)},
         mxNames,
         mx},
        {"rule 11: 2 1 0 of what is sent",
         &w.direct,
         {&w.root},
         {tlsaOf(2, Part::key, Form::full, w.root)},
         mxNames,
         mx},
        {"rule 11: a bare key that signed nothing here",
         &w.good,
         {&w.middle},
         {tlsaOf(2, Part::key, Form::full, w.direct)},
         mxNames,
         ""},
        {"rule 11: an authority of the same name with another key",
         &w.good,
         {&w.sameName},
         {ta(w.sameName)},
         mxNames,
         ""},
        {"rule 11: both are in DNS, and one signed (rollover)",
         &w.good,
         {},
         {tlsaOf(2, Part::certificate, Form::full, w.sameName),
          tlsaOf(2, Part::certificate, Form::full, w.middle)},
         mxNames,
         mx,
         false},  // OpenSSL takes the first of the name
        {"rule 11: sent, but it signed nothing", &w.direct, {&w.middle}, {ta(w.middle)}, mxNames, ""},
        {"rule 11: the peer's own certificate is no authority",
         &w.good,
         {&w.middle},
         {ta(w.good)},
         mxNames,
         ""},
        {"rule 11: nor is a self-signed one", &w.loneNamed, {}, {ta(w.loneNamed)}, mxNames, ""},
        {"rule 11: though it is sent twice", &w.loneNamed, {&w.loneNamed}, {ta(w.loneNamed)}, mxNames, ""},
        {"rule 11: an issuer that is no CA", &w.ofNoCa, {&w.noCa}, {ta(w.noCa)}, mxNames, ""},
        {"rule 11: dates count (RFC 7672 §3.1.2)", &w.expired, {&w.middle}, {ta(w.middle)}, mxNames, ""},
        {"rule 11: also the authority's",
         &w.ofOld,
         {&w.expiredMiddle},
         {ta(w.expiredMiddle)},
         mxNames,
         "",
         false},  // OpenSSL looks at the dates of a root only
        {"rule 11: the use counts", &w.clientOnly, {&w.middle}, {ta(w.middle)}, mxNames, ""},
        {"rule 11: the name counts (§3.2.2)", &w.elsewhere, {&w.middle}, {ta(w.middle)}, mxNames, ""},
        {"rule 11: any of the reference names (§3.2.2)",
         &w.domain,
         {&w.middle},
         {ta(w.middle)},
         three,
         "example.org"},
        {"rule 11: a wildcard for one label (§3.2.3)",
         &w.wildcard,
         {&w.middle},
         {ta(w.middle)},
         mxNames,
         "*.example.org"},
        {"rule 11: a wildcard does not stand for none", &w.wildcard, {&w.middle}, {ta(w.middle)}, three, ""},
        {"rule 11: part of a label is no wildcard (§3.2.3)",
         &w.partial,
         {&w.middle},
         {ta(w.middle)},
         mxNames,
         ""},
        {"rule 11: the common name where there is no DNS name (§3.2.3)",
         &w.commonName,
         {&w.middle},
         {ta(w.middle)},
         mxNames,
         mx},
        // Mixed
        {"rule 10: EE or TA: EE fits, TA does not", &w.good, {}, {ta(w.root), ee(w.good)}, mxNames, mx},
        {"rule 10: TA fits, EE does not", &w.good, {&w.middle}, {ta(w.middle), ee(w.direct)}, mxNames, mx},
        {"rule 10: EE fits beside a TA with another name",
         &w.elsewhere,
         {&w.middle},
         {ta(w.middle), ee(w.elsewhere)},
         mxNames,
         mx},
        {"rule 10: neither", &w.good, {&w.middle}, {ta(w.noCa), ee(w.direct)}, mxNames, ""},
        // What must not happen with records that policy/dane would have left out
        {"rule 9: PKIX-EE proves nothing",
         &w.good,
         {},
         {tlsaOf(1, Part::key, Form::sha256, w.good)},
         mxNames,
         ""},
    };
    Verifier verifier(nobody());
    for (const auto& row : rows) {
        INFO(std::string(row.why));
        const auto sent = sentBy(*row.leaf, row.above);
        const Chain chain{row.leaf->certificate.get(), sent.get()};
        const auto requirement = demand(row.records, row.names);
        const auto& condition = std::get<record::TlsaCondition>(requirement.allOf[0]);
        for (int again = 0; again < 2; ++again) {  // the second time from memory
            const auto verdict = verifier.judge(chain, requirement, test::now);
            CHECK(verdict.met == !row.provenName.empty());
            CHECK(verdict.proof == (verdict.met ? Proof::dane : Proof::none));
            CHECK(verdict.assurance == (verdict.met ? Assurance::authenticated : Assurance::encrypted));
            // The base is what DANE-EE proves, whatever the certificate's names are.
            CHECK(verdict.name == row.provenName);
            CHECK(verdict.reason.empty() == verdict.met);
            CHECK((verdict.why == record::Why::none) == verdict.met);
        }
        CHECK((opensslAccepts(chain, condition) == !row.provenName.empty()) == row.asOpenssl);
    }
}

TEST_CASE("rule 11: the authorities of the configuration count for nothing, nor does their lack") {
    const auto& w = world();
    Verifier verifier(nobody());
    const auto sent = sentBy(w.good, {&w.middle});
    const auto verdict =
        verifier.judge({w.good.certificate.get(), sent.get()}, demand({ta(w.middle)}), test::now);
    CHECK(verdict.met);
    CHECK_FALSE(verdict.chainFault.empty());
}

TEST_CASE(
    "rule 16: what was proven under some records or names is not proven under others (RFC 7672 §3.2.2)") {
    const auto& w = world();
    Verifier verifier(nobody());
    const auto sent = sentBy(w.good, {&w.middle});
    const Chain chain{w.good.certificate.get(), sent.get()};
    CHECK(verifier.judge(chain, demand({ta(w.middle)}), test::now).met);
    CHECK_FALSE(verifier.judge(chain, demand({ta(w.root)}), test::now).met);
    CHECK_FALSE(verifier.judge(chain, demand({ta(w.middle)}, {"example.com"}), test::now).met);
    INFO("and the memory does not outlive the certificate");
    CHECK_FALSE(verifier.judge(chain, demand({ta(w.middle)}), test::now + std::chrono::days(40)).met);
}

TEST_CASE("rule 6: over an insecure MX record a match proves encryption, and says why (RFC 7672 §2.2.1)") {
    const auto& w = world();
    Verifier verifier(nobody());
    const auto half = demand({ee(w.good)}, mxNames, Assurance::encrypted);
    const auto verdict = verifier.judge(Chain{w.good.certificate.get()}, half, test::now);
    CHECK(verdict.met);
    CHECK(verdict.assurance == Assurance::encrypted);
    CHECK(verdict.proof == Proof::none);
    CHECK(verdict.reason ==
          "the certificate fits the TLSA records of mx.example.org, but the MX record that names "
          "this host is not proven by DNSSEC");
    INFO("and it must match all the same");
    CHECK_FALSE(verifier.judge(Chain{w.direct.certificate.get()}, half, test::now).met);
}

TEST_CASE("each refusal has words") {
    const auto& w = world();
    Verifier verifier(nobody());
    const auto words = [&](const test::Identity& leaf, const Tlsa& tlsa) {
        const auto sent = sentBy(leaf, {&w.middle});
        return verifier.judge({leaf.certificate.get(), sent.get()}, demand({tlsa}), test::now).reason;
    };
    CHECK(words(w.good, ee(w.direct))
              .starts_with("no TLSA record of mx.example.org fits the certificate: its SHA-256 is "));
    CHECK(words(w.good, ta(w.direct)) ==
          "the TLSA records of mx.example.org: the server's chain has no certificate that fits them");
    CHECK(words(w.expired, ta(w.middle)) ==
          "the TLSA records of mx.example.org: the certificate \"mx\" expired on 2026-11-20T12:00:00Z");
    CHECK(words(w.elsewhere, ta(w.middle)) ==
          "the certificate is for mx.example.net, not for mx.example.org");
    CHECK(verifier.judge(Chain{}, demand({ee(w.good)}), test::now).reason ==
          "the server showed no certificate");
}

TEST_CASE("what a peer sends or a stranger publishes is bounded, and spoilt data proves nothing") {
    const auto& w = world();
    std::vector<const test::Identity*> many(200, &w.root);
    many.push_back(&w.middle);
    const auto sent = sentBy(w.good, many);
    const Chain chain{w.good.certificate.get(), sent.get()};
    CHECK_FALSE(daneTaFault(chain, {ta(w.middle)}, test::now).empty());
    const base::Bytes sequence{std::byte{0x30}, std::byte{0}};
    CHECK_FALSE(daneTaFault(chain, {Tlsa{2, 0, 0, sequence}, Tlsa{2, 1, 0, sequence}}, test::now).empty());
    CHECK_FALSE(
        fitsDaneEe(w.good.certificate.get(), {Tlsa{3, 1, 1, {}}, Tlsa{3, 1, 0, {}}, Tlsa{3, 1, 9, {}}}));
    CHECK_FALSE(fitsDaneEe(nullptr, {ee(w.good)}));
}
