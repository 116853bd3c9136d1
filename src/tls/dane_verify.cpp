#include "tls/dane_verify.hpp"

#include "tls/certificates.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>

namespace postseal::tls {
namespace {

using record::Tlsa;

constexpr std::uint8_t daneTa = 2, daneEe = 3;
constexpr std::uint8_t wholeCertificate = 0, publicKey = 1;  // selectors
constexpr std::uint8_t full = 0;                             // matching type
constexpr int mostSent = 16;                                 // certificates of the peer that may be anchors
constexpr std::size_t mostAnchors = 16;
constexpr std::size_t mostKeys = 4;  // each costs a signature check for each certificate of the chain

Certificate share(X509* certificate) {
    X509_up_ref(certificate);
    return Certificate(certificate);
}

class Anchors {
public:
    explicit Anchors(const Chain& chain) : chain_(chain) {}

    void add(Certificate certificate) {
        const bool isKnown = std::ranges::any_of(
            found_, [&](const auto& other) { return X509_cmp(other.get(), certificate.get()) == 0; });
        if (!isKnown && found_.size() < mostAnchors) found_.push_back(std::move(certificate));
    }
    /// The peer's own certificate is no authority above itself.
    void addAbove(Certificate certificate) {
        if (X509_cmp(certificate.get(), chain_.leaf) != 0) add(std::move(certificate));
    }
    std::vector<Certificate>& all() { return found_; }

private:
    const Chain& chain_;
    std::vector<Certificate> found_;
};

/// The peer's certificates, its own among them.
std::vector<X509*> sentBy(const Chain& chain) {
    std::vector<X509*> sent{chain.leaf};
    for (int i = 0; i < std::min(sk_X509_num(chain.untrusted), mostSent); ++i)
        sent.push_back(sk_X509_value(chain.untrusted, i));
    return sent;
}

Key parseKey(const base::Bytes& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    return key;
}

/// Certificates at which a chain may end; each is tried alone, since authorities may share a name.
std::vector<Certificate> anchorsOf(const Chain& chain, const std::vector<Tlsa>& records) {
    Anchors anchors(chain);
    const auto sent = sentBy(chain);
    std::size_t keys = 0;
    for (const auto& record : records) {
        if (record.usage != daneTa) continue;
        for (auto* certificate : sent)
            if (matchesTlsa(certificate, record)) anchors.addAbove(share(certificate));
        if (record.matching != full) continue;
        if (record.selector == wholeCertificate) {
            if (auto certificate = parseDer(record.data)) anchors.addAbove(std::move(*certificate));
        } else if (record.selector == publicKey && keys++ < mostKeys) {
            const auto key = parseKey(record.data);
            for (auto* certificate : sent)
                if (key && X509_verify(certificate, key.get()) == 1) anchors.add(share(certificate));
            ERR_clear_error();
        }
    }
    return std::move(anchors.all());
}

}  // namespace

bool hasDaneTa(const std::vector<Tlsa>& records) {
    return std::ranges::any_of(records, [](const Tlsa& record) { return record.usage == daneTa; });
}

bool fitsDaneEe(const X509* leaf, const std::vector<Tlsa>& records) {
    return leaf != nullptr && std::ranges::any_of(records, [&](const Tlsa& record) {
               return record.usage == daneEe && matchesTlsa(leaf, record);
           });
}

Fault daneTaFault(const Chain& chain, const std::vector<Tlsa>& records, base::Timestamp now) {
    if (chain.leaf == nullptr) return {record::Why::certificateUntrusted, "the server showed no certificate"};
    Fault fault{record::Why::tlsaInvalid, "the server's chain has no certificate that fits them"};
    for (const auto& anchor : anchorsOf(chain, records)) {
        const CertificateStore store(X509_STORE_new());
        X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
        X509_STORE_add_cert(store.get(), anchor.get());
        fault = chainFault(chain, store.get(), now);
        if (fault.empty()) return fault;
    }
    return fault;
}

}  // namespace postseal::tls
