#include "net/connection.hpp"

#include "task/cores.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <utility>

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace postseal::net {
namespace {

namespace asio = boost::asio;
using Outcome = Step::Outcome;
using Wait = asio::socket_base::wait_type;

// After so many reads and writes that found no reason to wait, other sessions of the core have their turn.
constexpr unsigned stepsInARow = 16;

constexpr std::size_t scratchBytes = 65536;

// A peer that sent no more than this has most likely given a command and waits for us: trying to read on
// before we wait would be a system call in vain. More is text, of which more has come meanwhile.
constexpr std::size_t commandBytes = 1024;

/// One for each thread: an idle session holds no buffer.
std::span<char> scratch() {
    thread_local const auto buffer = std::make_unique<std::array<char, scratchBytes>>();
    return *buffer;
}

base::Error systemError(int code, base::Phase phase = base::Phase::none, std::string detail = {}) {
    return {std::error_code(code, std::system_category()), phase, std::move(detail)};
}

base::Error error(std::errc code, base::Phase phase = base::Phase::none, std::string detail = {}) {
    return {std::make_error_code(code), phase, std::move(detail)};
}

/// Without either it only goes less well.
void tune(int descriptor) {
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // A text of megabytes would else be with the kernel before the peer has read its first lines, and what it
    // says of them amid the text would be heard behind it.
    const int mostUnsent = 128 << 10;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &mostUnsent, sizeof mostUnsent);
}

Step stepOf(ssize_t result, Outcome wait) {
    if (result >= 0) return {Outcome::done, static_cast<std::size_t>(result)};
    if (errno == EAGAIN || errno == EINTR) return {wait};
    return {Outcome::failed, 0, std::error_code(errno, std::system_category())};
}

}  // namespace

struct Connection::State {
    State(task::Core& itsCore, int descriptor, Endpoint itsPeer, Endpoint itsLocal)
        : core(itsCore), peer(itsPeer), local(itsLocal), socket(itsCore.context),
          deadline(itsCore.wheel, [](void* self) { static_cast<State*>(self)->expire(); }, this) {
        // Asio only waits for it: reading and writing are ours, so the family doesn't matter.
        boost::system::error_code failed;
        socket.assign({AF_UNSPEC, 0}, descriptor, failed);
        if (failed) ::close(descriptor);  // not open: the first operation says so
    }

    void expire() {
        expired = true;
        boost::system::error_code ignored;  // of a closed socket: nothing is waiting
        socket.cancel(ignored);
    }

    Step tryRead() {
        const auto into = scratch();
        Step step;
        if (tls) {
            step = tls->read(into);
        } else {
            step = stepOf(::recv(socket.native_handle(), into.data(), into.size(), 0), Outcome::waitRead);
            if (step.outcome == Outcome::done && step.bytes == 0) step.outcome = Outcome::closed;
        }
        drained = step.outcome == Outcome::done && step.bytes <= commandBytes && !(tls && tls->hasPending());
        return step;
    }

    Step tryWrite(std::string_view first, std::string_view second) {
        if (tls) return tls->write(first.empty() ? second : first);
        std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                                    {const_cast<char*>(second.data()), second.size()}}};
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        return stepOf(::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL), Outcome::waitWrite);
    }

    base::Error errorOf(const Step& step) const {
        if (tls) return {step.error, base::Phase::tls, step.words};
        return {step.error, base::Phase::none, step.words};
    }

    void close() {
        deadline.disarm();
        if (tls) tls->sayGoodbye();
        tls.reset();                        // before its descriptor is closed and may be given to another
        boost::system::error_code ignored;  // closed it is, whatever close(2) says
        socket.close(ignored);
    }

    /// Why the task may not go on, if so.
    std::optional<base::Error> ended(bool cancelled) const {
        if (expired) return error(std::errc::timed_out);
        if (cancelled) return error(std::errc::operation_canceled);
        if (!socket.is_open()) return error(std::errc::not_connected);
        return std::nullopt;
    }

    Awaitable<std::optional<base::Error>> wait(Wait what);
    Awaitable<std::optional<base::Error>> takeTurn();

    task::Core& core;
    Endpoint peer;
    Endpoint local;
    asio::generic::stream_protocol::socket socket;
    std::optional<TlsStream> tls;
    task::Deadline deadline;
    bool expired = false;
    bool drained = false;  // the last read took all there was, it seems
    unsigned steps = 0;    // since the last wait
};

