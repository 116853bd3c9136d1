#include "net/listener.hpp"

#include "task/cores.hpp"
#include "task/event.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace postseal::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr int backlog = 4096;  // a peer with a short one hung our sessions under 50 simultaneous connects
constexpr auto pauseInTrouble = 200ms;
constexpr unsigned acceptsInARow = 64;  // then the sessions of the core have their turn
constexpr auto quietAfterWarning = 30s;

base::Error failure(int code, const Endpoint& at, std::string_view what) {
    return {std::error_code(code, std::system_category()), base::Phase::configuration,
            fmt::format("{} {}", what, toText(at))};
}

Endpoint localOf(int descriptor) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
    return fromSockaddr(address);
}

/// It is gone, and the next one may be well (accept(2), "Error handling").
bool isOfOneConnection(int code) {
    constexpr int codes[] = {ECONNABORTED, EINTR,  EPROTO,       ENOPROTOOPT, EOPNOTSUPP, ENETDOWN,
                             ENETUNREACH,  ENONET, EHOSTUNREACH, EHOSTDOWN,   EPERM};
    return std::ranges::find(codes, code) != std::end(codes);
}

}  // namespace

struct Listener::State {
    State(task::Core& itsCore, int descriptor, Endpoint itsLocal)
        : core(itsCore), local(itsLocal), acceptor(itsCore.context) {
        boost::system::error_code failed;
        acceptor.assign(local.address.isV4() ? asio::ip::tcp::v4() : asio::ip::tcp::v6(), descriptor, failed);
        if (failed) ::close(descriptor);
    }

    task::Core& core;
    Endpoint local;
    asio::ip::tcp::acceptor acceptor;
};

Listener::Listener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

const Endpoint& Listener::local() const {
    return state_->local;
}

base::Result<Listener> Listener::open(task::Core& core, Endpoint at) {
    const bool v4 = at.address.isV4();
    const int descriptor =
        ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return base::fail(failure(errno, at, "no socket for"));
    Listener listener(std::make_unique<State>(core, descriptor, at));  // owns it from here

    const int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
    if (!v4) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
        return base::fail(failure(errno, at, "cores can't share"));

    sockaddr_storage address{};
    const auto size = toSockaddr(at, address);
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) != 0)
        return base::fail(failure(errno, at, "can't bind to"));
    if (::listen(descriptor, backlog) != 0) return base::fail(failure(errno, at, "can't listen on"));
    listener.state_->local = localOf(descriptor);
    return listener;
}

base::Result<Listener> Listener::adopt(task::Core& core, int descriptor) {
    const auto local = localOf(descriptor);
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0) return base::fail(failure(errno, local, "can't take over the socket of"));
    const int on = 1;
    setsockopt(own, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(own, F_SETFL, ::fcntl(own, F_GETFL) | O_NONBLOCK);
    return Listener(std::make_unique<State>(core, own, local));
}

namespace {

/// Hands a connection over; the words are about why it could not be: memory is out, and the peer is hung up
/// on.
std::string handOver(const std::function<void(Connection)>& take, task::Core& core, int descriptor,
                     const Endpoint& peer, const Endpoint& local) {
    bool isOwned = false;
    try {
        Connection connection(core, descriptor, peer, local);
        isOwned = true;
        take(std::move(connection));
    } catch (const std::exception& thrown) {
        if (!isOwned) ::close(descriptor);
        return thrown.what();
    }
    return {};
}

}  // namespace

Awaitable<void> Listener::acceptAll(Listener listener, std::function<void(Connection)> take, log::Log log) {
    auto& state = *listener.state_;
    const bool anyAddress = state.local.address.isUnspecified();
    auto quietUntil = base::Tick::min();
    unsigned inARow = 0;
    while (!co_await task::isCancelled()) {
        if (++inARow % acceptsInARow == 0) co_await asio::post(state.core.context, asio::use_awaitable);
        sockaddr_storage address{};
        socklen_t length = sizeof address;
        const int descriptor =
            ::accept4(state.acceptor.native_handle(), reinterpret_cast<sockaddr*>(&address), &length,
                      SOCK_NONBLOCK | SOCK_CLOEXEC);
        std::string trouble;
        if (descriptor >= 0) {
            trouble = handOver(take, state.core, descriptor, fromSockaddr(address),
                               anyAddress ? localOf(descriptor) : state.local);
        } else if (errno == EAGAIN) {
            const auto [stopped] =
                co_await state.acceptor.async_wait(asio::socket_base::wait_read, task::asTuple);
            if (stopped) co_return;
        } else if (!isOfOneConnection(errno)) {
            trouble = std::system_category().message(errno);
        }
        if (trouble.empty()) continue;
        // Without descriptors the connection stays in the backlog; trying again at once, for whatever reason,
        // would only burn the processor.
        if (const auto now = state.core.wheel.now(); now >= quietUntil) {
            log.warning(fmt::format("accept on {}: {}; trying again", toText(state.local), trouble));
            quietUntil = now + quietAfterWarning;
        }
        co_await task::sleepFor(pauseInTrouble);
    }
}

}  // namespace postseal::net
