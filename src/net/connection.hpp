// A connection on its core, over TCP or to a Unix socket, in clear or in TLS, for protocols of one peer that
// speaks at a time: one operation is under way at most. Every wait ends at the deadline that was set (the
// core's wheel) or when the task is cancelled; both leave the connection usable, so that a last word can be
// said under a new deadline. Errors carry errc::timed_out, errc::operation_canceled, or what the system or
// OpenSSL said. Movable; used on its core's thread alone.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/endpoint.hpp"
#include "net/tls_stream.hpp"
#include "task/awaitable.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

namespace postseal::task {
struct Core;
}

namespace postseal::net {

template <class T>
using Awaitable = task::Awaitable<T>;

struct ConnectSettings {
    SocketAddress to;
    std::optional<base::IpAddress> from = {};  // our own address; none: the system's choice
    base::Tick deadline = base::Tick::max();
};

class Connection {
public:
    /// Takes over a connected, non-blocking descriptor.
    Connection(task::Core& core, int descriptor, Endpoint peer, Endpoint local);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    /// close()
    ~Connection();

    /// On the core of the caller. The error says to whom, in Phase::connect.
    static Awaitable<base::Result<Connection>> connect(ConnectSettings settings);

    const Endpoint& peer() const;  // both empty on a Unix socket
    const Endpoint& local() const;
    task::Core& core() const;
    base::Tick now() const { return std::chrono::steady_clock::now(); }

    /// For all that follows, until set anew; Tick::max(): none. Clears a deadline that has passed. Up to 100
    /// ms late.
    void setDeadline(base::Tick deadline);

    /// Some bytes as soon as there are any; empty: the peer has closed. They lie in a buffer of the thread
    /// and are gone at the next co_await.
    Awaitable<base::Result<std::string_view>> read();
    /// What is there already: bytes, empty when the peer has closed, nullopt when nothing has come.
    base::Result<std::optional<std::string_view>> readNow();
    /// All of it; the bytes are the caller's until it is done.
    Awaitable<base::Result<void>> write(std::string_view bytes);
    /// Both, one after the other, with as few packets as can be.
    Awaitable<base::Result<void>> write(std::string_view first, std::string_view second);

    /// The handshake on this connection, once; the error is in Phase::tls. No byte that came before it in
    /// clear is seen again: the protocol drops what it has read (rule 42), the rest must be TLS.
    Awaitable<base::Result<void>> startTls(tls::Ssl session, TlsSide side);
    SSL* tls() const;  // null in clear

    /// Says goodbye in TLS if that goes without waiting, and closes. Unread input makes the kernel reset the
    /// connection.
    void close();
    /// close(), but the peer can still read our last words though it goes on sending: what it sends is
    /// dropped, for two seconds and 256 KiB at most.
    Awaitable<void> closeGently();
    bool isOpen() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace postseal::net
