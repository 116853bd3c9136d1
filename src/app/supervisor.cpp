#include "app/supervisor.hpp"

#include "app/review.hpp"
#include "app/srs_key.hpp"
#include "app/systemd.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <utility>

namespace postseal::app {
namespace {

constexpr std::chrono::seconds endOfWork{30};  // for what runs when we are told to stop

}  // namespace

Supervisor::Supervisor(std::shared_ptr<const Loaded> loaded, Server& server, log::Log log)
    : loaded_(std::move(loaded)), server_(server), log_(log) {
    lists_.start(loaded_->settings.lists);
    tls_.start(*loaded_, std::chrono::steady_clock::now());
}

void Supervisor::run(const Signals& signals) {
    tellWarnings();
    lookAtMap();
    server_.start();
    notifySystemd("READY=1");
    while (true) {
        const auto signal = signals.wait();
        if (!signal) {
            server_.tick();
            lookAtMap();
            lookAtLists();
            lookAtTls();
        } else if (*signal == SIGHUP) {
            notifyReloading();
            reload();
            notifySystemd("READY=1");
        } else {
            break;
        }
    }
    log_.info("stopping: ending what runs");
    notifySystemd("STOPPING=1");
    if (!server_.stop(endOfWork)) log_.warning("stopped before all that ran had ended");
}

void Supervisor::reload() {
    auto loaded = load(loaded_->file);
    if (!loaded) return complain("reload refused, the old configuration stays in force", loaded.error());
    const auto& wanted = (*loaded)->settings;
    if (const auto keys = server_.needsRestart(loaded_->settings, wanted); !keys.empty())
        return complain("reload refused, the old configuration stays in force",
                        "these change only by a restart: " + keys);
    const auto stamp = stampOf(wanted.outbound.policyMap.string());
    auto map = readPolicyMap(wanted.outbound);
    const bool otherMap = loaded_->settings.outbound.policyMap != wanted.outbound.policyMap;
    if (otherMap && !map)
        return complain("reload refused, the old configuration stays in force", map.error());

    lists_.start(wanted.lists);
    tls_.start(**loaded, std::chrono::steady_clock::now());
    anchors_.start(anchorFiles(wanted.outbound));
    // The secret that data_dir keeps stays the same until a restart.
    loaded_ = withSrs(std::move(*loaded), loaded_->directory->srs);
    server_.adopt(loaded_);
    if (otherMap) map_ = nullptr;  // an empty file is fine where it was not filled before
    mapStamp_ = stamp;
    adopt(map);
    tellWarnings();
    log_.info("configuration reloaded");
}

void Supervisor::tellWarnings() {
    for (const auto& warning : loaded_->warnings)
        log_.warning(log::Line().text(warning));
}

/// Reads recipients and aliases again when their files are others than before. As with the policy map, the
/// last good ones stay in force where the new ones are bad, gone or emptied.
void Supervisor::lookAtLists() {
    constexpr auto* stay = "lists of recipients and aliases refused, the last good ones stay in force";
    switch (lists_.look()) {
    case ListWatch::Seen::same: return;
    case ListWatch::Seen::emptied:
        return complain(stay, "a list that was filled is empty or gone; SIGHUP takes it as it is");
    case ListWatch::Seen::changed: break;
    }
    auto loaded = loadLists(*loaded_);
    if (!loaded) return complain(stay, loaded.error());
    loaded_ = std::move(*loaded);
    server_.adopt(loaded_);
    tellWarnings();
    log_.info("recipients and aliases read again");
}

/// Reads the policy map when its file, or one that it names by `tafile`, is another than before.
void Supervisor::lookAtMap() {
    const auto& outbound = loaded_->settings.outbound;
    const auto stamp = stampOf(outbound.policyMap.string());
    const bool isOtherMap = stamp != mapStamp_;
    if (!isOtherMap && anchors_.look() == ListWatch::Seen::same) return;
    mapStamp_ = stamp;
    const auto map = readPolicyMap(outbound);
    if (map && isOtherMap) anchors_.start(anchorFiles(outbound));
    adopt(map);
}

/// A renewed certificate, a new CA: no signal is needed.
void Supervisor::lookAtTls() {
    auto seen = tls_.look(*loaded_, std::chrono::steady_clock::now());
    if (!seen)
        return complain("ALARM: changed certificates, keys or CAs refused, those read before stay in force",
                        seen.error());
    if (seen->what == TlsWatch::Seen::What::nothing) return;
    loaded_ = std::move(seen->loaded);
    server_.adopt(loaded_);
    if (seen->what != TlsWatch::Seen::What::readAgain) return;
    tellWarnings();
    log_.info("certificates, keys and CAs read again");
}

/// A good map comes into force. A bad, missing or emptied one does not: the last good one stays, and where
/// there is none nothing is sent outward (docs/policy.md).
void Supervisor::adopt(const base::Result<SharedMap, std::string>& map) {
    constexpr auto* stays = "policy map refused, the last good one stays in force";
    if (!map)
        return complain(map_ ? stays
                             : "no valid policy map: mail is received, nothing is sent until it is valid",
                        map.error());
    if ((*map)->empty() && map_ && !map_->empty())
        return complain(stays, loaded_->settings.outbound.policyMap.string() + ": no entry is left");
    map_ = *map;
    if (const auto warning = reviewMap(loaded_->settings, *map_); !warning.empty())
        log_.warning(log::Line().text(warning));
    server_.adoptPolicy(map_);
    if (const auto& file = loaded_->settings.outbound.policyMap; !file.empty())
        log_.info(log::Line().text(fmt::format("policy map {}: {} entries", file.string(), map_->size())));
}

void Supervisor::complain(const char* what, std::string_view reasons) {
    log_.error(what);
    while (!reasons.empty()) {
        const auto end = std::min(reasons.find('\n'), reasons.size());
        log_.error(log::Line().text(reasons.substr(0, end)));
        reasons.remove_prefix(std::min(end + 1, reasons.size()));
    }
}

}  // namespace postseal::app
