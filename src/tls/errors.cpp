#include "tls/errors.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/tls1.h>

#include <string_view>
#include <system_error>

namespace postseal::tls {
namespace {

/// Where OpenSSL's words name a symptom, the cause; empty: its own words will do.
std::string_view plainWords(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return {};
    switch (ERR_GET_REASON(error)) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_HTTP_REQUEST: return "the peer sends something else than TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_NO_PROTOCOLS_AVAILABLE: return "the peer offers no TLS version that is allowed here";
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION: return "the peer refuses every TLS version that is allowed here";
    case SSL_R_NO_SHARED_CIPHER: return "the peer offers no cipher that is allowed here";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return "the peer accepts none of the ciphers that are allowed here";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return "the peer closed the connection in the middle of TLS";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return "the peer does not know the CA of our certificate";
    default: return {};
    }
}

std::string words(unsigned long error, const char* data) {
    if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
    if (const auto plain = plainWords(error); !plain.empty()) return std::string(plain);
    const char* reason = ERR_reason_error_string(error);
    std::string text = reason == nullptr ? "unknown error of the TLS library" : reason;
    if (data != nullptr && *data != '\0') text.append(" (").append(data).append(")");
    return text;
}

}  // namespace

std::string takeErrors() {
    const char* data = nullptr;
    int flags = 0;
    // The first error is the cause; those after it are what failed because of it.
    const auto first = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags);
    auto text = first == 0 ? std::string("no reason given")
                           : words(first, (flags & ERR_TXT_STRING) != 0 ? data : nullptr);
    ERR_clear_error();
    return text;
}

}  // namespace postseal::tls
