#include "app/start.hpp"

#include "app/load.hpp"
#include "app/privileges.hpp"
#include "app/review.hpp"
#include "app/server.hpp"
#include "app/signals.hpp"
#include "app/srs_key.hpp"
#include "app/supervisor.hpp"

#include <cstdio>
#include <utility>

namespace postseal::app {
namespace {

constexpr int configurationError = 2;

void print(const std::string& text) {
    std::fputs(text.c_str(), stderr);
}

int refuse(const std::string& reason) {
    print("postseal: " + reason + '\n');
    return configurationError;
}

}  // namespace

int start(const std::string& configFile) {
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
