// bench_tls_limit: what OpenSSL alone costs. TLS from the first byte on epoll, three SMTP replies and nothing
// else of a mail server: the yardstick for handshakes and for memory per idle session. Runs until SIGTERM.
#include "connection.hpp"
#include "options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>

namespace {

using namespace postseal::bench;

struct Session {
    int socket = -1;
    SSL* tls = nullptr;
    bool greeted = false;
};

void watch(int poller, int socket, Session* session) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = session}};
    ::epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
}

void acceptAll(int poller, int listener, SSL_CTX* context) {
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        const int yes = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        auto* session = new Session{.socket = socket, .tls = SSL_new(context)};
        SSL_set_fd(session->tls, socket);
        SSL_set_accept_state(session->tls);
        watch(poller, socket, session);
    }
}

void say(const Session& session, std::string_view text) {
    SSL_write(session.tls, text.data(), static_cast<int>(text.size()));
}

/// Goes as far as the bytes that are there permit; false: the session is over.
bool advance(Session& session) {
    if (!session.greeted) {
        const int done = SSL_do_handshake(session.tls);
        if (done != 1) return SSL_get_error(session.tls, done) == SSL_ERROR_WANT_READ;
        session.greeted = true;
        say(session, "220 limit.example ESMTP\r\n");
    }
    std::array<char, 512> line;
    for (;;) {
        const int count = SSL_read(session.tls, line.data(), static_cast<int>(line.size()));
        if (count <= 0) return SSL_get_error(session.tls, count) == SSL_ERROR_WANT_READ;
        if (line[0] == 'Q') {
            say(session, "221 2.0.0 bye\r\n");
            return false;
        }
        say(session, "250 limit.example\r\n");
    }
}

void serve(int listener, SSL_CTX* context) {
    const int poller = ::epoll_create1(EPOLL_CLOEXEC);
    watch(poller, listener, nullptr);
    std::array<epoll_event, 64> events;
    for (;;) {
        const int count = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            auto* session = static_cast<Session*>(events.at(static_cast<std::size_t>(i)).data.ptr);
            if (session == nullptr) {
                acceptAll(poller, listener, context);
            } else if (!advance(*session)) {
                ::close(session->socket);
                SSL_free(session->tls);
                delete session;
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) try {
    std::signal(SIGPIPE, SIG_IGN);
    const Options options(argc, argv, {{"--listen", ""}, {"--chain", ""}, {"--key", ""}});
    const auto context = serverContext(options.text("--chain"), options.text("--key"), Tickets::one);
    const int listener = listenOn(parseEndpoint(options.text("--listen")));
    const int yes = 1;
    ::ioctl(listener, FIONBIO, &yes);
    serve(listener, context.get());
} catch (const std::exception& error) {
    std::fprintf(
        stderr, "bench_tls_limit: %s\nusage: bench_tls_limit --listen ADDRESS:PORT --chain FILE --key FILE\n",
        error.what());
    return 2;
}
