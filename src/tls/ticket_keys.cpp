#include "tls/ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string>
#include <utility>

namespace postseal::tls {
namespace {

using Held = std::shared_ptr<const TicketKeys>;

void freeHeld(void* /*session*/, void* held, CRYPTO_EX_DATA* /*data*/, int /*index*/, long /*argument*/,
              void* /*pointer*/) {
    delete static_cast<Held*>(held);
}

int heldIndex() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, freeHeld);
    return index;
}

const unsigned char* bytesOf(const base::Secret& secret) {
    return reinterpret_cast<const unsigned char*>(secret.reveal().data());
}

bool setMac(EVP_MAC_CTX* mac, const base::Secret& key) {
    std::string digest = "SHA256";
    std::array<unsigned char, 32> copy{};
    std::copy_n(bytesOf(key), copy.size(), copy.begin());
    const std::array<OSSL_PARAM, 3> parameters{
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, copy.data(), copy.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    const bool isSet = EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
    OPENSSL_cleanse(copy.data(), copy.size());
    return isSet;
}

}  // namespace

std::shared_ptr<const TicketKeys::Key> TicketKeys::newKey() {
    auto key = std::make_shared<Key>();
    std::array<unsigned char, 64> secret{};
    const bool isRandom = RAND_bytes(key->name.data(), static_cast<int>(key->name.size())) == 1 &&
                          RAND_priv_bytes(secret.data(), static_cast<int>(secret.size())) == 1;
    const std::string_view bytes(reinterpret_cast<const char*>(secret.data()), secret.size());
    key->cipher = base::Secret(bytes.substr(0, secret.size() / 2));
    key->mac = base::Secret(bytes.substr(secret.size() / 2));
    OPENSSL_cleanse(secret.data(), secret.size());
    return isRandom ? key : nullptr;
}

Held TicketKeys::make() {
    return next(nullptr);
}

Held TicketKeys::next(const Held& present) {
    auto key = newKey();
    if (!key) return nullptr;
    return Held(new TicketKeys(std::move(key), present ? present->current_ : nullptr));
}

void TicketKeys::serve(SSL_CTX* context) {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, useForTicket);
}

void TicketKeys::give(SSL* session, Held keys) {
    auto held = std::make_unique<Held>(std::move(keys));
    if (SSL_set_ex_data(session, heldIndex(), held.get()) == 1) [[maybe_unused]]
        auto* const itsOwn = held.release();
}

/// As SSL_CTX_set_tlsext_ticket_key_evp_cb(3) wants it: 0 makes or opens no ticket, 2 asks for a new one.
int TicketKeys::useForTicket(SSL* session, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                             EVP_MAC_CTX* mac, int isNew) {
    const auto* held = static_cast<const Held*>(SSL_get_ex_data(session, heldIndex()));
    if (held == nullptr || !*held) return 0;
    const auto& keys = **held;
    const auto isNamed = [&](const std::shared_ptr<const Key>& key) {
        return key && std::equal(key->name.begin(), key->name.end(), name);
    };
    const auto* const algorithm = EVP_aes_256_cbc();
    if (isNew != 0) {
        std::ranges::copy(keys.current_->name, name);
        const bool isSet =
            RAND_bytes(iv, EVP_CIPHER_get_iv_length(algorithm)) == 1 &&
            EVP_EncryptInit_ex(cipher, algorithm, nullptr, bytesOf(keys.current_->cipher), iv) == 1 &&
            setMac(mac, keys.current_->mac);
        return isSet ? 1 : -1;
    }
    const bool isCurrent = isNamed(keys.current_);
    if (!isCurrent && !isNamed(keys.previous_)) return 0;
    const auto& key = isCurrent ? *keys.current_ : *keys.previous_;
    if (EVP_DecryptInit_ex(cipher, algorithm, nullptr, bytesOf(key.cipher), iv) != 1 || !setMac(mac, key.mac))
        return -1;
    return isCurrent ? 1 : 2;
}

}  // namespace postseal::tls
