#include "app/load.hpp"

#include "app/descriptors.hpp"
#include "app/file_warnings.hpp"
#include "app/privileges.hpp"
#include "app/review.hpp"
#include "base/text_file.hpp"
#include "config/load.hpp"
#include "task/clock.hpp"

#include <fmt/core.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

namespace postseal::app {
namespace {

/// By what is asked of clients, and by whose word.
using Contexts =
    std::map<std::pair<tls::ClientCertificates, std::string>, std::shared_ptr<const tls::ServerContext>>;

std::optional<std::string> readText(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) return std::nullopt;
    return std::string(base::withoutByteOrderMark(text));
}

record::Requirement demandOf(const config::Listener& listener, record::Protocol least) {
    record::Requirement demand;
    demand.origin.kind = record::Origin::Kind::listener;
    demand.floors.protocols.bits = 0;
    for (const auto protocol :
         {record::Protocol::tls10, record::Protocol::tls11, record::Protocol::tls12, record::Protocol::tls13})
        if (protocol >= least) demand.floors.protocols.bits |= static_cast<unsigned>(protocol);
    switch (listener.tls) {
    case smtp::ListenerTls::none: demand.level = record::Level::none; break;
    case smtp::ListenerTls::may: demand.level = record::Level::may; break;
    case smtp::ListenerTls::encrypt:
    case smtp::ListenerTls::implicit: demand.level = record::Level::encrypt; break;
    }
    if (listener.clientCertificates == tls::ClientCertificates::require)
        demand.level = record::Level::encrypt;  // a certificate is shown in TLS only
    return demand;
}

base::Result<std::shared_ptr<const tls::ServerContext>> contextFor(const config::Listener& listener,
                                                                   const Loaded& loaded, Contexts& made) {
    if (listener.tls == smtp::ListenerTls::none) return std::shared_ptr<const tls::ServerContext>();
    auto& context = made[{listener.clientCertificates, listener.clientCaFile}];
    if (!context) {
        auto trust = loaded.trust;
        if (!listener.clientCaFile.empty()) {
            auto own = tls::TrustStore::loadAnchors(listener.clientCaFile);
            if (!own) return base::fail(own.error());
            trust = std::move(*own);
        }
        auto settings = loaded.settings.tls;
        settings.clientCertificates = listener.clientCertificates;
        auto result = tls::ServerContext::make(settings, *trust);
        if (!result) return base::fail(result.error());
        context = std::move(*result);
    }
    return context;
}

/// Who would not keep the promise of REQUIRETLS does not give it.
bool offersRequireTls(const config::Outbound& outbound) {
    return !outbound.requireTls || outbound.requireTls->mode != policy::RequireTlsMode::disable;
}

base::Result<void> makeSites(Loaded& loaded) {
    const auto& settings = loaded.settings;
    const auto receiving = std::make_shared<const receive::Settings>(settings.receive);
    Contexts contexts;
    for (const auto& listener : settings.listeners) {
        auto context = contextFor(listener, loaded, contexts);
        if (!context) return base::fail(context.error());
        auto site = std::make_shared<receive::Site>();
        site->settings = receiving;
        site->address = net::toText(listener.address);
        site->smtp = std::make_shared<const smtp::ServerSettings>(smtp::ServerSettings{
            settings.hostname, listener.tls, settings.limits, settings.deadlines,
            loaded.directory->postmasterDomain(settings.hostname), offersRequireTls(settings.outbound)});
        site->tls = std::move(*context);
        site->asksForCertificate = listener.clientCertificates != tls::ClientCertificates::no;
        site->needsCertificate = listener.clientCertificates == tls::ClientCertificates::require;
        site->demand = demandOf(listener, settings.tls.minProtocol);
        site->directory = loaded.directory;
        loaded.sites.push_back(std::move(site));
    }
    return {};
}

/// Who may have the files of the configuration: root, who serves, and whoever runs.
std::vector<::uid_t> ownersOf(const config::Settings& settings) {
    std::vector<::uid_t> owners{0, ::geteuid()};
    if (const auto user = findUser(settings.user)) owners.push_back(*user);
    // Without `user`, root can't know who serves but by what he left; as root itself it would say so at
    // start.
    struct stat found{};
    if (isRoot() && settings.user.empty() && ::stat(settings.dataDir.c_str(), &found) == 0)
        owners.push_back(found.st_uid);
    return owners;
}

FilesInUse filesOf(const std::string& file, const config::Settings& settings) {
    FilesInUse files{.settings = {std::filesystem::absolute(file)},
                     .secrets = {settings.srsSecretFile},
                     .folders = {settings.dataDir},
                     .owners = ownersOf(settings)};
    for (const auto& each : settings.tls.certificates)
        files.secrets.emplace_back(each.key);
    if (const auto& own = settings.outbound.clientCertificate) files.secrets.emplace_back(own->key);
    for (const auto& named : settings.files)
        if (std::ranges::find(files.secrets, named.file) == files.secrets.end())
            files.settings.push_back(named.file);
    return files;
}

void warn(Loaded& loaded) {
    const auto& settings = loaded.settings;
    const auto now = task::timeNow();
    loaded.warnings = settings.warnings;
    for (auto& warning : review(settings, *loaded.directory, loaded.file, now))
        loaded.warnings.push_back(std::move(warning));
    if (!settings.user.empty() && !isRoot() && !isUser(settings.user))
        loaded.warnings.push_back(config::atKey(settings, loaded.file, "user",
                                                "is not in force: only root can become " + settings.user));
    for (auto& warning : fileWarnings(filesOf(loaded.file, settings)))
        loaded.warnings.push_back(std::move(warning));
    const auto& relaxation = settings.outbound.requireTls;
    if (relaxation && relaxation->until <= now)
        loaded.warnings.emplace_back(
            "outbound.requiretls: `until` has passed, so that REQUIRETLS is enforced");
}

/// The key whose file an error of TLS begins with.
std::string keyOf(const Loaded& loaded, const base::Error& error) {
    const auto& certificates = loaded.settings.tls.certificates;
    for (std::size_t i = 0; i < certificates.size(); ++i)
        for (const auto& [file, name] :
             {std::pair(certificates[i].chain, "chain"), {certificates[i].key, "key"}})
            if (error.detail.starts_with(file + ':'))
                return fmt::format("tls.certificates[{}].{}", i + 1, name);
    const auto& listeners = loaded.settings.listeners;
    for (std::size_t i = 0; i < listeners.size(); ++i)
        if (!listeners[i].clientCaFile.empty() && error.detail.starts_with(listeners[i].clientCaFile + ':'))
            return fmt::format("listener[{}].client_ca_file", i + 1);
    if (const auto& own = loaded.settings.outbound.clientCertificate;
        own && (error.detail.starts_with(own->chain + ':') || error.detail.starts_with(own->key + ':')))
        return "outbound.client_certificate";
    return "tls";
}

base::Result<void, std::string> readTrust(Loaded& loaded) {
    auto trust = tls::TrustStore::load(loaded.settings.caFile, loaded.settings.caPath);
    if (!trust) return base::fail(fmt::format("{}: tls: {}\n", loaded.file, base::toText(trust.error())));
    loaded.trust = std::move(*trust);
    return {};
}

base::Result<void> readClientIdentity(Loaded& loaded) {
    loaded.clientIdentity.reset();
    const auto& files = loaded.settings.outbound.clientCertificate;
    if (!files) return {};
    auto identity = tls::Identity::load(*files);
    if (!identity) return base::fail(identity.error());
    loaded.clientIdentity = std::make_shared<const tls::Identity>(std::move(*identity));
    return {};
}

/// The sites are made anew with them.
base::Result<void, std::string> readCertificates(Loaded& loaded) {
    loaded.sites.clear();
    auto made = makeSites(loaded);
    if (made) made = readClientIdentity(loaded);
    if (made) return {};
    return base::fail(
        config::atKey(loaded.settings, loaded.file, keyOf(loaded, made.error()), made.error().detail) + '\n');
}

base::Result<record::Anchors, std::string> loadAnchors(const std::string& file) {
    auto text = readText(file);
    if (!text) return base::fail(fmt::format("{}: {}", file, std::strerror(errno)));
    return tls::makeAnchors(std::move(*text));
}

}  // namespace

