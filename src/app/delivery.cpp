#include "app/delivery.hpp"

#include "deliver/shares.hpp"
#include "queue/lease.hpp"
#include "queue/spool.hpp"
#include "queue/steer.hpp"

#include <fmt/core.h>

#include <utility>

namespace postseal::app {
namespace {

using CoreServices = std::vector<std::unique_ptr<deliver::DeliveryServices>>;

}  // namespace

Delivery::Delivery(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Outbound& outbound)
    : writer_(ground.writer), readers_(ground.readers), log_(ground.log),
      bodies_({.dataDir = loaded->settings.dataDir,
               .memoryBytes = loaded->settings.bodyMemoryBytes,
               .reserveBytes = loaded->settings.diskReserveBytes},
              ground.pool, ground.readers),
      dispatchers_(ground.cores, [&] {
          const auto& settings = loaded->settings.deliver;
          CoreServices services;
          for (std::size_t core = 0; core < ground.cores.size(); ++core)
              services.push_back(std::make_unique<deliver::DeliveryServices>(deliver::DeliveryServices{
                  .writer = writer_,
                  .bodies = bodies_,
                  .ids = ids_,
                  .destinations = outbound.destinations(core),
                  .dialer = outbound.dialer(core),
                  .reportRates = reportRates_,
                  .log = log_.as("smtp"),
                  .settings = std::make_shared<const deliver::Settings>(settings),
                  .directory = loaded->directory,
                  .memory = &outbound.memory(),
                  .connections = deliver::shareOfCore(settings.connections, ground.cores.size())}));
          return services;
      }()) {
    outbound.tell({.ofDomain =
                       [this](const std::string& domain) {
                           if (!isOpen_) return;
                           dispatchers_.steered(domain);  // it rests no longer
                           dispatchers_.retry(domain);
                       },
                   .ofAll =
                       [this] {
                           dispatchers_.reloaded();
                           if (isOpen_) retryAll("what is kept of destinations");
                       }});
}

Resident::Done Delivery::open() {
    const auto opened = openQueue();
    if (!opened)
        return base::fail("the queue can't be opened, mail is put off: " + base::toText(opened.error()));
    isOpen_ = true;
    return {};
}

base::Result<void> Delivery::openQueue() {
    if (auto voided = queue::voidLeases(writer_); !voided) return voided;
    const auto newest = queue::newestId(readers_);
    if (!newest) return base::fail(newest.error());
    ids_.startAfter(*newest);
    const auto swept = bodies_.sweepOrphans();
    if (!swept) return base::fail(swept.error());
    if (*swept)
        log_.error(
            log::Line().text("the database is new, but there are texts of messages: they are kept in " +
                             (*swept)->string() + "; was postseal.db lost?"));
    // Each destination's home core is told when the first of those who wait for it is due.
    return eachBacklog(
        [this](const queue::Backlog& backlog) { dispatchers_.expect(backlog.nextHop, backlog.earliest); });
}

base::Result<void> Delivery::eachBacklog(const std::function<void(const queue::Backlog&)>& take) {
    const auto waiting = queue::waitingBacklogs(readers_);
    if (!waiting) return base::fail(waiting.error());
    for (const auto& backlog : *waiting)
        take(backlog);
    return {};
}

void Delivery::retryAll(const char* whatWaits) {
    const auto due =
        eachBacklog([this](const queue::Backlog& backlog) { dispatchers_.retry(backlog.nextHop); });
    if (!due)
        log_.warning(log::Line().text(
            fmt::format("what waited for {} waits longer: {}", whatWaits, base::toText(due.error()))));
}

Resident::Done Delivery::tick(const Now& /*now*/) {
    const auto nextHops = queue::takeSteered(readers_, writer_);
    if (!nextHops) return base::fail("commands on the queue are not seen: " + base::toText(nextHops.error()));
    for (const auto& nextHop : *nextHops)
        dispatchers_.steered(nextHop);
    return {};
}

void Delivery::adopt(const std::shared_ptr<const Loaded>& loaded) {
    dispatchers_.adopt(loaded->settings.deliver, loaded->directory);
    dispatchers_.reloaded();
}

void Delivery::adoptPolicy(const std::shared_ptr<const policy::Map>& map) {
    dispatchers_.reloaded();
    const bool isFirst = !std::exchange(hasMap_, map != nullptr) && map;
    if (isFirst && isOpen_) retryAll("the policy map");
}

std::vector<std::string> Delivery::needsRestart(const config::Settings& from,
                                                const config::Settings& to) const {
    if (from.bodyMemoryBytes == to.bodyMemoryBytes) return {};
    return {"limits.body_memory"};
}

}  // namespace postseal::app
