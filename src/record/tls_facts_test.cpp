#include "record/tls_facts.hpp"

#include <doctest/doctest.h>

using namespace postseal::record;

TEST_CASE("what a later thief of the key, or a later computer, can read of a connection") {
    struct Row {
        const char* why;
        const char *protocol, *cipher, *group;
        bool forwardSecrecy, postQuantum;
    };
    const Row rows[] = {
        {"TLS 1.3", "TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519", true, false},
        {"a hybrid of ML-KEM", "TLSv1.3", "TLS_AES_256_GCM_SHA384", "X25519MLKEM768", true, true},
        {"the NIST curve's", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "SecP256r1MLKEM768", true, true},
        {"TLS 1.2, ECDHE", "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "secp256r1", true, false},
        {"TLS 1.2, DHE", "TLSv1.2", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "ffdhe2048", true, false},
        {"the server's own key decrypts", "TLSv1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "", false, false},
        {"nor is a fixed key one", "TLSv1.2", "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "secp256r1", false,
         false},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        TlsFacts tls;
        tls.protocol = row.protocol;
        tls.cipher = row.cipher;
        tls.group = row.group;
        CHECK(hasForwardSecrecy(tls) == row.forwardSecrecy);
        CHECK(isPostQuantum(tls) == row.postQuantum);
    }
}
