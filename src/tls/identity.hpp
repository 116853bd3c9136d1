// A certificate of ours with its chain and its key: what a server shows its clients, and what we show as a
// client to a server that asks. Read once; immutable; any thread.
#pragma once

#include "base/result.hpp"
#include "tls/handles.hpp"
#include "tls/private_key.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postseal::tls {

struct CertificateFiles {
    std::string chain;  // PEM: our own certificate, then its intermediates
    std::string key;    // PEM
};

class Identity {
public:
    /// The error names the file and what is wrong with it.
    static base::Result<Identity> load(const CertificateFiles& files);

    /// From now on the context shows it, beside those of other kinds of keys.
    base::Result<void> showIn(SSL_CTX* context) const;

    const X509* certificate() const { return chain_.front().get(); }
    int keyType() const { return key_.type(); }

private:
    Identity(std::vector<Certificate> chain, PrivateKey key, CertificateFiles files)
        : chain_(std::move(chain)), key_(std::move(key)), files_(std::move(files)) {}

    std::vector<Certificate> chain_;  // our own first
    PrivateKey key_;
    CertificateFiles files_;
};

}  // namespace postseal::tls
