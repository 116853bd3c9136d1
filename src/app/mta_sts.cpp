#include "app/mta_sts.hpp"

#include "app/outward.hpp"
#include "task/clock.hpp"
#include "task/spawn.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace postseal::app {
namespace {

std::shared_ptr<const discover::StsFetchSettings> fetchSettings(const Loaded& loaded) {
    const auto route = destinationSettings(loaded, nullptr)->route;
    return std::make_shared<const discover::StsFetchSettings>(
        discover::StsFetchSettings{.allowed = route.allowed, .ourEndpoints = route.ourEndpoints});
}

discover::Ask askBy(net::Resolver* resolver) {
    return
        [resolver](std::vector<dns::Question> questions) { return askAll(resolver, std::move(questions)); };
}

/// What is found where nobody looks.
task::Awaitable<discover::StsFinding> nothing() {
    co_return discover::StsFinding{.ttl = discover::MtaStsCache::longestKept};
}

}  // namespace

MtaSts::MtaSts(task::Core& home, net::Resolver* resolver, store::Writer* writer, const Loaded& loaded,
               log::Log log)
    : home_(home), isOn_(loaded.settings.outbound.mtaSts),
      fetcher_(askBy(resolver), fetchSettings(loaded), loaded.trust),
      cache_({.home = home,
              .writer = writer,
              .ask = askBy(resolver),
              .fetch = [this](base::DomainName domain) { return fetcher_.fetch(std::move(domain)); },
              .now = task::steadyCalendar(),
              .log = log}) {
    cache_.setRefreshing(isOn_);
}

void MtaSts::start() {
    task::spawn(home_, cache_.keepFresh(), "mta-sts");
}

void MtaSts::adopt(const Loaded& loaded) {
    isOn_ = loaded.settings.outbound.mtaSts;
    boost::asio::post(home_.context, [this, isOn = loaded.settings.outbound.mtaSts,
                                      settings = fetchSettings(loaded), trust = loaded.trust] {
        cache_.setRefreshing(isOn);
        fetcher_.replace(settings, trust);
    });
}

task::Awaitable<discover::StsFinding> MtaSts::find(std::string domain) {
    return isOn_ ? cache_.find(std::move(domain)) : nothing();
}

task::Awaitable<discover::StsFinding> MtaSts::findAnew(std::string domain) {
    return isOn_ ? cache_.findAnew(std::move(domain)) : nothing();
}

}  // namespace postseal::app
