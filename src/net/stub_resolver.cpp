#include "net/stub_resolver.hpp"

#include "dns/message.hpp"
#include "task/cores.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace postseal::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using Message = std::vector<std::byte>;
using Reading = std::variant<dns::Answer, dns::NotOurs, dns::Truncated>;

struct Asked {
    dns::Question question;
    std::uint16_t id = 0;
    Message message = {};
};

template <class Socket>
struct Timed {
    explicit Timed(task::Core& core) : socket(core.context), deadline(core.wheel, close, this) {}

    static void close(void* self) {
        boost::system::error_code nothingToSave;
        static_cast<Timed*>(self)->socket.close(nothingToSave);
    }

    Socket socket;
    task::Deadline deadline;
};

template <class Protocol>
typename Protocol::endpoint endpointOf(const Endpoint& server) {
    return {asio::ip::make_address(server.address.toText()), server.port};
}

/// None: nothing came that answers the question.
task::Awaitable<std::optional<Reading>> askByDatagram(task::Core& core, Endpoint server, Asked asked,
                                                      base::Tick until) {
    Timed<udp::socket> timed(core);
    const auto to = endpointOf<udp>(server);
    boost::system::error_code error;
    timed.socket.open(to.protocol(), error);
    if (!error) timed.socket.connect(to, error);  // answers of others do not reach us
    if (error) co_return std::nullopt;
    timed.deadline.armAt(until);
    const auto [unsent, sent] = co_await timed.socket.async_send(asio::buffer(asked.message), task::asTuple);
    if (unsent) co_return std::nullopt;
    std::array<std::byte, dns::largestDatagram> buffer{};
    for (;;) {
        const auto [failed, size] = co_await timed.socket.async_receive(asio::buffer(buffer), task::asTuple);
        if (failed) co_return std::nullopt;
        auto read = dns::readAnswer(asked.question, asked.id, std::span(buffer).first(size));
        if (!std::holds_alternative<dns::NotOurs>(read)) co_return read;
    }
}

task::Awaitable<std::optional<Reading>> askByStream(task::Core& core, Endpoint server, Asked asked,
                                                    base::Tick until) {
    Timed<tcp::socket> timed(core);
    timed.deadline.armAt(until);
    const auto [unreached] = co_await timed.socket.async_connect(endpointOf<tcp>(server), task::asTuple);
    if (unreached) co_return std::nullopt;
    const auto length = asked.message.size();
    asked.message.insert(asked.message.begin(),
                         {static_cast<std::byte>(length >> 8U), static_cast<std::byte>(length & 0xffU)});
    const auto [unsent, sent] =
        co_await asio::async_write(timed.socket, asio::buffer(asked.message), task::asTuple);
    if (unsent) co_return std::nullopt;
    std::array<std::byte, 2> size{};
    const auto [noSize, read] = co_await asio::async_read(timed.socket, asio::buffer(size), task::asTuple);
    if (noSize) co_return std::nullopt;
    Message answer(std::to_integer<std::size_t>(size[0]) << 8U | std::to_integer<std::size_t>(size[1]));
    const auto [cut, all] = co_await asio::async_read(timed.socket, asio::buffer(answer), task::asTuple);
    if (cut) co_return std::nullopt;
    co_return dns::readAnswer(asked.question, asked.id, answer);
}

}  // namespace

StubResolver::StubResolver(std::vector<Endpoint> servers, task::Core& core)
    : servers_(std::move(servers)), core_(core), random_(std::random_device{}()) {}

task::Awaitable<dns::Answer> StubResolver::ask(dns::Question question, base::Tick deadline) {
    Asked asked{.question = std::move(question), .id = static_cast<std::uint16_t>(random_())};
    asked.message = dns::encodeQuestion(asked.question, asked.id);
    auto patience = firstPatience;
    for (int round = 0; round < rounds; ++round, patience *= 2)
        for (const auto& server : servers_) {
            if (co_await task::isCancelled()) co_return dns::failed("this server is shutting down");
            const auto now = std::chrono::steady_clock::now();
            if (now >= deadline) break;
            const auto until = std::min(deadline, now + patience);
            auto read = co_await askByDatagram(core_, server, asked, until);
            if (read && std::holds_alternative<dns::Truncated>(*read))
                read = co_await askByStream(core_, server, asked, until);
            if (!read) continue;
            if (auto* answer = std::get_if<dns::Answer>(&*read)) co_return std::move(*answer);
        }
    co_return dns::failed("the name servers did not answer in time");
}

}  // namespace postseal::net
