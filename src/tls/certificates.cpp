#include "tls/certificates.hpp"

#include "base/ascii.hpp"
#include "record/certificate_name.hpp"
#include "tls/errors.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

namespace postseal::tls {
namespace {

using base::fail;
using base::Result;
using record::NamePattern;

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
struct FreeBytes {
    void operator()(unsigned char* bytes) const { OPENSSL_free(bytes); }
};
using OwnedBytes = std::unique_ptr<unsigned char, FreeBytes>;

bool isHostCharacter(char c) {
    return base::isAlnum(c) || c == '-' || c == '_' || c == '.' || c == '*';
}

/// Lower case, or nothing where it has a byte (NUL above all) that no host name has.
std::optional<std::string> hostName(std::string_view raw) {
    constexpr std::size_t longest = 255;
    if (raw.empty() || raw.size() > longest || !std::ranges::all_of(raw, isHostCharacter))
        return std::nullopt;
    return base::toLower(raw);
}

std::string_view textOf(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string attribute(const X509_NAME* name, int nid) {
    const int at = X509_NAME_get_index_by_NID(name, nid, -1);
    if (at < 0) return {};
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    const OwnedBytes owner(utf8);
    return length < 0 ? std::string()
                      : std::string(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
}

std::string forPeople(const X509_NAME* name) {
    constexpr std::size_t longest = 128;
    const auto common = attribute(name, NID_commonName);
    return base::escaped(common.empty() ? attribute(name, NID_organizationName) : common, longest);
}

struct DnsNames {
    bool present = false;  // even where none of them is sound: then the common name does not count
    std::vector<std::string> sound;
};

DnsNames dnsNamesOf(const X509* certificate) {
    const std::unique_ptr<GENERAL_NAMES, FreeNames> all(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    DnsNames names;
    for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(all.get(), i);
        if (name->type != GEN_DNS) continue;
        names.present = true;
        if (auto sound = hostName(textOf(name->d.dNSName))) names.sound.push_back(std::move(*sound));
    }
    return names;
}

std::vector<std::string> candidates(const X509* certificate, DnsNames names) {
    if (names.present) return std::move(names.sound);
    const auto common = hostName(attribute(X509_get_subject_name(certificate), NID_commonName));
    return common ? std::vector{*common} : std::vector<std::string>();
}

base::Bytes asBytes(const unsigned char* bytes, int length) {
    const auto all = std::as_bytes(std::span(bytes, static_cast<std::size_t>(std::max(length, 0))));
    return {all.begin(), all.end()};
}

base::Bytes certificateDer(const X509* certificate) {
    unsigned char* der = nullptr;
    const int length = i2d_X509(certificate, &der);
    const OwnedBytes owner(der);
    return asBytes(der, length);
}

/// The SubjectPublicKeyInfo, as Postfix and TLSA selector 1 take it.
base::Bytes keyDer(const X509* certificate) {
    unsigned char* der = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    const OwnedBytes owner(der);
    return asBytes(der, length);
}

/// Empty for no bytes, and where OpenSSL fails.
base::Bytes digestOf(const base::Bytes& bytes, const EVP_MD* algorithm) {
    base::Bytes digest(bytes.empty() ? 0 : static_cast<std::size_t>(EVP_MD_get_size(algorithm)));
    if (digest.empty() ||
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                   algorithm, nullptr) != 1)
        digest.clear();
    return digest;
}

base::Sha256 asSha256(const base::Bytes& digest) {
    base::Sha256 array{};
    if (digest.size() == array.size()) std::ranges::copy(digest, array.begin());
    return array;
}

base::Timestamp timeOf(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    constexpr int tmYearZero = 1900;
    const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + tmYearZero),
                                          std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                          std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    return std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) +
           std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
}

}  // namespace

std::vector<std::string> namesOf(const X509* certificate, CommonName commonName) {
    auto names = dnsNamesOf(certificate);
    names.present = names.present || commonName == CommonName::ignored;
    return candidates(certificate, std::move(names));
}

std::optional<std::string> matchingName(const X509* certificate, const NamePattern& pattern,
                                        CommonName commonName) {
    for (auto& name : namesOf(certificate, commonName))
        if (record::certificateNameFits(name, pattern)) return std::move(name);
    return std::nullopt;
}

bool matchesPin(const X509* certificate, const record::Fingerprint& pin) {
    using Of = record::Fingerprint::Of;
    if (pin.digest.empty()) return false;
    const EVP_MD* algorithm = pin.digest.size() == base::Sha256().size() ? EVP_sha256() : EVP_sha512();
    if (pin.of != Of::spki && digestOf(certificateDer(certificate), algorithm) == pin.digest) return true;
    return pin.of != Of::certificate && digestOf(keyDer(certificate), algorithm) == pin.digest;
}

bool matchesTlsa(const X509* certificate, const record::Tlsa& record) {
    if (record.data.empty() || record.selector > 1) return false;
    const auto bytes = record.selector == 0 ? certificateDer(certificate) : keyDer(certificate);
    switch (record.matching) {
    case 0: return bytes == record.data;
    case 1: return digestOf(bytes, EVP_sha256()) == record.data;
    case 2: return digestOf(bytes, EVP_sha512()) == record.data;
    default: return false;
    }
}

record::PeerCertificate describe(const X509* certificate) {
    record::PeerCertificate peer;
    peer.sha256 = asSha256(digestOf(certificateDer(certificate), EVP_sha256()));
    peer.spki = asSha256(digestOf(keyDer(certificate), EVP_sha256()));
    peer.subject = forPeople(X509_get_subject_name(certificate));
    peer.issuer = forPeople(X509_get_issuer_name(certificate));
    peer.dnsNames = dnsNamesOf(certificate).sound;
    constexpr std::size_t mostListed = 100;  // a certificate may have thousands, and a record has them all
    if (peer.dnsNames.size() > mostListed) peer.dnsNames.resize(mostListed);
    peer.notBefore = timeOf(X509_get0_notBefore(certificate));
    peer.notAfter = timeOf(X509_get0_notAfter(certificate));
    return peer;
}

Result<Certificate, std::string> parseDer(std::span<const std::byte> der) {
    ERR_clear_error();
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const auto* end = at + der.size();
    Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (!certificate) return fail(takeErrors());
    if (at != end) return fail(std::string("bytes behind the certificate"));
    return certificate;
}

Result<std::vector<Certificate>, std::string> parsePem(std::string_view pem) {
    ERR_clear_error();
    const MemoryBio input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    std::vector<Certificate> certificates;
    while (Certificate next{PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr)})
        certificates.push_back(std::move(next));

    const auto last = ERR_peek_last_error();
    const bool atEnd = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    if (!atEnd) return fail("a spoilt certificate: " + takeErrors());
    ERR_clear_error();
    if (certificates.empty()) return fail(std::string("holds no certificate in PEM form"));
    return certificates;
}

}  // namespace postseal::tls
