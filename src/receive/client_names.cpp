#include "receive/client_names.hpp"

#include "net/resolver.hpp"

#include <algorithm>

namespace postseal::receive {
namespace {

constexpr std::chrono::seconds patience{2};  // a client waits for its greeting

/// A name server that fails has no name for us; one that is silent is told apart, so that nobody waits again.
base::Result<std::string> unknown(const dns::Answer& answer, base::Tick deadline) {
    if (std::chrono::steady_clock::now() < deadline) return std::string();
    return base::fail(
        base::Error{std::make_error_code(std::errc::timed_out), base::Phase::resolve, answer.why});
}

task::Awaitable<base::Result<std::string>> confirmedName(net::Resolver* resolver, base::IpAddress client) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto pointers = co_await resolver->ask(dns::reverseQuestion(client), deadline);
    if (pointers.status == dns::Status::failed) co_return unknown(pointers, deadline);
    if (pointers.all<base::DomainName>().empty()) co_return std::string();

    const auto name = pointers.all<base::DomainName>().front();
    dns::Question forward{name, client.isV4() ? dns::Type::a : dns::Type::aaaa};
    const auto addresses = co_await resolver->ask(std::move(forward), deadline);
    if (addresses.status == dns::Status::failed) co_return unknown(addresses, deadline);
    const bool confirmed = std::ranges::count(addresses.all<base::IpAddress>(), client) > 0;
    co_return confirmed ? name.text() : std::string();
}

}  // namespace

task::Awaitable<std::string> ClientNames::find(base::IpAddress client) {
    if (client.isLoopback()) {
        const auto text = client.toText();
        co_return text == "127.0.0.1" || text == "::1" ? "localhost" : std::string();
    }
    const auto begun = std::chrono::steady_clock::now();
    if (const auto found = known_.find(client); found != known_.end() && found->second.until > begun)
        co_return found->second.name;
    if (begun < silentUntil_) co_return std::string();

    auto name = co_await lookUp_(client);
    const auto now = std::chrono::steady_clock::now();
    if (!name) {
        silentUntil_ = now + silence;
        co_return std::string();
    }
    if (known_.size() >= most) known_.clear();
    known_.insert_or_assign(client, Known{*name, now + kept});
    co_return std::move(*name);
}

LookUpName lookUpBy(net::Resolver& resolver) {
    return [&resolver](base::IpAddress client) { return confirmedName(&resolver, client); };
}

}  // namespace postseal::receive
