#include "app/serve.hpp"

#include "app/file_stamp.hpp"
#include "app/list_watch.hpp"
#include "app/load.hpp"
#include "app/privileges.hpp"
#include "app/review.hpp"
#include "app/server.hpp"
#include "app/srs_key.hpp"
#include "app/systemd.hpp"
#include "app/tls_watch.hpp"
#include "task/clock.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace postseal::app {
namespace {

constexpr std::chrono::seconds endOfWork{30};  // for what runs when we are told to stop
constexpr int configurationError = 2;

void print(const std::string& text) {
    std::fputs(text.c_str(), stderr);
}

/// The signals that the supervisor waits for. Blocked before the first thread, so that none gets them.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP})
            sigaddset(&set_, signal);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }
    /// One of them, or nullopt after a second.
    std::optional<int> wait() const {
        const timespec second{1, 0};
        const int signal = sigtimedwait(&set_, nullptr, &second);
        return signal > 0 ? std::optional(signal) : std::nullopt;
    }

private:
    sigset_t set_{};
};

using SharedMap = std::shared_ptr<const policy::Map>;

/// The secret that data_dir keeps stays the same until a restart, unless the configuration names another.
std::shared_ptr<const Loaded> withSrs(std::shared_ptr<const Loaded> loaded,
                                      std::shared_ptr<const directory::Srs> srs) {
    if (loaded->directory->srs) return loaded;
    auto directory = *loaded->directory;
    directory.srs = std::move(srs);
    return withDirectory(*loaded, std::move(directory));
}

class Supervisor {
public:
    Supervisor(std::shared_ptr<const Loaded> loaded, Server& server, log::Log log)
        : loaded_(std::move(loaded)), server_(server), log_(log) {
        lists_.start(loaded_->settings.lists);
        tls_.start(*loaded_, std::chrono::steady_clock::now());
    }

    void run(const Signals& signals);

private:
    void reload();
    void tellWarnings();
    void lookAtLists();
    void lookAtMap();
    void lookAtOwn();
    void lookAtTls();
    void adopt(const base::Result<SharedMap, std::string>& map);
    void complain(const char* what, std::string_view reasons);

    std::shared_ptr<const Loaded> loaded_;
    Server& server_;
    log::Log log_;
    ListWatch lists_;
    ListWatch anchors_;  // the map's tafiles
    TlsWatch tls_;
    SharedMap map_;                      // null: there was no good one yet
    std::optional<FileStamp> mapStamp_;  // as it was last read
    base::Tick nextReview_ = std::chrono::steady_clock::now() + std::chrono::days(1);
};

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
            lookAtOwn();
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

/// Certificates end by themselves: they are looked at once a day, whatever else happens.
void Supervisor::lookAtOwn() {
    const auto now = std::chrono::steady_clock::now();
    if (now < nextReview_) return;
    nextReview_ = now + std::chrono::days(1);
    for (const auto& warning : review(loaded_->settings, *loaded_->directory, loaded_->file, task::timeNow()))
        log_.warning(log::Line().text(warning));
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

int refuse(const std::string& reason) {
    print("postseal: " + reason + '\n');
    return configurationError;
}

}  // namespace

int serve(const std::string& configFile) {
    const Signals signals;
    ignoreBrokenPipes();
    auto loaded = load(configFile);
    if (!loaded) {
        print(loaded.error());
        return configurationError;
    }
    const auto& settings = (*loaded)->settings;
    raiseDescriptorLimit();
    log::Sink sink(settings.log);
    const log::Log log(sink, "master");

    auto bound = app::bind(*loaded, log);
    if (!bound) return refuse(base::toText(bound.error()));
    if (isRoot() && settings.user.empty())
        log.warning("running as root: set `user`, or start by systemd with User=postseal");
    if (isRoot() && !settings.user.empty())
        if (const auto became = becomeUser(settings.user); !became)
            return refuse(base::toText(became.error()));
    for (const auto& fault : unreadable(settings, configFile))
        log.error(log::Line().text("reloads will be refused: " + fault));

    if (!(*loaded)->directory->srs) bound->loaded = withSrs(*loaded, srsKey(settings.dataDir, log));
    const auto inForce = bound->loaded;
    Server server(std::move(*bound), log);
    Supervisor(inForce, server, log).run(signals);
    return 0;
}

}  // namespace postseal::app
