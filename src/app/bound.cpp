#include "app/bound.hpp"

#include "app/privileges.hpp"
#include "net/port_probe.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace postseal::app {

base::Result<Bound> bind(const std::shared_ptr<const Loaded>& loaded, log::Log log) {
    const auto& settings = loaded->settings;
    auto ownership = store::Ownership::take(settings.dataDir);
    if (!ownership && ownership.error().code == store::Errc::owned) return base::fail(ownership.error());
    if (ownership && !ownership->corrected().empty()) log.warning(log::Line().text(ownership->corrected()));
    if (ownership && isRoot() && !settings.user.empty())
        if (const auto given = giveTo(settings.user, settings.dataDir.string()); !given)
            return base::fail(given.error());

    auto cores = std::make_unique<task::Cores>(std::max(1U, std::thread::hardware_concurrency()), log);
    auto resolver = net::Resolver::make(settings.resolver, (*cores)[0]);
    if (!resolver) return base::fail(resolver.error());
    Bound bound{loaded, {}, std::move(cores), std::move(*resolver), {}};
    if (ownership) bound.ownership = std::move(*ownership);
    for (const auto& listener : settings.listeners)
        if (const auto isFree = net::probePort(listener.address); !isFree) return base::fail(isFree.error());
    for (std::size_t i = 0; i < bound.cores->size(); ++i) {
        auto& sockets = bound.sockets.emplace_back();
        for (const auto& listener : settings.listeners) {
            auto open = net::Listener::open((*bound.cores)[i], listener.address);
            if (!open) return base::fail(open.error());
            sockets.push_back(std::move(*open));
        }
    }
    return bound;
}

}  // namespace postseal::app
