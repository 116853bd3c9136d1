// Ed25519 (RFC 8032), by which lists of alliances are signed. The private key is a PEM file like any other
// (tls/private_key). Pure: the random octets of a new key are OpenSSL's. Any thread.
#pragma once

#include "base/hex.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "tls/private_key.hpp"

#include <span>
#include <string>
#include <string_view>

namespace postseal::tls {

/// `key` is the public one, 32 octets.
bool isSignedBy(std::span<const std::byte> key, std::string_view text, std::span<const std::byte> signature);

/// The error says that the key is of another kind.
base::Result<base::Bytes, std::string> signEd25519(const PrivateKey& key, std::string_view text);
base::Result<base::Bytes, std::string> publicEd25519(const PrivateKey& key);

/// A new private key, as PEM.
base::Result<base::Secret, std::string> newEd25519();

}  // namespace postseal::tls
