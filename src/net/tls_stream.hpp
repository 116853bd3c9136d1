// TLS directly on a non-blocking descriptor (SSL_set_fd): each call tries, and says what to wait for when it
// can't go on. No second pair of buffers between OpenSSL and the kernel, and OpenSSL's own are released while
// nothing is under way, so an idle session costs little. Waiting is net/connection's. One thread at a time;
// the descriptor outlives it.
#pragma once

#include "tls/handles.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace postseal::net {

enum class TlsSide { server, client };

/// What became of a try: `done` (with `bytes`), a wait first, the peer has closed, or a fatal error (with
/// `error` and `words`), after which the stream is good for nothing.
struct Step {
    enum class Outcome { done, waitRead, waitWrite, closed, failed };
    Outcome outcome = Outcome::done;
    std::size_t bytes = 0;
    std::error_code error{};
    std::string words{};
};

class TlsStream {
public:
    TlsStream(tls::Ssl session, int descriptor, TlsSide side);

    Step handshake();
    Step read(std::span<char> into);
    Step write(std::string_view bytes);
    /// Tells the peer that nothing follows, if it can be told at once; nothing after a fatal error.
    void sayGoodbye();

    /// Bytes have been read from the socket and wait inside: don't wait for the descriptor before they are
    /// taken.
    bool hasPending() const;
    SSL* session() const { return session_.get(); }

private:
    Step outcomeOf(int result);

    tls::Ssl session_;
    bool established_ = false;
    bool failed_ = false;
};

}  // namespace postseal::net
