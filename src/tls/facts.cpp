#include "tls/facts.hpp"

#include "base/ascii.hpp"
#include "tls/certificates.hpp"

#include <openssl/ssl.h>

namespace postseal::tls {
namespace {

/// As IANA's registry of supported groups writes them; empty: RSA key exchange.
std::string groupName(SSL* session) {
    const int nid = static_cast<int>(SSL_get_negotiated_group(session));
    if (nid == NID_undef) return {};
    const char* name = SSL_group_to_name(session, nid);
    if (name == nullptr) return {};
    const std::string_view text(name);
    // The registry has these two in lower case; RFC 7748, people and rule 39 do not.
    if (text == "x25519" || text == "x448") return base::toUpper(text);
    return std::string(text);
}

}  // namespace

record::TlsFacts factsOf(SSL* session, const Verdict& verdict) {
    record::TlsFacts facts;
    facts.protocol = SSL_get_version(session);
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(session); cipher != nullptr) {
        const char* name = SSL_CIPHER_standard_name(cipher);
        facts.cipher = name == nullptr ? SSL_CIPHER_get_name(cipher) : name;
        facts.cipherBits = SSL_CIPHER_get_bits(cipher, nullptr);
    }
    facts.group = groupName(session);
    facts.resumed = SSL_session_reused(session) == 1;
    constexpr std::size_t longestName = 255;
    if (const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name); name != nullptr)
        facts.serverName = base::escaped(name, longestName);
    if (const X509* peer = SSL_get0_peer_certificate(session); peer != nullptr) {
        facts.peer = describe(peer);
        facts.peer->chainFault = verdict.chainFault;
    }
    facts.authenticatedBy = verdict.proof;
    facts.name = verdict.name;
    return facts;
}

}  // namespace postseal::tls
