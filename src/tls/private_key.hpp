// The private keys of this server: the one place where a key file is read and a key is used, so that a
// process of its own can hold them later. A key that asks for a passphrase is an error, never a prompt.
#pragma once

#include "base/hex.hpp"
#include "base/result.hpp"
#include "tls/handles.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postseal::tls {

class PrivateKey {
public:
    /// PEM. The error names the file and what is wrong with it.
    static base::Result<PrivateKey> load(const std::string& file);

    /// Signs for this context from now on, beside the certificate that was put there last; the error says
    /// that the two do not belong together.
    base::Result<void, std::string> signFor(SSL_CTX* context) const;
    /// Whether the certificate is of this key.
    bool fits(const X509* certificate) const;
    int type() const;  // EVP_PKEY_RSA, EVP_PKEY_EC, ...

    /// Of Ed25519, which hashes by itself: the error is OpenSSL's words for another one.
    base::Result<base::Bytes, std::string> sign(std::string_view text) const;
    base::Result<base::Bytes, std::string> publicOctets() const;

private:
    explicit PrivateKey(Key key) : key_(std::move(key)) {}
    Key key_;
};

/// What is wrong with a key file's permissions (`mode` as stat(2) gives it; reading it is the caller's): who
/// can read it beside its owner and group. nullopt: nothing.
std::optional<std::string> keyFileWarning(std::string_view file, unsigned mode);

}  // namespace postseal::tls
