#include "net/tls_stream.hpp"

#include "tls/errors.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>

namespace postseal::net {

TlsStream::TlsStream(tls::Ssl session, int descriptor, TlsSide side) : session_(std::move(session)) {
    auto* ssl = session_.get();
    SSL_set_fd(ssl, descriptor);
    SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_read_ahead(ssl, 1);  // a record's head and body with one system call
    if (side == TlsSide::server)
        SSL_set_accept_state(ssl);
    else
        SSL_set_connect_state(ssl);
}

Step TlsStream::outcomeOf(int result) {
    const int systemError = errno;
    switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Step::Outcome::waitRead};
    case SSL_ERROR_WANT_WRITE: return {Step::Outcome::waitWrite};
    case SSL_ERROR_ZERO_RETURN: return {Step::Outcome::closed};
    case SSL_ERROR_SYSCALL:
        failed_ = true;
        if (systemError == 0) return {Step::Outcome::closed};
        return {Step::Outcome::failed, 0, std::error_code(systemError, std::system_category())};
    default: break;
    }
    failed_ = true;
    // A peer that leaves without a word: SMTP has its own marks of what is complete.
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return {Step::Outcome::closed};
    return {Step::Outcome::failed, 0, std::make_error_code(std::errc::protocol_error), tls::takeErrors()};
}

Step TlsStream::handshake() {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(session_.get());
    if (result != 1) return outcomeOf(result);
    established_ = true;
    return {};
}

Step TlsStream::read(std::span<char> into) {
    ERR_clear_error();
    errno = 0;
    std::size_t size = 0;
    const int result = SSL_read_ex(session_.get(), into.data(), into.size(), &size);
    return result == 1 ? Step{Step::Outcome::done, size} : outcomeOf(result);
}

Step TlsStream::write(std::string_view bytes) {
    ERR_clear_error();
    errno = 0;
    std::size_t size = 0;
    const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size);
    return result == 1 ? Step{Step::Outcome::done, size} : outcomeOf(result);
}

void TlsStream::sayGoodbye() {
    if (failed_ || !established_) return;
    ERR_clear_error();
    SSL_shutdown(session_.get());
    ERR_clear_error();
    failed_ = true;  // once
}

bool TlsStream::hasPending() const {
    return SSL_has_pending(session_.get()) == 1;
}

}  // namespace postseal::net
