// One SMTP connection of the bench programs: blocking, lines in, bytes out, TLS when asked for. A thread a
// connection is enough here: the server's CPU time is measured, not ours. Every failure is a
// std::runtime_error.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postseal::bench {

struct Endpoint {
    std::string address;  // IPv4
    std::uint16_t port = 0;
};

/// "127.0.0.1:25"
Endpoint parseEndpoint(std::string_view text);

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// Verifies nobody; offers no session for resumption, so that each handshake is a full one.
TlsContext clientContext();
/// One ticket a connection, or none.
enum class Tickets { none, one };
TlsContext serverContext(const std::string& chainFile, const std::string& keyFile, Tickets tickets);

/// A listening socket with a long backlog.
int listenOn(const Endpoint& endpoint);

class Connection {
public:
    explicit Connection(int socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection(Connection&&) = delete;
    Connection& operator=(Connection&&) = delete;

    static std::unique_ptr<Connection> connectTo(const Endpoint& endpoint);

    void startTlsAsClient(SSL_CTX* context);
    void startTlsAsServer(SSL_CTX* context);
    [[nodiscard]] bool isSecured() const { return tls_ != nullptr; }
    [[nodiscard]] bool isResumed() const;

    void write(std::string_view bytes);
    /// The next line without its CRLF; the view holds until the next read.
    std::string_view line();
    [[nodiscard]] bool hasLine() const { return unread_.find('\n', begin_) != std::string::npos; }
    /// Reads a message up to its lone dot; the text as it was on the wire. The view holds until the next
    /// read.
    std::string_view text();

private:
    void startTls(SSL_CTX* context);
    void fill();

    int socket_;
    SSL* tls_ = nullptr;
    std::string unread_;
    std::size_t begin_ = 0;
};

}  // namespace postseal::bench
