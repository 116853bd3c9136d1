#include "app/preflight.hpp"

#include "app/load.hpp"
#include "app/privileges.hpp"
#include "app/review.hpp"
#include "config/load.hpp"
#include "net/key_probe.hpp"
#include "net/port_probe.hpp"
#include "store/data_dir.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <unistd.h>
#include <vector>

namespace postseal::app {
namespace {

using Faults = std::vector<std::string>;

void print(const std::string& line) {
    std::fprintf(stderr, "%s\n", line.c_str());
}

/// A server of this very configuration may be running: then its ports are its own, and only who shares them
/// with it is told. Who may not bind a port can't tell whether the server may.
void lookAtPorts(const config::Settings& settings, const std::string& file, Faults& faults) {
    const bool isServed = store::Ownership::isTaken(settings.dataDir);
    for (std::size_t i = 0; i < settings.listeners.size(); ++i) {
        const auto& at = settings.listeners[i].address;
        const auto key = fmt::format("listener[{}].address", i + 1);
        const auto isFree = net::probePort(at);
        if (isFree || (isServed && isFree.error().code != std::errc::address_in_use)) continue;
        if (!isServed) {
            auto words = config::atKey(settings, file, key, isFree.error().detail);
            if (isFree.error().code == std::errc::permission_denied)
                print("warning: " + words);
            else
                faults.push_back(std::move(words));
            continue;
        }
        const auto holders = net::holdersOf(at);
        const auto other =
            std::ranges::find_if(holders, [](const auto& h) { return h.program != "postseal"; });
        if (other != holders.end())
            faults.push_back(
                config::atKey(settings, file, key,
                              fmt::format("{} is served by us and by {} (process {}), each with a part "
                                          "of the mail: take the port from it",
                                          net::toText(at), other->program, other->process)));
    }
}

/// Started by root, the server gives the folder to its account.
void lookAtDataDir(const config::Settings& settings, const std::string& file, Faults& faults) {
    auto folder = std::filesystem::absolute(settings.dataDir);
    while (::access(folder.c_str(), F_OK) != 0 && folder.has_relative_path())
        folder = folder.parent_path();
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        faults.push_back(
            config::atKey(settings, file, "data_dir",
                          fmt::format("{} can't be written: {}", folder.string(), std::strerror(errno))));
}

/// Gives up what root may, so it comes last.
void lookAsUser(const config::Settings& settings, const std::string& file, Faults& faults) {
    if (!isRoot() || settings.user.empty()) return lookAtDataDir(settings, file, faults);
    if (const auto became = becomeUser(settings.user); !became) {
        faults.push_back(config::atKey(settings, file, "user", became.error().detail));
        return;
    }
    for (auto& fault : unreadable(settings, file))
        faults.push_back(std::move(fault) + ": " + settings.user +
                         " must be able to read it, or no reload will take what is new; of a certificate, "
                         "certbot's hook makes a copy (docs/beside-postfix.md)");
}

}  // namespace

int preflight(const std::string& configFile) {
    constexpr int wrong = 2;
    const auto loaded = load(configFile);
    if (!loaded) {
        std::fputs(loaded.error().c_str(), stderr);
        return wrong;
    }
    const auto& settings = (*loaded)->settings;
    const auto map = readPolicyMap(settings.outbound);
    const auto inboundMap = readInboundMap(settings.inbound);
    for (const auto& warning : (*loaded)->warnings)
        print("warning: " + warning);
    if (!map || !inboundMap) {
        std::fputs(((map ? "" : map.error()) + (inboundMap ? "" : inboundMap.error())).c_str(), stderr);
        return wrong;
    }
    if (const auto warning = reviewMap(settings, **map); !warning.empty()) print("warning: " + warning);
    for (const auto& warning : reviewInboundMap(settings, **inboundMap))
        print("warning: " + warning);
    Faults faults;
    lookAtPorts(settings, configFile, faults);
    lookAsUser(settings, configFile, faults);
    for (const auto& fault : faults)
        print(fault);
    if (!faults.empty()) return wrong;
    if (const auto why = net::whyNothingValidates(settings.resolver); !why.empty()) print("warning: " + why);
    fmt::print(
        "{} is right: {} listeners, {} domains, {} certificates, {} entries in the policy map, {} rules for "
        "incoming mail\n",
        configFile, settings.listeners.size(), (*loaded)->directory->domains.size(),
        settings.tls.certificates.size(), (*map)->size(), (*inboundMap)->size());
    return 0;
}

}  // namespace postseal::app
