// The whole configuration as one immutable value: each room's own settings, filled. The app hands each room
// its part; nobody passes the whole about. Paths are absolute or relative to the working directory, never to
// the configuration file any more.
#pragma once

#include "base/ip_address.hpp"
#include "deliver/settings.hpp"
#include "directory/directory.hpp"
#include "discover/resolver_watch.hpp"
#include "ledger/retention.hpp"
#include "log/sink.hpp"
#include "net/endpoint.hpp"
#include "net/resolver_settings.hpp"
#include "policy/after_end.hpp"
#include "policy/memory.hpp"
#include "policy/outbound.hpp"
#include "policy/own_relays.hpp"
#include "policy/requiretls.hpp"
#include "receive/settings.hpp"
#include "record/level.hpp"
#include "smtp/client_session.hpp"
#include "smtp/server_session.hpp"
#include "tls/server_context.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postseal::config {

/// What is configured is served, or only looked at: then no key file is opened, which who asks may not read.
enum class Purpose { serve, look };

/// A file or folder that a key names.
struct NamedFile {
    std::string key;
    std::filesystem::path file;

    bool operator==(const NamedFile&) const = default;
};

/// One [[listener]], with the parts of [tls] and [limits] that its sessions live under.
struct Listener {
    enum class Role { mx, socketmap };
    net::Endpoint address;
    Role role = Role::mx;
    smtp::ListenerTls tls = smtp::ListenerTls::may;
    tls::ClientCertificates clientCertificates = tls::ClientCertificates::no;
    std::string clientCaFile = {};  // who vouches for clients; empty: the CAs that judge peers

    bool operator==(const Listener&) const = default;
};

/// [outbound], but what deliver::Settings holds.
struct Outbound {
    policy::Claim standard = policy::standardClaim(record::Level::may);  // when nothing asks for more
    std::filesystem::path policyMap;                                     // empty: none is configured
    std::vector<base::Network> allowAddresses;  // special addresses that mail may go to (rule 58)
    bool dane = true;
    policy::DaneAndMtaSts daneAndMtaSts = policy::DaneAndMtaSts::dane;
    policy::DaneInsecureMx daneInsecureMx = policy::DaneInsecureMx::dane;
    std::uint16_t port = 25;  // of MX hosts
    bool mtaSts = true;       // keep to what domains publish
    smtp::ClientDeadlines deadlines = {};
    smtp::EightBitText eightBit = smtp::EightBitText::send;
    bool chunking = true;
    std::optional<policy::RequireTlsRelaxation> requireTls = {};  // none: enforce
    policy::MemorySettings memory = {};
    std::optional<tls::CertificateFiles> clientCertificate = {};  // none: no host is shown one
};

/// Whose recipients get a digest of the mail to them that was refused.
struct DigestDomains {
    bool all = false;
    std::vector<base::DomainName> some = {};

    bool empty() const { return !all && some.empty(); }
    bool covers(const base::DomainName& domain) const {
        return all || std::ranges::find(some, domain) != some.end();
    }
};

/// [inbound], but what receive::Settings holds.
struct Inbound {
    std::filesystem::path policyMap;  // empty: none is configured
    policy::OwnRelays ownRelays = {};
};

/// [alliances].
struct Alliances {
    policy::AfterEnd afterEnd = policy::AfterEnd::stay;
    std::chrono::seconds update = std::chrono::days(1);
    std::chrono::seconds warn = std::chrono::days(30);  // before the end
    std::filesystem::path tafiles = {};                 // for a Postfix; empty: none are written
};

struct Settings {
    base::DomainName hostname = base::DomainName::parse("localhost").value();  // a key that must be there
    std::filesystem::path dataDir;
    std::string user;  // whom the server becomes after binding its ports; empty: nobody else

    tls::ServerTlsSettings tls;  // clientCertificates is each listener's own
    std::string caFile;          // judges peers; empty: none
    std::string caPath;

    std::vector<Listener> listeners;
    directory::Directory directory;
    receive::Settings receive;
    smtp::Limits limits;
    smtp::Deadlines deadlines;
    std::uint64_t diskReserveBytes = 64U << 20U;
    std::uint64_t bodyMemoryBytes = 64U << 20U;

    Inbound inbound;
    Outbound outbound;
    Alliances alliances;
    deliver::Settings deliver;
    net::ResolverSettings resolver;
    discover::SelfTest selfTest;
    ledger::Settings ledger;
    DigestDomains digest;
    log::SinkSettings log;

    std::string text;                          // of the file, as it was read
    std::map<std::string, std::size_t> lines;  // where the file has a key: tls.certificates[1].key
    std::vector<NamedFile> files;              // that a reload will read, in no order
    std::vector<std::filesystem::path> lists;  // files of recipients and aliases, in no order
    std::filesystem::path srsSecretFile;       // empty: none is configured
    std::vector<std::string> warnings;         // of what holds all the same: `aliases:12: ...`
};

}  // namespace postseal::config
