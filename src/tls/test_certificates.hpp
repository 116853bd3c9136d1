// For tests only: certificates made in memory, good ones and bad ones, and a handshake over a pair of BIOs.
#pragma once

#include "base/time.hpp"
#include "tls/handles.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace postseal::tls::test {

inline const base::Timestamp now = *base::parseRfc3339("2026-11-23T12:00:00Z");

struct Identity {
    Certificate certificate;
    Key key;
};

struct Wish {
    std::string commonName;
    std::vector<std::string> dnsNames = {};
    const Identity* issuer = nullptr;  // null: self-signed
    bool authority = false;
    int firstDay = -30, lastDay = 30;  // counted from `now`
    bool rsa = false;
    std::string extendedUse = {};  // serverAuth, clientAuth
};

inline void addExtension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no extension from " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// Names go in as they are, NULs and all.
inline void addDnsNames(X509* certificate, const std::vector<std::string>& names) {
    GENERAL_NAMES* all = sk_GENERAL_NAME_new_null();
    for (const auto& name : names) {
        GENERAL_NAME* one = GENERAL_NAME_new();
        ASN1_IA5STRING* text = ASN1_IA5STRING_new();
        ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
        GENERAL_NAME_set0_value(one, GEN_DNS, text);
        sk_GENERAL_NAME_push(all, one);
    }
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, all, 0, 0);
    GENERAL_NAMES_free(all);
}

inline void setDay(ASN1_TIME* time, int day) {
    constexpr long secondsADay = 86400;
    ASN1_TIME_set(time, base::toMicros(now) / 1000000 + day * secondsADay);
}

inline Identity make(const Wish& wish) {
    Identity made;
    made.key.reset(wish.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
    made.certificate.reset(X509_new());
    X509* certificate = made.certificate.get();
    static long serial = 0;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    setDay(X509_getm_notBefore(certificate), wish.firstDay);
    setDay(X509_getm_notAfter(certificate), wish.lastDay);
    X509_set_pubkey(certificate, made.key.get());
    if (!wish.commonName.empty())
        X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(wish.commonName.data()),
                                   static_cast<int>(wish.commonName.size()), -1, 0);
    const X509* issuer = wish.issuer == nullptr ? certificate : wish.issuer->certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    if (wish.authority) addExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (!wish.extendedUse.empty()) addExtension(certificate, NID_ext_key_usage, wish.extendedUse);
    if (!wish.dnsNames.empty()) addDnsNames(certificate, wish.dnsNames);
    EVP_PKEY* signer = wish.issuer == nullptr ? made.key.get() : wish.issuer->key.get();
    if (X509_sign(certificate, signer, EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    return made;
}

inline std::string textOf(BIO* memory) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    return {data, static_cast<std::size_t>(size)};
}

inline std::string pemOf(const X509* certificate) {
    const MemoryBio memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(memory.get(), certificate);
    return textOf(memory.get());
}

inline std::string pemOf(const EVP_PKEY* key) {
    const MemoryBio memory(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return textOf(memory.get());
}

/// A server context without files: this certificate, and the intermediates that it sends.
inline SslContext serve(const Identity& identity, const std::vector<const Identity*>& intermediates = {}) {
    SslContext context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
    for (const auto* intermediate : intermediates)
        SSL_CTX_add1_chain_cert(context.get(), intermediate->certificate.get());
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("test"), 4);
    return context;
}

/// True: both sides are done, and the server's tickets have reached the client.
inline bool handshake(SSL* client, SSL* server) {
    BIO* left = nullptr;
    BIO* right = nullptr;
    constexpr std::size_t roomy = 1U << 16U;
    if (BIO_new_bio_pair(&left, roomy, &right, roomy) != 1) return false;
    SSL_set_bio(client, left, left);
    SSL_set_bio(server, right, right);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    constexpr int mostSteps = 20;
    int done = 0;
    for (int i = 0; i < mostSteps && done != 2; ++i) {
        done = SSL_do_handshake(client) == 1 ? 1 : 0;
        done += SSL_do_handshake(server) == 1 ? 1 : 0;
    }
    if (done != 2) return false;
    char byte = 'x';
    SSL_write(server, &byte, 1);
    return SSL_read(client, &byte, 1) == 1;
}

}  // namespace postseal::tls::test
