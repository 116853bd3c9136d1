#include "tls/identity.hpp"

#include "tls/certificates.hpp"
#include "tls/context.hpp"
#include "tls/errors.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace postseal::tls {
namespace {

using base::Error;
using base::fail;
using base::Phase;
using base::Result;

Error fileError(const std::string& file, std::string_view words) {
    return {{}, Phase::configuration, file + ": " + std::string(words)};
}

Result<std::vector<Certificate>> readChain(const std::string& file) {
    ERR_clear_error();
    const MemoryBio input(BIO_new_file(file.c_str(), "r"));
    if (!input) return fail(fileError(file, takeErrors()));
    std::string pem;
    std::array<char, 4096> piece{};
    constexpr std::size_t largest = 1U << 20U;
    for (int count = 0;
         pem.size() < largest && (count = BIO_read(input.get(), piece.data(), piece.size())) > 0;)
        pem.append(piece.data(), static_cast<std::size_t>(count));
    auto chain = parsePem(pem);
    if (!chain) return fail(fileError(file, chain.error()));
    return std::move(*chain);
}

}  // namespace

Result<Identity> Identity::load(const CertificateFiles& files) {
    auto chain = readChain(files.chain);
    if (!chain) return fail(chain.error());
    auto key = PrivateKey::load(files.key);
    if (!key) return fail(key.error());
    Identity identity(std::move(*chain), std::move(*key), files);
    // What does not belong together is told now, not at the first handshake.
    const auto context = makeClientContext(clientGroups);
    if (!context) return fail(fileError(files.chain, takeErrors()));
    if (const auto shown = identity.showIn(context.get()); !shown) return fail(shown.error());
    return identity;
}

Result<void> Identity::showIn(SSL_CTX* context) const {
    ERR_clear_error();
    const auto own =
        std::ranges::find_if(chain_, [&](const auto& certificate) { return key_.fits(certificate.get()); });
    if (own != chain_.begin() && own != chain_.end())
        return fail(fileError(files_.chain, "the certificates stand in the wrong order: the server's own "
                                            "comes first, then those that vouch for it"));
    if (SSL_CTX_use_certificate(context, chain_.front().get()) != 1)
        return fail(fileError(files_.chain, takeErrors()));
    for (std::size_t i = 1; i < chain_.size(); ++i)
        if (SSL_CTX_add1_chain_cert(context, chain_[i].get()) != 1)
            return fail(fileError(files_.chain, takeErrors()));
    if (const auto fits = key_.signFor(context); !fits)
        return fail(fileError(files_.key, fits.error() + " in " + files_.chain));
    return {};
}

}  // namespace postseal::tls
