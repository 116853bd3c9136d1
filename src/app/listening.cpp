#include "app/listening.hpp"

#include "task/spawn.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace postseal::app {
namespace {

std::string_view inWords(const config::Listener& listener) {
    if (listener.role == config::Listener::Role::socketmap) return "policies for a Postfix (socketmap)";
    switch (listener.tls) {
    case smtp::ListenerTls::none: return "no TLS";
    case smtp::ListenerTls::may: return "TLS offered";
    case smtp::ListenerTls::encrypt: return "TLS demanded";
    case smtp::ListenerTls::implicit: return "TLS from the first byte";
    }
    return {};
}

}  // namespace

void Listening::start() {
    for (std::size_t core = 0; core < sockets_.size(); ++core)
        for (std::size_t i = 0; i < listeners_.size(); ++i) {
            const auto take = [&front = fronts_.at(listeners_[i].role), core, i](net::Connection connection) {
                front(core, i, std::move(connection));
            };
            task::spawn(cores_[core],
                        net::Listener::acceptAll(std::move(sockets_[core][i]), take, log_.as("smtpd")),
                        "accept");
        }
    sockets_.clear();
    for (const auto& listener : listeners_)
        log_.info(log::Line().text(
            fmt::format("listening on {}: {}", net::toText(listener.address), inWords(listener))));
}

std::vector<std::string> Listening::needsRestart(const config::Settings& from,
                                                 const config::Settings& to) const {
    const auto bound = [](const config::Settings& settings) {
        std::vector<std::pair<net::Endpoint, config::Listener::Role>> all;
        all.reserve(settings.listeners.size());
        for (const auto& listener : settings.listeners)
            all.emplace_back(listener.address, listener.role);
        return all;
    };
    if (bound(from) == bound(to)) return {};
    return {"listener.address or role"};
}

}  // namespace postseal::app
