// Where a next hop lives, and the ways from other threads to its dispatcher.
#include "deliver/dispatcher.hpp"
#include "deliver/shares.hpp"

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
        Dispatcher& home = homeOf(lease.route.text());
        boost::asio::dispatch(home.core().context,
                              [&home, one = std::move(lease)]() mutable { home.take(std::move(one)); });
    }
}

void Dispatchers::expect(const std::string& nextHop, base::Timestamp when) {
    Dispatcher& home = homeOf(nextHop);
    boost::asio::post(home.core().context, [&home, nextHop, when] { home.expect(nextHop, when); });
}

void Dispatchers::retry(const std::string& nextHop) {
    Dispatcher& home = homeOf(nextHop);
    boost::asio::post(home.core().context, [&home, nextHop] { home.retry(nextHop); });
}

void Dispatchers::steered(const std::string& nextHop) {
    Dispatcher& home = homeOf(nextHop);
    boost::asio::post(home.core().context, [&home, nextHop] { home.steered(nextHop); });
}

void Dispatchers::adopt(Settings settings, const std::shared_ptr<const directory::Directory>& directory) {
    const auto connections = shareOfCore(settings.connections, dispatchers_.size());
    const auto shared = std::make_shared<const Settings>(std::move(settings));
    for (auto& dispatcher : dispatchers_)
        boost::asio::post(dispatcher->core().context, [&home = *dispatcher, shared, directory, connections] {
            home.adopt(shared, directory, connections);
        });
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
