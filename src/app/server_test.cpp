#include "app/server.hpp"

#include "config/schema.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

namespace postseal::app {
namespace {

/// A port that nobody has, for all configurations of this program.
std::uint16_t freePort() {
    static const auto port = [] {
        task::Core core(0, log::Log());
        return net::Listener::open(core, {*base::IpAddress::parse("127.0.0.1"), 0})->local().port;
    }();
    return port;
}

std::string at(const char* address) {
    return fmt::format("address = \"{}:{}\"\n", address, freePort());
}

/// A configuration in which each restart-bound key can be another.
struct Written {
    std::string top = "hostname = \"mx.example.org\"\n";
    std::string dataDir = "data";
    std::string listener = at("127.0.0.1");
    std::string rest = {};

    std::shared_ptr<const Loaded> load(const store::TempDir& dir) const {
        const auto file = dir / "postseal.toml";
        std::ofstream(file) << top << "data_dir = \"" << dataDir << "\"\n[[listener]]\ntls = \"none\"\n"
                            << listener << rest;
        std::ofstream(dir / "root.key")
            << ". IN DS 20326 8 2 "
               "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";
        auto loaded = app::load(file.string());
        INFO((loaded ? std::string() : loaded.error()));
        REQUIRE(loaded.has_value());
        return *loaded;
    }
};

/// Which only a restart brings into force, each with a configuration that has another value of it.
struct RestartBound {
    const char* key;
    std::string told;
    Written changed;
};

const std::vector<RestartBound>& restartBound() {
    static const std::vector<RestartBound> all{
        {"data_dir", "data_dir", {.dataDir = "data2"}},
        {"user", "user", {.top = "hostname = \"mx.example.org\"\nuser = \"nobody\"\n"}},
        {"listener.address", "listener.address or role", {.listener = at("127.0.0.2")}},
        {"listener.role",
         "listener.address or role",
         {.listener = at("127.0.0.1") + "role = \"socketmap\"\n"}},
        {"limits.disk_reserve", "limits.disk_reserve", {.rest = "[limits]\ndisk_reserve = \"1M\"\n"}},
        {"limits.body_memory", "limits.body_memory", {.rest = "[limits]\nbody_memory = \"1M\"\n"}},
        {"dns.servers", "dns", {.rest = "[dns]\nservers = [\"127.0.0.1@53\"]\n"}},
        {"dns.validate", "dns", {.rest = "[outbound]\ndane = false\n[dns]\nvalidate = \"off\"\n"}},
        {"dns.trust_anchor", "dns", {.rest = "[dns]\ntrust_anchor = \"root.key\"\n"}},
        {"dns.cache_size", "dns", {.rest = "[dns]\ncache_size = \"8M\"\n"}},
        {"dns.self_test.signed", "dns.self_test", {.rest = "[dns.self_test]\nsigned = [\"example.org\"]\n"}},
        {"dns.self_test.bogus", "dns.self_test", {.rest = "[dns.self_test]\nbogus = [\"example.org\"]\n"}},
        {"log.to", "log", {.rest = "[log]\nto = \"syslog\"\n"}},
        {"log.format", "log", {.rest = "[log]\nformat = \"json\"\n"}},
        {"log.level", "log", {.rest = "[log]\nlevel = \"error\"\n"}},
    };
    return all;
}

/// Which come into force by a reload: for whoever connects, or for the next delivery. `section.*`: all its
/// keys, and all that are added to it.
struct Adopted {
    const char* byWhom;
    std::vector<std::string_view> keys;
};

const Adopted adopted[] = {
    {"inbound",
     {"hostname",
      "srs_secret",
      "tls.ca_file",
      "tls.ca_path",
      "tls.min_protocol",
      "tls.tickets",
      "tls.ticket_key_life",
      "tls.certificates.*",
      "listener.tls",
      "listener.client_certificates",
      "listener.client_ca_file",
      "domain.*",
      "route.*",
      "inbound.*",
      "statement.id",
      "limits.message_size",
      "limits.recipients",
      "limits.sessions",
      "limits.sessions_per_client",
      "limits.line",
      "limits.text_line",
      "limits.commands",
      "limits.errors",
      "limits.hops",
      "limits.min_data_rate",
      "limits.arrival_memory",
      "limits.timeout",
      "limits.timeouts.*"}},
    {"outbound and delivery", {"outbound.*", "outbound.retry.*", "outbound.timeouts.*"}},
    {"outbound and alliances", {"alliances.*"}},
    {"expiry", {"ledger.*"}},
    {"nobody: there is one engine", {"store.engine"}},
};

bool isAdopted(const std::string& section, const std::string& key) {
    return std::ranges::any_of(adopted, [&](const Adopted& some) {
        return std::ranges::any_of(some.keys, [&](std::string_view one) {
            return one == key || (!section.empty() && one == section + ".*");
        });
    });
}

}  // namespace

TEST_CASE("reload: what only a restart brings into force is refused by its key, and nothing else is") {
    const store::TempDir dir;
    const auto loaded = Written().load(dir);
    auto bound = app::bind(loaded, log::Log());
    REQUIRE(bound.has_value());
    const Server server(std::move(*bound), log::Log());
    CHECK(server.needsRestart(loaded->settings, loaded->settings).empty());
    for (const auto& [key, told, changed] : restartBound()) {
        INFO(key);
        CHECK(server.needsRestart(loaded->settings, changed.load(dir)->settings) == told);
    }
    const Written other{.top = "hostname = \"other.example.org\"\n",
                        .listener = at("127.0.0.1") + "client_certificates = \"no\"\n",
                        .rest = "[limits]\nmessage_size = \"1M\"\n[outbound]\nmta_sts = false\n"};
    CHECK(server.needsRestart(loaded->settings, other.load(dir)->settings).empty());
}

TEST_CASE("reload: of each key of the configuration it is known whether a restart is needed") {
    std::set<std::string> known;
    for (const auto& one : restartBound())
        known.insert(one.key);
    for (const auto& section : config::sections())
        for (const auto& key : section.keys) {
            const auto name =
                section.path.empty() ? std::string(key.name) : fmt::format("{}.{}", section.path, key.name);
            INFO(name << ": whoever adopts it names it here, or names it in needsRestart");
            CHECK((known.contains(name) != isAdopted(std::string(section.path), name)));
        }
}

TEST_CASE("server: it comes up, adopts and stops; one that never started stops, too") {
    const store::TempDir dir;
    const auto loaded = Written{.rest = "[outbound]\nmta_sts = false\ndane = false\n"}.load(dir);
    for (const bool starts : {true, false}) {
        auto bound = app::bind(loaded, log::Log());
        REQUIRE(bound.has_value());
        Server server(std::move(*bound), log::Log());
        if (!starts) continue;
        server.adoptPolicy(std::make_shared<const policy::Map>());
        server.start();
        server.tick();
        server.adopt(loaded);
        server.tick();
        CHECK(server.stop(std::chrono::seconds(20)));
    }
}

}  // namespace postseal::app
