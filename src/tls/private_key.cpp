#include "tls/private_key.hpp"

#include "tls/errors.hpp"

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <memory>

namespace postseal::tls {
namespace {

using base::Error;
using base::fail;
using base::Phase;
using base::Result;

/// Called where OpenSSL would ask at the terminal.
int refusePassphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* wasAsked) {
    *static_cast<bool*>(wasAsked) = true;
    return -1;
}

}  // namespace

Result<PrivateKey> PrivateKey::load(const std::string& file) {
    ERR_clear_error();
    const MemoryBio input(BIO_new_file(file.c_str(), "r"));
    if (!input) return fail(Error{{}, Phase::configuration, file + ": " + takeErrors()});

    bool askedForPassphrase = false;
    Key key(PEM_read_bio_PrivateKey(input.get(), nullptr, refusePassphrase, &askedForPassphrase));
    if (key) return PrivateKey(std::move(key));

    const auto words = takeErrors();
    const auto fault =
        askedForPassphrase
            ? std::string("the key asks for a passphrase, which a server cannot type; store it without one")
            : "holds no private key in PEM form: " + words;
    return fail(Error{{}, Phase::configuration, file + ": " + fault});
}

Result<void, std::string> PrivateKey::signFor(SSL_CTX* context) const {
    ERR_clear_error();
    if (SSL_CTX_use_PrivateKey(context, key_.get()) == 1 && SSL_CTX_check_private_key(context) == 1)
        return {};
    ERR_clear_error();
    return fail(std::string("the key does not belong to the certificate"));
}

bool PrivateKey::fits(const X509* certificate) const {
    const bool isOurs = X509_check_private_key(certificate, key_.get()) == 1;
    ERR_clear_error();
    return isOurs;
}

int PrivateKey::type() const {
    return EVP_PKEY_get_base_id(key_.get());
}

Result<base::Bytes, std::string> PrivateKey::sign(std::string_view text) const {
    ERR_clear_error();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    base::Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
    auto length = signature.size();
    if (EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1)
        return fail(takeErrors());
    signature.resize(length);
    return signature;
}

Result<base::Bytes, std::string> PrivateKey::publicOctets() const {
    ERR_clear_error();
    std::size_t length = 0;
    if (EVP_PKEY_get_raw_public_key(key_.get(), nullptr, &length) != 1) return fail(takeErrors());
    base::Bytes octets(length);
    if (EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(octets.data()), &length) !=
        1)
        return fail(takeErrors());
    return octets;
}

std::optional<std::string> keyFileWarning(std::string_view file, unsigned mode) {
    constexpr unsigned readableByOthers = 04;
    constexpr unsigned writableByGroupOrOthers = 022;
    if ((mode & (readableByOthers | writableByGroupOrOthers)) == 0) return std::nullopt;
    const auto who =
        (mode & readableByOthers) != 0 ? "everybody on this machine can read it" : "others can write it";
    return fmt::format("{}: {} (mode {:04o}); make it 0600, or 0640 with a group of its own", file, who,
                       mode & 07777U);
}

}  // namespace postseal::tls
