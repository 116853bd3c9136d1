#include "discover/mta_sts.hpp"

#include "task/clock.hpp"
#include "task/spawn.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace postseal::discover {
namespace {

/// What is found where nobody looks.
task::Awaitable<StsFinding> nothing() {
    co_return StsFinding{.ttl = MtaStsCache::longestKept};
}

}  // namespace

MtaSts::MtaSts(task::Core& home, net::Resolver& resolver, store::Writer* writer, MtaStsSettings settings,
               log::Log log)
    : home_(home), isOn_(settings.isOn),
      fetcher_(askBy(resolver), std::move(settings.fetch), std::move(settings.trust)),
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

void MtaSts::adopt(MtaStsSettings settings) {
    isOn_ = settings.isOn;
    boost::asio::post(home_.context, [this, settings = std::move(settings)] {
        cache_.setRefreshing(settings.isOn);
        fetcher_.replace(settings.fetch, settings.trust);
    });
}

task::Awaitable<StsFinding> MtaSts::find(std::string domain, policy::MailKind kind) {
    return isOn_ ? cache_.find(std::move(domain), kind) : nothing();
}

task::Awaitable<StsFinding> MtaSts::findAnew(std::string domain, policy::MailKind kind) {
    return isOn_ ? cache_.findAnew(std::move(domain), kind) : nothing();
}

}  // namespace postseal::discover
