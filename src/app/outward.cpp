#include "app/outward.hpp"

#include "task/event.hpp"
#include "task/spawn.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace postseal::app {
namespace {

constexpr std::chrono::seconds clientNamePatience{2};  // a client waits for its greeting
constexpr std::chrono::seconds patience{20};           // libunbound gives up on a silent server after 17

/// The addresses of this machine's interfaces.
std::vector<base::IpAddress> ownAddresses() {
    std::vector<base::IpAddress> addresses;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return addresses;
    for (const auto* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr) continue;
        const auto family = each->ifa_addr->sa_family;
        if (family != AF_INET && family != AF_INET6) continue;
        sockaddr_storage address{};
        std::memcpy(&address, each->ifa_addr, family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
        addresses.push_back(net::fromSockaddr(address).address);
    }
    ::freeifaddrs(first);
    return addresses;
}

/// Where our listeners are reached: mail for ourselves must not go round in circles.
std::vector<dns::Endpoint> ourEndpoints(const std::vector<config::Listener>& listeners) {
    std::vector<dns::Endpoint> all;
    const auto interfaces = ownAddresses();
    for (const auto& listener : listeners) {
        const auto& [address, port] = listener.address;
        all.push_back({address, port});
        if (!address.isUnspecified()) continue;
        for (const auto& own : interfaces)
            all.push_back({own, port});
    }
    return all;
}

struct Asking {
    explicit Asking(const task::Executor& executor) : answered(executor) {}
    std::vector<dns::Answer> answers;
    std::size_t missing = 0;
    task::Event answered;
};

task::Awaitable<void> askOne(net::Resolver* resolver, dns::Question question, std::shared_ptr<Asking> asking,
                             std::size_t index) {
    asking->answers[index] =
        co_await resolver->ask(std::move(question), std::chrono::steady_clock::now() + patience);
    if (--asking->missing == 0) asking->answered.set();
}

}  // namespace

std::shared_ptr<const discover::DestinationSettings>
destinationSettings(const Loaded& loaded, std::shared_ptr<const policy::Map> map) {
    const auto& outbound = loaded.settings.outbound;
    auto settings = std::make_shared<discover::DestinationSettings>();
    settings->map = std::move(map);
    settings->level = outbound.level;
    settings->requireTls = outbound.requireTls;
    settings->dane = outbound.dane;
    settings->daneAndMtaSts = outbound.daneAndMtaSts;
    settings->daneInsecureMx = outbound.daneInsecureMx;
    settings->route.port = outbound.port;
    settings->route.allowed = outbound.allowAddresses;
    settings->route.ourNames = {loaded.settings.hostname};
    settings->route.ourEndpoints = ourEndpoints(loaded.settings.listeners);
    return settings;
}

net::SmtpDialerSettings dialerSettings(const Loaded& loaded) {
    net::SmtpDialerSettings settings;
    settings.client = std::make_shared<const smtp::ClientSettings>(
        smtp::ClientSettings{.heloName = loaded.settings.hostname.text(),
                             .deadlines = loaded.settings.outbound.deadlines,
                             .eightBit = loaded.settings.outbound.eightBit,
                             .chunking = loaded.settings.outbound.chunking});
    return settings;
}

task::Awaitable<std::vector<dns::Answer>> askAll(net::Resolver* resolver,
                                                 std::vector<dns::Question> questions) {
    const auto executor = co_await task::asio::this_coro::executor;
    auto asking = std::make_shared<Asking>(executor);
    asking->answers.assign(questions.size(), dns::failed("the question was given up"));
    asking->missing = questions.size();
    for (std::size_t i = 0; i < questions.size(); ++i)
        task::spawn(executor, askOne(resolver, std::move(questions[i]), asking, i), "question");
    if (!questions.empty()) co_await asking->answered.wait();
    co_return asking->answers;
}

task::Awaitable<base::Result<std::string>> clientName(net::Resolver* resolver, base::IpAddress client) {
    const auto deadline = std::chrono::steady_clock::now() + clientNamePatience;
    // A name server that fails has no name for us; one that is silent is told apart, so that nobody waits
    // again.
    const auto unknown = [deadline](const dns::Answer& answer) -> base::Result<std::string> {
        if (std::chrono::steady_clock::now() < deadline) return std::string();
        return base::fail(
            base::Error{std::make_error_code(std::errc::timed_out), base::Phase::resolve, answer.why});
    };
    const auto pointers = co_await resolver->ask(dns::reverseQuestion(client), deadline);
    if (pointers.status == dns::Status::failed) co_return unknown(pointers);
    if (pointers.all<base::DomainName>().empty()) co_return std::string();

    const auto name = pointers.all<base::DomainName>().front();
    dns::Question forward{name, client.isV4() ? dns::Type::a : dns::Type::aaaa};
    const auto addresses = co_await resolver->ask(std::move(forward), deadline);
    if (addresses.status == dns::Status::failed) co_return unknown(addresses);
    const bool confirmed = std::ranges::count(addresses.all<base::IpAddress>(), client) > 0;
    co_return confirmed ? name.text() : std::string();
}

}  // namespace postseal::app
