#include "net/key_probe.hpp"

#include "dns/message.hpp"
#include "task/cores.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include <array>
#include <fstream>
#include <optional>
#include <random>
#include <sstream>

namespace postseal::net {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

constexpr std::uint16_t domainPort = 53;
constexpr std::size_t mostServers = 3;  // of resolv.conf(5)

struct Timed {
    explicit Timed(task::Core& core) : socket(core.context), deadline(core.wheel, close, this) {}

    static void close(void* self) {
        boost::system::error_code nothingToSave;
        static_cast<Timed*>(self)->socket.close(nothingToSave);
    }

    udp::socket socket;
    task::Deadline deadline;
};

/// None: it did not answer.
task::Awaitable<std::optional<dns::KeysAnswer>> askForKeys(task::Core* core, Endpoint server) {
    Timed timed(*core);
    const udp::endpoint to{asio::ip::make_address(server.address.toText()), server.port};
    boost::system::error_code error;
    timed.socket.open(to.protocol(), error);
    if (!error) timed.socket.connect(to, error);  // answers of others do not reach us
    if (error) co_return std::nullopt;
    timed.deadline.armAt(std::chrono::steady_clock::now() + probePatience / mostServers);
    const auto id = static_cast<std::uint16_t>(std::random_device{}());
    const auto question = dns::encodeKeysQuestion(id);
    const auto [unsent, sent] = co_await timed.socket.async_send(asio::buffer(question), task::asTuple);
    if (unsent) co_return std::nullopt;
    std::array<std::byte, dns::largestDatagram> buffer{};
    for (;;) {
        const auto [failed, size] = co_await timed.socket.async_receive(asio::buffer(buffer), task::asTuple);
        if (failed) co_return std::nullopt;
        const auto read = dns::readKeysAnswer(id, std::span(buffer).first(size));
        if (read != dns::KeysAnswer::notOurs) co_return read;
    }
}

std::string_view fault(std::optional<dns::KeysAnswer> answer) {
    if (answer == dns::KeysAnswer::withoutSignatures) return "leaves signatures out of its answers";
    if (answer == dns::KeysAnswer::refused) return "refuses to say the root's keys";
    return {};
}

}  // namespace

std::vector<Endpoint> serversOf(const ResolverSettings& settings) {
    if (!settings.servers.empty()) return settings.servers;
    std::vector<Endpoint> servers;
    std::ifstream file("/etc/resolv.conf");
    for (std::string line; std::getline(file, line) && servers.size() < mostServers;) {
        std::istringstream words(line);
        std::string keyword, value;
        if (!(words >> keyword >> value) || keyword != "nameserver") continue;
        if (const auto address = base::IpAddress::parse(value)) servers.push_back({*address, domainPort});
    }
    return servers;
}

task::Awaitable<std::string> whyNothingValidates(task::Core* core, ResolverSettings settings) {
    if (settings.validate != Validation::self) co_return std::string();
    std::string faults;
    for (const auto& server : serversOf(settings)) {
        const auto said = fault(co_await askForKeys(core, server));
        if (!said.empty()) faults += fmt::format("{}{} {}", faults.empty() ? "" : ", ", toText(server), said);
    }
    if (faults.empty()) co_return faults;
    co_return fmt::format(
        "the name server {}, so that DNSSEC can't be checked behind it and mail waits; ask one that passes "
        "signatures on ('apt-get install unbound', then [dns] servers = [\"127.0.0.1\"]), or do without DANE "
        "by "
        "[dns] validate = \"off\"",
        faults);
}

std::string whyNothingValidates(const ResolverSettings& settings) {
    task::Core core(0, {});
    auto words = asio::co_spawn(core.context, whyNothingValidates(&core, settings), asio::use_future);
    core.context.run();
    return words.get();
}

}  // namespace postseal::net
