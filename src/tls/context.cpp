#include "tls/context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

namespace postseal::tls {
namespace {

using record::Protocol;

struct Version {
    Protocol protocol;
    int number;
    std::uint64_t without;
};
constexpr std::array<Version, 4> versions{{{Protocol::tls10, TLS1_VERSION, SSL_OP_NO_TLSv1},
                                           {Protocol::tls11, TLS1_1_VERSION, SSL_OP_NO_TLSv1_1},
                                           {Protocol::tls12, TLS1_2_VERSION, SSL_OP_NO_TLSv1_2},
                                           {Protocol::tls13, TLS1_3_VERSION, SSL_OP_NO_TLSv1_3}}};

SslContext make(const SSL_METHOD* method, const char* groups) {
    SslContext context(SSL_CTX_new(method));
    if (!context) return context;
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // SMTP marks its own ends (QUIT, the final dot), so a peer that hangs up without close_notify truncates
    // nothing that we would take for whole.
    SSL_CTX_set_options(context.get(),
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // OpenSSL before 3.5 knows neither the group nor these marks, and then takes nothing of the list.
    if (SSL_CTX_set1_groups_list(context.get(), groups) != 1) {
        ERR_clear_error();
        SSL_CTX_set1_groups_list(context.get(), classicalGroups);
    }
    return context;
}

}  // namespace

SslContext makeServerContext() {
    return make(TLS_server_method(), serverGroups);
}

SslContext makeClientContext(const char* groups) {
    return make(TLS_client_method(), groups);
}

bool allowProtocols(SSL_CTX* context, record::Protocols protocols) {
    int lowest = 0;
    int highest = 0;
    for (const auto& version : versions) {
        if (!protocols.has(version.protocol)) {
            SSL_CTX_set_options(context, version.without);
            continue;
        }
        if (lowest == 0) lowest = version.number;
        highest = version.number;
    }
    return lowest != 0 && SSL_CTX_set_min_proto_version(context, lowest) == 1 &&
           SSL_CTX_set_max_proto_version(context, highest) == 1;
}

}  // namespace postseal::tls