Awaitable<std::optional<base::Error>> Connection::State::wait(Wait what) {
    steps = 0;
    const auto [failed] = co_await socket.async_wait(what, task::asTuple);
    if (expired) co_return error(std::errc::timed_out);
    if (failed == asio::error::operation_aborted) co_return error(std::errc::operation_canceled);
    if (failed) co_return base::Error{failed, base::Phase::none, {}};
    co_return std::nullopt;
}

/// Lets others run, and the wheel, when this session never has to wait.
Awaitable<std::optional<base::Error>> Connection::State::takeTurn() {
    steps = 0;
    co_await asio::post(core.context, asio::use_awaitable);
    co_return ended(false);
}

Connection::Connection(task::Core& core, int descriptor, Endpoint peer, Endpoint local)
    : state_(std::make_unique<State>(core, descriptor, peer, local)) {}

Connection::Connection(Connection&&) noexcept = default;

Connection& Connection::operator=(Connection&& other) noexcept {
    if (this == &other) return *this;
    if (state_) state_->close();
    state_ = std::move(other.state_);
    return *this;
}

Connection::~Connection() {
    if (state_) state_->close();
}

const Endpoint& Connection::peer() const {
    return state_->peer;
}

const Endpoint& Connection::local() const {
    return state_->local;
}

task::Core& Connection::core() const {
    return state_->core;
}

void Connection::setDeadline(base::Tick deadline) {
    state_->expired = false;
    state_->deadline.armAt(deadline);
}

Awaitable<base::Result<Connection>> Connection::connect(ConnectSettings settings) {
    auto& core = task::coreOf(co_await asio::this_coro::executor);
    const auto to = toText(settings.to);
    sockaddr_storage address{};
    const auto size = toSockaddr(settings.to, address);
    if (!size) co_return base::fail(size.error());
    const int descriptor = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) co_return base::fail(systemError(errno, base::Phase::connect, to));
    const auto* endpoint = std::get_if<Endpoint>(&settings.to);
    Connection connection(core, descriptor, endpoint != nullptr ? *endpoint : Endpoint(), {});
    if (endpoint != nullptr) tune(descriptor);

    if (settings.from) {
        sockaddr_storage own{};
        const auto ownSize = toSockaddr(Endpoint{*settings.from, 0}, own);
        if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&own), ownSize) != 0)
            co_return base::fail(systemError(errno, base::Phase::connect, "from " + settings.from->toText()));
    }
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), *size) != 0) {
        if (errno != EINPROGRESS) co_return base::fail(systemError(errno, base::Phase::connect, to));
        connection.setDeadline(settings.deadline);
        auto failed = co_await connection.state_->wait(Wait::wait_write);
        if (failed) co_return base::fail(base::Error{failed->code, base::Phase::connect, to});
        int code = 0;
        socklen_t length = sizeof code;
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length);
        // Who takes a connection and ends it has taken it, whenever we look: it may have said why, and the
        // first read tells the end.
        const bool hasEnded = code == ECONNRESET || code == EPIPE;
        if (code != 0 && !hasEnded) co_return base::fail(systemError(code, base::Phase::connect, to));
    }
    socklen_t length = sizeof address;
    if (endpoint != nullptr && getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0)
        connection.state_->local = fromSockaddr(address);
    co_return connection;
}

Awaitable<base::Result<std::string_view>> Connection::read() {
    auto& state = *state_;
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    auto ended = state.ended(cancellation.cancelled() != asio::cancellation_type::none);
    if (!ended && std::exchange(state.drained, false)) ended = co_await state.wait(Wait::wait_read);
    while (!ended) {
        if (++state.steps > stepsInARow) {
            ended = co_await state.takeTurn();
            continue;
        }
        const auto step = state.tryRead();
        switch (step.outcome) {
        case Outcome::done: co_return std::string_view(scratch().data(), step.bytes);
        case Outcome::closed: co_return std::string_view();
        case Outcome::failed: co_return base::fail(state.errorOf(step));
        case Outcome::waitRead: ended = co_await state.wait(Wait::wait_read); break;
        case Outcome::waitWrite: ended = co_await state.wait(Wait::wait_write); break;
        }
    }
    co_return base::fail(std::move(*ended));
}

