// What both sides' contexts have in common: little memory (buffers go when a session idles), no
// renegotiation, writes that may be partial. Within this room only.
#pragma once

#include "record/requirement.hpp"
#include "tls/handles.hpp"

#include <string>

namespace postseal::tls {

inline constexpr const char* preferredGroups = "X25519:P-256:P-384:P-521:X448";

SslContext makeServerContext();
SslContext makeClientContext();

/// Exactly these versions, whatever the system's openssl.cnf says; false: none of them.
bool allowProtocols(SSL_CTX* context, record::Protocols protocols);

}  // namespace postseal::tls
