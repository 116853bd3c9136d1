#include "discover/probe.hpp"

#include "task/event.hpp"
#include "task/spawn.hpp"

#include <utility>

namespace postseal::discover {
namespace {

struct Probing {
    explicit Probing(const task::Executor& executor) : done(executor) {}
    std::vector<Probe> probes;
    std::size_t missing = 0;
    task::Event done;
};

task::Awaitable<ProbedAddress> probeAddress(net::SmtpDialer* dialer, net::DialTarget target) {
    const auto client = co_await dialer->dial(std::move(target), smtp::TlsAttempt::first);
    ProbedAddress probed{.isMet = client->isReady(),
                         .assurance = client->assurance(),
                         .tls = client->tls(),
                         .peer = client->peer()};
    const auto& failure = client->failure();
    if (failure) probed.words = failure->words;
    probed.isReached =
        !failure || (failure->phase != base::Phase::connect && failure->phase != base::Phase::greeting);
    co_await client->quit();
    co_return probed;
}

task::Awaitable<void> probeOne(net::SmtpDialer* dialer, net::DialTarget target,
                               std::shared_ptr<Probing> probing, std::size_t host, std::size_t address) {
    probing->probes[host][address] = co_await probeAddress(dialer, std::move(target));
    if (--probing->missing == 0) probing->done.set();
}

}  // namespace

task::Awaitable<std::vector<Probe>>
probe(net::SmtpDialer* dialer, std::shared_ptr<const Destination> destination, smtp::Dialect dialect) {
    const auto executor = co_await task::asio::this_coro::executor;
    const auto probing = std::make_shared<Probing>(executor);
    const auto& hosts = destination->hosts;
    for (const auto& host : hosts)
        probing->missing += probing->probes.emplace_back(host.failure ? 0 : host.addresses.size()).size();
    if (probing->missing == 0) co_return probing->probes;
    for (std::size_t i = 0; i < hosts.size(); ++i)
        for (std::size_t j = 0; j < probing->probes[i].size(); ++j) {
            const auto& host = hosts[i];
            net::DialTarget target{.host = host.name,
                                   .at = net::Endpoint{host.addresses[j], host.port},
                                   .requirement = host.requirement,
                                   .dialect = dialect};
            task::spawn(executor, probeOne(dialer, std::move(target), probing, i, j), "probe");
        }
    co_await probing->done.wait();
    co_return probing->probes;
}

}  // namespace postseal::discover