base::Result<std::shared_ptr<const Loaded>, std::string> load(const std::string& file,
                                                              config::Purpose purpose) {
    auto settings = config::load(file, purpose);
    if (!settings) return base::fail(config::toText(settings.error()));
    if (auto warning = fitSessions(*settings, mostDescriptors()))
        settings->warnings.push_back(std::move(*warning));
    auto directory = std::make_shared<const directory::Directory>(std::move(settings->directory));
    auto loaded =
        std::make_shared<Loaded>(Loaded{file, std::move(*settings), {}, {}, std::move(directory), {}, {}});
    if (!loaded->settings.user.empty())
        if (const auto found = findUser(loaded->settings.user); !found)
            return base::fail(config::atKey(loaded->settings, file, "user", found.error().detail) + '\n');

    if (const auto read = readTrust(*loaded); !read) return base::fail(read.error());
    if (purpose == config::Purpose::look) return std::shared_ptr<const Loaded>(std::move(loaded));
    if (const auto made = readCertificates(*loaded); !made) return base::fail(made.error());
    warn(*loaded);
    return std::shared_ptr<const Loaded>(std::move(loaded));
}

std::shared_ptr<const Loaded> withDirectory(const Loaded& loaded, directory::Directory directory) {
    auto with = std::make_shared<Loaded>(loaded);
    with->directory = std::make_shared<const directory::Directory>(std::move(directory));
    for (auto& site : with->sites) {
        auto another = std::make_shared<receive::Site>(*site);
        another->directory = with->directory;
        site = std::move(another);
    }
    return with;
}

