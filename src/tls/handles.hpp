// OpenSSL's objects with an owner. Declarations only come from <openssl/types.h>, so that a header that names
// a session costs no build time.
#pragma once

#include <openssl/types.h>

#include <memory>

struct stack_st_X509;  // STACK_OF(X509)
struct ssl_session_st;
using SSL_SESSION = ssl_session_st;  // types.h leaves it out

namespace postseal::tls {

struct FreeHandle {
    void operator()(SSL* handle) const;
    void operator()(SSL_CTX* handle) const;
    void operator()(SSL_SESSION* handle) const;
    void operator()(X509* handle) const;
    void operator()(X509_STORE* handle) const;
    void operator()(X509_STORE_CTX* handle) const;
    void operator()(EVP_PKEY* handle) const;
    void operator()(BIO* handle) const;
};

using Ssl = std::unique_ptr<SSL, FreeHandle>;
using SslContext = std::unique_ptr<SSL_CTX, FreeHandle>;
using SslSession = std::unique_ptr<SSL_SESSION, FreeHandle>;
using Certificate = std::unique_ptr<X509, FreeHandle>;
using CertificateStore = std::unique_ptr<X509_STORE, FreeHandle>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreeHandle>;
using Key = std::unique_ptr<EVP_PKEY, FreeHandle>;
using MemoryBio = std::unique_ptr<BIO, FreeHandle>;

}  // namespace postseal::tls
