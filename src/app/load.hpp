// All that a configuration names, read and checked: certificates, keys, CAs, the policy map. What a start and
// a reload begin with and what `serve --check` does. Blocking. Immutable afterwards; any thread.
#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"
#include "policy/inbound_map.hpp"
#include "policy/map.hpp"
#include "receive/settings.hpp"
#include "tls/identity.hpp"
#include "tls/trust.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace postseal::app {

struct Loaded {
    std::string file;  // the configuration's
    config::Settings settings;
    std::shared_ptr<const tls::TrustStore> trust;
    std::shared_ptr<const tls::Identity> clientIdentity;  // null: none is configured, or it is only looked at
    std::shared_ptr<const directory::Directory> directory;
    std::vector<std::shared_ptr<const receive::Site>> sites;  // one for each listener, in their order
    std::vector<std::string> warnings;
};

/// The error has a line for each thing that is wrong. Only looked at, there are neither sites nor warnings.
base::Result<std::shared_ptr<const Loaded>, std::string>
load(const std::string& file, config::Purpose purpose = config::Purpose::serve);

/// The same with another directory: lists read again, or the secret of SRS known.
std::shared_ptr<const Loaded> withDirectory(const Loaded& loaded, directory::Directory directory);

/// The recipients and aliases as their files have them now, under the configuration that was loaded.
base::Result<std::shared_ptr<const Loaded>, std::string> loadLists(const Loaded& loaded);

/// Certificates, keys and CAs as their files have them now, under the configuration that was loaded.
base::Result<std::shared_ptr<const Loaded>, std::string> loadTls(const Loaded& loaded);

/// The same with the next keys for session tickets.
std::shared_ptr<const Loaded> withNextTicketKeys(const Loaded& loaded);

/// The map, whole and right, or what is wrong with it, a line each. Without a configured file: an empty map.
base::Result<std::shared_ptr<const policy::Map>, std::string> readPolicyMap(const config::Outbound& outbound);

base::Result<std::shared_ptr<const policy::InboundMap>, std::string>
readInboundMap(const config::Inbound& inbound);

/// The files that the map names by `tafile`, to be watched; none where the map is faulty.
std::vector<std::filesystem::path> anchorFiles(const config::Outbound& outbound);
std::vector<std::filesystem::path> anchorFiles(const config::Inbound& inbound);

}  // namespace postseal::app
