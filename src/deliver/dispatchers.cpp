// Where a next hop lives, and the ways from other threads to its dispatcher.
#include "deliver/dispatcher.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <utility>

namespace postseal::deliver {

Dispatchers::Dispatchers(task::Cores& cores, std::vector<std::unique_ptr<DeliveryServices>> services)
    : services_(std::move(services)) {
    for (std::size_t i = 0; i < cores.size(); ++i)
        dispatchers_.push_back(std::make_unique<Dispatcher>(cores[i], *this, *services_[i]));
}

Dispatcher& Dispatchers::homeOf(std::string_view nextHop) {
    return *dispatchers_[std::hash<std::string_view>()(nextHop) % dispatchers_.size()];
}

void Dispatchers::handOver(std::vector<queue::Lease> leases) {
    for (auto& lease : leases) {
        Dispatcher& home = homeOf(lease.nextHop);
        boost::asio::dispatch(home.core().context, [&home, one = std::move(lease)]() mutable {
            std::vector<queue::Lease> single;
            single.push_back(std::move(one));
            home.take(std::move(single));
        });
    }
}

void Dispatchers::expect(const std::vector<queue::Backlog>& destinations) {
    for (const auto& destination : destinations)
        homeOf(destination.nextHop).expect(destination.nextHop, destination.earliest);
}

void Dispatchers::start() {
    for (auto& dispatcher : dispatchers_)
        dispatcher->start();
}

void Dispatchers::reloaded() {
    for (auto& dispatcher : dispatchers_)
        boost::asio::post(dispatcher->core().context, [&home = *dispatcher] { home.reloaded(); });
}

}  // namespace postseal::deliver