base::Result<std::shared_ptr<const Loaded>, std::string> loadLists(const Loaded& loaded) {
    // Not the configuration as it stands now: that comes into force when it is told to, as a whole.
    auto again = config::parse(loaded.settings.text, loaded.file, config::Purpose::look);
    if (!again) return base::fail(config::toText(again.error()));
    if (!again->directory.srs) again->directory.srs = loaded.directory->srs;
    auto with = std::make_shared<Loaded>(*withDirectory(loaded, std::move(again->directory)));
    with->settings.warnings = std::move(again->warnings);
    warn(*with);
    return std::shared_ptr<const Loaded>(std::move(with));
}

base::Result<std::shared_ptr<const Loaded>, std::string> loadTls(const Loaded& loaded) {
    auto with = std::make_shared<Loaded>(loaded);
    if (const auto read = readTrust(*with); !read) return base::fail(read.error());
    if (const auto read = readCertificates(*with); !read) return base::fail(read.error());
    warn(*with);
    return std::shared_ptr<const Loaded>(std::move(with));
}

std::shared_ptr<const Loaded> withNextTicketKeys(const Loaded& loaded) {
    auto with = std::make_shared<Loaded>(loaded);
    std::map<const tls::ServerContext*, std::shared_ptr<const tls::ServerContext>> next;  // sites share them
    for (auto& site : with->sites) {
        if (!site->tls) continue;
        auto& context = next[site->tls.get()];
        if (!context) context = site->tls->withNextTicketKey();
        auto another = std::make_shared<receive::Site>(*site);
        another->tls = context;
        site = std::move(another);
    }
    return with;
}

namespace {

/// A policy map of either direction. Without a configured file: an empty one. A relative tafile begins at the
/// map's folder.
template <class Map>
base::Result<std::shared_ptr<const Map>, std::string> readMap(const std::filesystem::path& file) {
    if (file.empty()) return std::make_shared<const Map>();
    const auto name = file.string();
    const auto text = readText(name);
    if (!text) return base::fail(fmt::format("{}: {}\n", name, std::strerror(errno)));
    auto map = Map::parse(*text, name, [&file](const std::string& tafile) {
        return loadAnchors((file.parent_path() / tafile).string());
    });
    if (map) return std::make_shared<const Map>(std::move(*map));
    std::string faults;
    for (const auto& fault : map.error())
        faults += policy::toText(fault, name) + '\n';
    return base::fail(std::move(faults));
}

template <class Map>
std::vector<std::filesystem::path> anchorFilesOf(const std::filesystem::path& mapFile) {
    std::vector<std::filesystem::path> files;
    const auto text = mapFile.empty() ? std::nullopt : readText(mapFile.string());
    if (!text) return files;
    const auto note = [&](const std::string& tafile) {
        const auto file = mapFile.parent_path() / tafile;
        if (std::ranges::find(files, file) == files.end()) files.push_back(file);
        return loadAnchors(file.string());
    };
    const auto map = Map::parse(*text, mapFile.string(), note);
    return map ? files : std::vector<std::filesystem::path>();
}

}  // namespace

base::Result<std::shared_ptr<const policy::Map>, std::string>
readPolicyMap(const config::Outbound& outbound) {
    return readMap<policy::Map>(outbound.policyMap);
}

base::Result<std::shared_ptr<const policy::InboundMap>, std::string>
readInboundMap(const config::Inbound& inbound) {
    return readMap<policy::InboundMap>(inbound.policyMap);
}

std::vector<std::filesystem::path> anchorFiles(const config::Outbound& outbound) {
    return anchorFilesOf<policy::Map>(outbound.policyMap);
}

std::vector<std::filesystem::path> anchorFiles(const config::Inbound& inbound) {
    return anchorFilesOf<policy::InboundMap>(inbound.policyMap);
}

}  // namespace postseal::app
