#include "receive/client_names.hpp"

namespace postseal::receive {

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

}  // namespace postseal::receive
