#include "app/inbound.hpp"

#include "task/spawn.hpp"

#include <fmt/core.h>

#include <utility>

namespace postseal::app {

Inbound::Part::Part(const Ground& ground, task::Core& core, Inbound& inbound, Delivery& delivery,
                    ledger::RefusedMails& refused, const Loaded& loaded)
    : names(receive::lookUpBy(ground.resolver)),
      services{
          .core = core,
          .log = ground.log.as("smtpd"),
          .writer = ground.writer,
          .bodies = delivery.bodies(),
          .ids = delivery.ids(),
          .rates = inbound.rates_,
          .memory = inbound.arrivalMemory_,
          .names = names,
          .queueReady = delivery.isOpen(),
          .handOver = [&delivery](std::vector<queue::Lease> leases) { delivery.handOver(std::move(leases)); },
          .refusedMails = refused,
          .ask = discover::askBy(ground.resolver),
          .policy = std::make_shared<const discover::InboundPolicy>(),
          .clients = std::make_shared<tls::Verifier>(loaded.trust)},
      sites(loaded.sites) {}

Inbound::Inbound(const Ground& ground, const std::shared_ptr<const Loaded>& loaded, Delivery& delivery,
                 ledger::RefusedMails& refused)
    : cores_(ground.cores), log_(ground.log), loaded_(loaded), parts_(ground.cores, [&](task::Core& core) {
          return std::make_unique<Part>(ground, core, *this, delivery, refused, *loaded);
      }) {}

Front Inbound::front() {
    return [this](std::size_t core, std::size_t listener, net::Connection connection) {
        auto& mine = parts_.on(core);
        task::spawn(cores_[core],
                    receive::serve(&mine.services, mine.sites.at(listener), std::move(connection)),
                    "session");
    };
}

void Inbound::adopt(const std::shared_ptr<const Loaded>& loaded) {
    const bool isOtherMap = loaded_->settings.inbound.policyMap != loaded->settings.inbound.policyMap;
    loaded_ = loaded;
    if (isOtherMap) mapStamp_.reset();
    parts_.forEach([loaded](Part& part) {
        part.sites = loaded->sites;
        part.services.clients = std::make_shared<tls::Verifier>(loaded->trust);
    });
    postPolicy();
}

void Inbound::adoptAlliances(std::shared_ptr<const discover::AllianceDemands> alliances) {
    alliances_ = std::move(alliances);
    postPolicy();
}

/// Reads the map when its file, or one that it names by `tafile`, is another than before.
Resident::Done Inbound::lookAtMap() {
    const auto& inbound = loaded_->settings.inbound;
    const auto stamp = stampOf(inbound.policyMap.string());
    if (stamp == mapStamp_ && anchors_.look() == ListWatch::Seen::same) return mapRead_;
    if (stamp != mapStamp_) anchors_.start(anchorFiles(inbound));
    mapStamp_ = stamp;
    mapRead_ = readMap();
    return mapRead_;
}

/// A good map comes into force. A bad, missing or emptied one does not: the last good one stays, and where
/// there is none mail waits, since nobody knows whom it may come from.
Resident::Done Inbound::readMap() {
    const auto& file = loaded_->settings.inbound.policyMap;
    auto map = readInboundMap(loaded_->settings.inbound);
    if (map && (*map)->empty() && map_ && !map_->empty() && !file.empty())
        map = base::fail(file.string() + ": no rule is left");
    if (!map)
        return base::fail(
            (map_ ? "ALARM: policy map for incoming mail refused, the last good one stays in force: "
                  : "ALARM: no valid policy map for incoming mail: mail is put off until it is valid: ") +
            map.error());
    map_ = *map;
    postPolicy();
    if (!file.empty())
        log_.info(log::Line().text(
            fmt::format("policy map for incoming mail {}: {} rules", file.string(), map_->size())));
    return {};
}

void Inbound::postPolicy() {
    const auto policy = std::make_shared<const discover::InboundPolicy>(
        discover::InboundPolicy{map_, loaded_->settings.inbound.ownRelays, alliances_});
    parts_.forEach([policy](Part& part) { part.services.policy = policy; });
}

}  // namespace postseal::app