base::Result<std::optional<std::string_view>> Connection::readNow() {
    auto& state = *state_;
    if (!state.socket.is_open()) return base::fail(error(std::errc::not_connected));
    const auto step = state.tryRead();
    switch (step.outcome) {
    case Outcome::done: return std::string_view(scratch().data(), step.bytes);
    case Outcome::closed: return std::string_view();
    case Outcome::failed: return base::fail(state.errorOf(step));
    case Outcome::waitRead:
    case Outcome::waitWrite: break;
    }
    return std::nullopt;
}

Awaitable<base::Result<void>> Connection::write(std::string_view bytes) {
    return write(bytes, {});
}

Awaitable<base::Result<void>> Connection::write(std::string_view first, std::string_view second) {
    auto& state = *state_;
    std::string joined;  // a record of TLS each would be more packets, and more work for both sides
    if (state.tls && !first.empty() && !second.empty()) {
        joined.reserve(first.size() + second.size());
        joined.append(first).append(second);
        first = joined;
        second = {};
    }
    auto ended = state.ended(false);  // a cancelled task may still say its last words
    while (!ended) {
        if (first.empty() && second.empty()) co_return base::Result<void>();
        if (++state.steps > stepsInARow) {
            ended = co_await state.takeTurn();
            continue;
        }
        const auto step = state.tryWrite(first, second);
        switch (step.outcome) {
        case Outcome::done: {
            const auto ofFirst = std::min(step.bytes, first.size());
            first.remove_prefix(ofFirst);
            second.remove_prefix(step.bytes - ofFirst);
            break;
        }
        case Outcome::closed: co_return base::fail(error(std::errc::broken_pipe));
        case Outcome::failed: co_return base::fail(state.errorOf(step));
        case Outcome::waitRead: ended = co_await state.wait(Wait::wait_read); break;
        case Outcome::waitWrite: ended = co_await state.wait(Wait::wait_write); break;
        }
    }
    co_return base::fail(std::move(*ended));
}

Awaitable<base::Result<void>> Connection::startTls(tls::Ssl session, TlsSide side) {
    auto& state = *state_;
    auto ended = state.ended(false);
    state.drained = false;  // the handshake may read what follows it
    if (!ended) state.tls.emplace(std::move(session), state.socket.native_handle(), side);
    while (!ended) {
        const auto step = state.tls->handshake();
        switch (step.outcome) {
        case Outcome::done: co_return base::Result<void>();
        case Outcome::closed:
            co_return base::fail(
                error(std::errc::connection_reset, base::Phase::tls, "the peer closed in the handshake"));
        case Outcome::failed: co_return base::fail(state.errorOf(step));
        case Outcome::waitRead: ended = co_await state.wait(Wait::wait_read); break;
        case Outcome::waitWrite: ended = co_await state.wait(Wait::wait_write); break;
        }
    }
    ended->phase = base::Phase::tls;
    co_return base::fail(std::move(*ended));
}

SSL* Connection::tls() const {
    return state_->tls ? state_->tls->session() : nullptr;
}

void Connection::close() {
    state_->close();
}

bool Connection::isOpen() const {
    return state_ && state_->socket.is_open();
}

Awaitable<void> Connection::closeGently() {
    using namespace std::chrono_literals;
    constexpr std::size_t mostDropped = 256 << 10;
    auto& state = *state_;
    if (!state.socket.is_open()) co_return;
    if (state.tls) state.tls->sayGoodbye();
    state.tls.reset();
    ::shutdown(state.socket.native_handle(), SHUT_WR);
    setDeadline(now() + 2s);
    for (std::size_t dropped = 0; dropped < mostDropped;) {
        const auto bytes = co_await read();
        if (!bytes || bytes->empty()) break;
        dropped += bytes->size();
    }
    state.close();
}

}  // namespace postseal::net
