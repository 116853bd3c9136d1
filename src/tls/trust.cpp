#include "tls/trust.hpp"

#include "tls/certificates.hpp"
#include "tls/errors.hpp"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdint>

namespace postseal::tls {
namespace {

using base::fail;
using base::Result;
using record::Why;

std::string inQuotes(const std::string& name) {
    return name.empty() ? std::string("(without a name)") : '"' + name + '"';
}

std::string faultWords(int verifyResult, const X509* at) {
    const auto about = at == nullptr ? record::PeerCertificate() : describe(at);
    const auto subject = inQuotes(about.subject);
    switch (verifyResult) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return fmt::format("the certificate {} expired on {}", subject, base::toRfc3339(about.notAfter));
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return fmt::format("the certificate {} is not valid before {}", subject,
                           base::toRfc3339(about.notBefore));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return fmt::format("the certificate {} is self-signed and not trusted here", subject);
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return fmt::format("the certificate's chain ends at the CA {}, which is not trusted here", subject);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return fmt::format(
            "the certificate {} was issued by {}, which is not trusted here (or an intermediate "
            "certificate is missing)",
            subject, inQuotes(about.issuer));
    case X509_V_ERR_INVALID_PURPOSE:
        return fmt::format("the certificate {} is not made for this use", subject);
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return fmt::format("the signature on the certificate {} is false", subject);
    default:
        return fmt::format("the certificate {}: {}", subject, X509_verify_cert_error_string(verifyResult));
    }
}

bool isOfKey(const X509* certificate, const record::Anchors& anchor) {
    if (anchor.of != record::Anchors::Of::key) return false;
    return matchesPin(certificate, {record::Fingerprint::Of::spki,
                                    base::Bytes(anchor.digest.begin(), anchor.digest.end())});
}

}  // namespace

Result<std::shared_ptr<const TrustStore>> TrustStore::load(const std::string& caFile,
                                                           const std::string& caPath) {
    ERR_clear_error();
    CertificateStore store(X509_STORE_new());
    if (!caFile.empty() && X509_STORE_load_file(store.get(), caFile.c_str()) != 1)
        return fail(
            base::Error{{}, base::Phase::configuration, caFile + ": no CA certificates: " + takeErrors()});
    if (!caPath.empty() && X509_STORE_load_path(store.get(), caPath.c_str()) != 1)
        return fail(
            base::Error{{}, base::Phase::configuration, caPath + ": no folder of CAs: " + takeErrors()});
    return std::shared_ptr<const TrustStore>(new TrustStore(std::move(store)));
}

Result<std::shared_ptr<const TrustStore>> TrustStore::loadAnchors(const std::string& file) {
    auto trust = load(file, {});
    if (trust) X509_STORE_set_flags((*trust)->store(), X509_V_FLAG_PARTIAL_CHAIN);
    return trust;
}

Result<record::Anchors, std::string> makeAnchors(std::string pem) {
    if (const auto certificates = parsePem(pem); !certificates) return fail(certificates.error());
    record::Anchors anchors;
    if (EVP_Digest(pem.data(), pem.size(), reinterpret_cast<unsigned char*>(anchors.digest.data()), nullptr,
                   EVP_sha256(), nullptr) != 1)
        return fail(takeErrors());
    anchors.pem = std::make_shared<const std::string>(std::move(pem));
    return anchors;
}

Result<OneAnchor, std::string> makeOneAnchor(std::string pem) {
    const auto certificates = parsePem(pem);
    if (!certificates) return fail(certificates.error());
    if (certificates->size() != 1)
        return fail(fmt::format("it holds {} certificates, not one", certificates->size()));
    auto about = describe(certificates->front().get());
    auto anchors = makeAnchors(std::move(pem));
    if (!anchors) return fail(anchors.error());
    return OneAnchor{std::move(*anchors), std::move(about)};
}

CertificateStore makeStore(std::span<const record::Anchors> anchors) {
    CertificateStore store(X509_STORE_new());
    // As in Postfix, what the administrator names is trusted even where it is an intermediate.
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    for (const auto& file : anchors) {
        if (!file.pem) continue;
        const auto certificates = parsePem(*file.pem);
        if (!certificates) continue;
        for (const auto& certificate : *certificates)
            X509_STORE_add_cert(store.get(), certificate.get());
    }
    return store;
}

namespace {

/// `purpose` is one of OpenSSL's names of parameter sets; null: any use will do.
Fault verify(const Chain& chain, X509_STORE* store, base::Timestamp now, const char* purpose) {
    ERR_clear_error();
    const StoreContext context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), store, chain.leaf, chain.untrusted) != 1 ||
        (purpose != nullptr && X509_STORE_CTX_set_default(context.get(), purpose) != 1))
        return {Why::certificateUntrusted, takeErrors()};
    auto* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters,
                               std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    X509_VERIFY_PARAM_set_auth_level(parameters, 1);  // no MD5, no RSA below 1024 bits; as Postfix
    if (X509_verify_cert(context.get()) == 1) return {};
    ERR_clear_error();
    return faultOf(X509_STORE_CTX_get_error(context.get()), X509_STORE_CTX_get_current_cert(context.get()));
}

}  // namespace

Fault chainFault(const Chain& chain, X509_STORE* store, base::Timestamp now) {
    if (chain.leaf == nullptr) return {Why::certificateUntrusted, "the server showed no certificate"};
    return verify(chain, store, now, "ssl_server");
}

Fault clientChainFault(const Chain& chain, X509_STORE* store, base::Timestamp now) {
    if (chain.leaf == nullptr) return {Why::certificateUntrusted, "the client showed no certificate"};
    constexpr std::uint32_t forTls = XKU_SSL_CLIENT | XKU_SSL_SERVER | XKU_ANYEKU;
    const auto uses = X509_get_extended_key_usage(chain.leaf);  // all bits set: it says nothing of them
    if ((uses & forTls) == 0) return {Why::certificateUntrusted, "the certificate is not for use in TLS"};
    return verify(chain, store, now, nullptr);
}

CertificateStore anchoredStore(const Chain& chain, std::span<const record::Anchors> anchors,
                               X509_STORE* trusted) {
    auto store = makeStore(anchors);
    const auto addNamed = [&](const stack_st_X509* certificates) {
        for (int i = 0; i < sk_X509_num(certificates); ++i) {
            X509* certificate = sk_X509_value(certificates, i);
            // Of what a server sent, the leaf is the first; it is no CA.
            if (chain.leaf != nullptr && X509_cmp(certificate, chain.leaf) == 0) continue;
            if (std::ranges::any_of(anchors,
                                    [&](const auto& anchor) { return isOfKey(certificate, anchor); }))
                X509_STORE_add_cert(store.get(), certificate);
        }
    };
    addNamed(chain.untrusted);
    auto* const known = X509_STORE_get1_all_certs(trusted);
    addNamed(known);
    sk_X509_pop_free(known, X509_free);
    return store;
}

Fault faultOf(int verifyResult, const X509* at) {
    if (verifyResult == X509_V_OK) return {};
    const bool isExpired = verifyResult == X509_V_ERR_CERT_HAS_EXPIRED;
    return {isExpired ? Why::certificateExpired : Why::certificateUntrusted, faultWords(verifyResult, at)};
}

}  // namespace postseal::tls
