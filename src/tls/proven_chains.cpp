#include "tls/proven_chains.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <vector>

namespace postseal::tls {
namespace {

using Digest = std::array<unsigned char, 32>;

std::vector<const X509*> certificatesOf(const Chain& chain) {
    std::vector<const X509*> all{chain.leaf};
    for (int i = 0; i < sk_X509_num(chain.untrusted); ++i)
        all.push_back(sk_X509_value(chain.untrusted, i));
    return all;
}

/// The digest of all digests; none: OpenSSL has no memory left.
std::optional<base::Sha256> digestOf(const std::vector<const X509*>& certificates) {
    std::vector<unsigned char> all;
    for (const X509* certificate : certificates) {
        Digest one{};
        if (X509_digest(certificate, EVP_sha256(), one.data(), nullptr) != 1) return std::nullopt;
        all.insert(all.end(), one.begin(), one.end());
    }
    base::Sha256 digest{};
    auto* out = reinterpret_cast<unsigned char*>(digest.data());
    if (EVP_Digest(all.data(), all.size(), out, nullptr, EVP_sha256(), nullptr) != 1) return std::nullopt;
    return digest;
}

std::optional<base::Timestamp> timeOf(const ASN1_TIME* time) {
    tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return base::Timestamp(std::chrono::seconds(timegm(&parts)));
}

}  // namespace

Fault ProvenChains::chainFault(const Chain& chain, X509_STORE* store, base::Timestamp now) {
    return fault(chain, store, now, [&] { return tls::chainFault(chain, store, now); });
}

Fault ProvenChains::fault(const Chain& chain, const void* trusted, base::Timestamp now,
                          const std::function<Fault()>& verify) {
    if (chain.leaf == nullptr) return verify();
    const auto certificates = certificatesOf(chain);
    const auto digest = digestOf(certificates);
    if (!digest) return verify();

    const Key key{trusted, *digest};
    if (const auto known = kept_.find(key); known != kept_.end()) {
        if (now >= known->second.from && now < known->second.until) return {};
        kept_.erase(known);
    }
    auto found = verify();
    if (!found.empty()) return found;

    Span span{now, now + longestAge};
    for (const X509* certificate : certificates) {
        const auto end = timeOf(X509_get0_notAfter(certificate));
        if (!end) return found;
        span.until = std::min(span.until, *end);
    }
    if (kept_.size() >= mostKept) kept_.clear();
    kept_.emplace(key, span);
    return found;
}

}  // namespace postseal::tls
