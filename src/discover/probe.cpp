#include "discover/probe.hpp"

#include <algorithm>
#include <utility>

namespace postseal::discover {
namespace {

task::Awaitable<Probe> probeAddress(net::SmtpDialer* dialer, const Host& host, base::IpAddress address) {
    net::DialTarget target{
        .host = host.name, .at = net::Endpoint{address, host.port}, .requirement = host.requirement};
    const auto client = co_await dialer->dial(std::move(target), smtp::TlsAttempt::first);
    Probe probe{.isMet = client->isReady(),
                .assurance = client->assurance(),
                .tls = client->tls(),
                .peer = client->peer()};
    const auto& failure = client->failure();
    if (failure) probe.words = failure->words;
    probe.isReached =
        !failure || (failure->phase != base::Phase::connect && failure->phase != base::Phase::greeting);
    co_await client->quit();
    co_return probe;
}

}  // namespace

task::Awaitable<Probe> probe(net::SmtpDialer* dialer, Host host) {
    if (host.failure) co_return Probe{.words = host.failure->words};
    Probe last{.words = "it has no address"};
    for (std::size_t i = 0; i < std::min(host.addresses.size(), Probe::mostAddresses); ++i) {
        last = co_await probeAddress(dialer, host, host.addresses[i]);
        if (last.isReached) break;
    }
    co_return last;
}

}  // namespace postseal::discover
