// What both sides' contexts have in common: little memory (buffers go when a session idles), no
// renegotiation, writes that may be partial. Within this room only.
#pragma once

#include "record/requirement.hpp"
#include "tls/handles.hpp"

#include <string>

namespace postseal::tls {

// A client sends the share of X25519 alone, as Postfix 3.11 does: a hello that fits one segment, and a server
// that prefers the hybrid group asks for its share (rule 46). A server prefers it, before all others ("/").
inline constexpr const char* clientGroups = "*X25519:P-256:P-384:P-521:X448:?X25519MLKEM768";
inline constexpr const char* serverGroups = "?X25519MLKEM768/X25519:P-256:P-384:P-521:X448";
inline constexpr const char* classicalGroups = "X25519:P-256:P-384:P-521:X448";

SslContext makeServerContext();
/// `groups` is one of the lists above.
SslContext makeClientContext(const char* groups);

/// Exactly these versions, whatever the system's openssl.cnf says; false: none of them.
bool allowProtocols(SSL_CTX* context, record::Protocols protocols);

}  // namespace postseal::tls
