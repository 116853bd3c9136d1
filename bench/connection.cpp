#include "connection.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace postseal::bench {
namespace {

[[noreturn]] void failed(const std::string& what) {
    throw std::runtime_error(what + ": " + std::error_code(errno, std::system_category()).message());
}

sockaddr_in socketAddress(const Endpoint& endpoint) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    if (inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) != 1)
        throw std::runtime_error(endpoint.address + " is no IPv4 address");
    return address;
}

TlsContext newContext(const SSL_METHOD* method) {
    TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
    if (!context) throw std::runtime_error("OpenSSL gives no context");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    return context;
}

}  // namespace

Endpoint parseEndpoint(std::string_view text) {
    const auto colon = text.rfind(':');
    Endpoint endpoint{.address = std::string(text.substr(0, colon))};
    const auto port = colon == text.npos ? std::string_view() : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc() || end != port.data() + port.size())
        throw std::runtime_error("expected ADDRESS:PORT, got " + std::string(text));
    return endpoint;
}

TlsContext clientContext() {
    auto context = newContext(TLS_client_method());
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    return context;
}

TlsContext serverContext(const std::string& chainFile, const std::string& keyFile, Tickets tickets) {
    auto context = newContext(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context.get(), chainFile.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), keyFile.c_str(), SSL_FILETYPE_PEM) != 1)
        throw std::runtime_error("cannot use " + chainFile + " with " + keyFile);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context.get(), tickets == Tickets::one ? 1 : 0);
    if (tickets == Tickets::none) SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    return context;
}

int listenOn(const Endpoint& endpoint) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const auto address = socketAddress(endpoint);
    constexpr int backlog = 4096;
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, backlog) != 0)
        failed("cannot listen on " + endpoint.address);
    return listener;
}

Connection::Connection(int socket) : socket_(socket) {
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    constexpr timeval limit{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

Connection::~Connection() {
    // No close_notify, as most SMTP peers do after QUIT.
    SSL_free(tls_);
    ::close(socket_);
}

std::unique_ptr<Connection> Connection::connectTo(const Endpoint& endpoint) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto connection = std::make_unique<Connection>(socket);
    const auto address = socketAddress(endpoint);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        failed("cannot connect to " + endpoint.address);
    return connection;
}

void Connection::startTls(SSL_CTX* context) {
    unread_.clear();  // what was read in the clear does not survive (RFC 3207 §4.2)
    begin_ = 0;
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
}

void Connection::startTlsAsClient(SSL_CTX* context) {
    startTls(context);
    if (SSL_connect(tls_) != 1) throw std::runtime_error("TLS handshake failed");
}

void Connection::startTlsAsServer(SSL_CTX* context) {
    startTls(context);
    if (SSL_accept(tls_) != 1) throw std::runtime_error("TLS handshake failed");
}

bool Connection::isResumed() const {
    return tls_ != nullptr && SSL_session_reused(tls_) == 1;
}

void Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = tls_ != nullptr ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                                             : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (written <= 0) failed("cannot write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Connection::fill() {
    unread_.erase(0, begin_);
    begin_ = 0;
    std::array<char, 16384> block;  // one TLS record
    const auto count = tls_ != nullptr ? SSL_read(tls_, block.data(), static_cast<int>(block.size()))
                                       : ::recv(socket_, block.data(), block.size(), 0);
    if (count <= 0) throw std::runtime_error("the other side ended the connection");
    unread_.append(block.data(), static_cast<std::size_t>(count));
}

std::string_view Connection::line() {
    while (!hasLine())
        fill();
    const auto end = unread_.find('\n', begin_);
    auto line = std::string_view(unread_).substr(begin_, end - begin_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin_ = end + 1;
    return line;
}

std::string_view Connection::text() {
    constexpr std::string_view dot = "\r\n.\r\n";
    for (std::size_t from = 0;;) {
        const auto here = std::string_view(unread_).substr(begin_);
        if (const auto end = here.find(dot, from); end != here.npos) {
            begin_ += end + dot.size();
            return here.substr(0, end + 2);
        }
        from = here.size() < dot.size() ? 0 : here.size() - dot.size();
        fill();
    }
}

}  // namespace postseal::bench
