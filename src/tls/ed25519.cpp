#include "tls/ed25519.hpp"

#include "tls/errors.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace postseal::tls {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t keyLength = 32;
constexpr std::size_t signatureLength = 64;

struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

const unsigned char* octets(const void* data) {
    return static_cast<const unsigned char*>(data);
}

}  // namespace

bool isSignedBy(std::span<const std::byte> key, std::string_view text, std::span<const std::byte> signature) {
    if (key.size() != keyLength || signature.size() != signatureLength) return false;
    ERR_clear_error();
    const Key publicKey(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(key.data()), key.size()));
    const Digest digest(EVP_MD_CTX_new());
    const bool holds = publicKey && digest &&
                       EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, publicKey.get()) == 1 &&
                       EVP_DigestVerify(digest.get(), octets(signature.data()), signature.size(),
                                        octets(text.data()), text.size()) == 1;
    ERR_clear_error();
    return holds;
}

Result<base::Bytes, std::string> signEd25519(const PrivateKey& key, std::string_view text) {
    if (key.type() != EVP_PKEY_ED25519) return fail(std::string("it is no Ed25519 key"));
    auto signature = key.sign(text);
    if (!signature) return fail(signature.error());
    return signature;
}

Result<base::Bytes, std::string> publicEd25519(const PrivateKey& key) {
    if (key.type() != EVP_PKEY_ED25519) return fail(std::string("it is no Ed25519 key"));
    return key.publicOctets();
}

Result<base::Secret, std::string> newEd25519() {
    ERR_clear_error();
    const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    const MemoryBio output(BIO_new(BIO_s_secmem()));
    if (!key || !output ||
        PEM_write_bio_PKCS8PrivateKey(output.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(takeErrors());
    char* text = nullptr;
    const auto length = BIO_get_mem_data(output.get(), &text);
    return base::Secret({text, static_cast<std::size_t>(length)});
}

}  // namespace postseal::tls
