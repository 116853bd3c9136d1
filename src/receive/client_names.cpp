#include "receive/client_names.hpp"

#include "discover/client_name.hpp"
#include "net/resolver.hpp"

#include <utility>
#include <vector>

namespace postseal::receive {
namespace {

constexpr std::chrono::seconds patience{2};  // a client waits for its greeting

/// A name server that fails has no name for us; one that is silent is told apart, so that nobody waits again.
task::Awaitable<base::Result<std::string>> confirmedName(net::Resolver* resolver, base::IpAddress client) {
    using Status = policy::ClientName::Status;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    discover::Ask ask = [resolver, deadline](std::vector<dns::Question> questions) {
        return resolver->askAll(std::move(questions), deadline);
    };
    auto found = co_await discover::clientName(std::move(ask), client);
    const bool isSilent = found.status == Status::failed && std::chrono::steady_clock::now() >= deadline;
    if (isSilent)
        co_return base::fail(
            base::Error{std::make_error_code(std::errc::timed_out), base::Phase::resolve, {}});
    co_return found.status == Status::confirmed ? std::move(found.name) : std::string();
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
