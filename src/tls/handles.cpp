#include "tls/handles.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace postseal::tls {

void FreeHandle::operator()(SSL* handle) const {
    SSL_free(handle);
}
void FreeHandle::operator()(SSL_CTX* handle) const {
    SSL_CTX_free(handle);
}
void FreeHandle::operator()(SSL_SESSION* handle) const {
    SSL_SESSION_free(handle);
}
void FreeHandle::operator()(X509* handle) const {
    X509_free(handle);
}
void FreeHandle::operator()(X509_STORE* handle) const {
    X509_STORE_free(handle);
}
void FreeHandle::operator()(X509_STORE_CTX* handle) const {
    X509_STORE_CTX_free(handle);
}
void FreeHandle::operator()(EVP_PKEY* handle) const {
    EVP_PKEY_free(handle);
}
void FreeHandle::operator()(BIO* handle) const {
    BIO_free_all(handle);
}

}  // namespace postseal::tls
