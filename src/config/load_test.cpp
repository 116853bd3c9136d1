#include "config/folder_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

namespace postseal::config {
namespace {

constexpr std::string_view whole = R"(
hostname = "MX.example.org"
data_dir = "/var/lib/postseal"
user = "postseal"

[tls]
certificates = [{ chain = "ecdsa.pem", key = "ecdsa.key" }]
ca_file = "ecdsa.pem"
ca_path = "certs"
min_protocol = "TLSv1.3"
tickets = false

[[listener]]
address = "0.0.0.0:25"
role = "mx"
tls = "may"
client_certificates = "request"

[[listener]]
address = "[::1]:465"
tls = "implicit"

[[domain]]
name = "example.org"
delivery = "smtp:[127.0.0.1]:2525"
recipients = "recipients"

[[domain]]
name = "any.example"
delivery = "smtp:inner.example"
recipients = "any"

[[route]]
domain = "example.net"
via = "smtp:[relay.example.com]:587"

[outbound]
level = "encrypt"
policy_map = "tls_policy"
dane = false
mta_sts = false
requiretls = { mode = "opportunistic", until = 2027-01-31, reason = "partner migrates" }
memory = "off"
allow_addresses = ["127.0.0.0/8", "::1"]
port = 2526
concurrency = 7
idle = "30s"
messages_per_connection = 1
report_language = "both"
reports = { to_domain = 7, in_all = 0 }
retry = { first = "1s", max = "1m", give_up = "1h", warn = "0" }

[outbound.timeouts]
greeting = "10s"

[inbound]
relay_networks = ["192.0.2.0/24"]
reverse_lookup = false
own_relays = []
policy_map = "tls_policy_in"
open_recipients = ["reports@example.org"]
header_from = "off"
digest = ["example.org"]

[dns]
servers = ["127.0.0.1@5353", "192.0.2.53", "[2001:db8::1]:53"]
validate = "off"

[limits]
message_size = "1K"
recipients = 10
sessions = 20
sessions_per_client = 5
line = 1024
commands = 100
errors = 3
hops = 30
timeout = "2m"

[statement]
id = "müller.example"

[ledger]
detail = "1d"
refused = "1h"

[store]
engine = "sqlite"

[log]
format = "json"
to = "syslog"
level = "debug"
)";

}  // namespace

TEST_CASE("config: every key reaches the room that it belongs to") {
    const Folder folder;
    INFO(folder.errors(whole));
    const auto loaded = folder.parsed(whole);
    REQUIRE(loaded);
    const auto& s = *loaded;
    CHECK(s.hostname.text() == "mx.example.org");
    CHECK(s.dataDir == "/var/lib/postseal");
    CHECK(s.user == "postseal");
    REQUIRE(s.tls.certificates.size() == 1);
    CHECK(s.tls.certificates[0].chain == (folder.path / "ecdsa.pem").string());
    CHECK(s.caFile == (folder.path / "ecdsa.pem").string());
    CHECK(s.caPath == (folder.path / "certs").string());
    CHECK(s.tls.minProtocol == record::Protocol::tls13);
    CHECK_FALSE(s.tls.tickets);

    REQUIRE(s.listeners.size() == 2);
    CHECK(net::toText(s.listeners[0].address) == "0.0.0.0:25");
    CHECK(s.listeners[0].clientCertificates == tls::ClientCertificates::request);
    CHECK(s.listeners[1].tls == smtp::ListenerTls::implicit);

    const auto classify = [&](std::string_view address) {
        return s.directory.resolve(record::Mailbox::parse(address).value(), {});
    };
    CHECK(std::holds_alternative<directory::Ours>(classify("user@example.org")));
    CHECK(std::holds_alternative<directory::Ours>(classify("other@example.org")));
    CHECK(std::holds_alternative<directory::Unknown>(classify("nobody@example.org")));
    CHECK(std::holds_alternative<directory::Ours>(classify("x@any.example")));
    CHECK(toText(std::get<directory::Foreign>(classify("x@example.net")).nextHop) ==
          "[relay.example.com]:587");

    CHECK(s.outbound.standard == policy::standardClaim(record::Level::encrypt));
    CHECK(s.outbound.policyMap == folder.path / "tls_policy");
    CHECK(s.outbound.allowAddresses.size() == 2);
    CHECK(s.outbound.port == 2526);
    CHECK(s.deliver.hostname == "mx.example.org");
    CHECK(s.deliver.concurrency == 7);
    CHECK(s.deliver.idle == std::chrono::seconds(30));
    CHECK(s.deliver.messagesPerConnection == 1);
    CHECK(s.deliver.retry.first == std::chrono::seconds(1));
    CHECK(s.deliver.retry.giveUp == std::chrono::hours(1));
    CHECK(s.deliver.retry.warn == std::chrono::hours(0));
    CHECK(s.deliver.languages.size() == 2);
    CHECK(s.deliver.reports == deliver::ReportLimits{.toDomain = 7, .inAll = 0});
    CHECK(s.outbound.deadlines.greeting == std::chrono::seconds(10));
    CHECK(s.outbound.deadlines.dataEnd == std::chrono::minutes(2));
    CHECK(s.deadlines.command == std::chrono::minutes(2));
    CHECK(s.deadlines.handshake == std::chrono::minutes(1));

    CHECK(s.receive.hostname == "mx.example.org");
    CHECK(s.digest.covers(base::DomainName::parse("example.org").value()));
    CHECK_FALSE(s.digest.covers(base::DomainName::parse("example.net").value()));
    CHECK(s.receive.statementId.text() == "xn--mller-kva.example");
    CHECK(s.receive.relayNetworks.size() == 1);
    CHECK_FALSE(s.receive.reverseLookup);
    CHECK(s.receive.hops == 30);
    CHECK(s.receive.sessions.sessions == 20);
    CHECK(s.receive.sessions.sessionsPerClient == 5);
    CHECK(s.limits.messageBytes == 1024);
    CHECK(s.limits.recipients == 10);
    CHECK(s.limits.commandLine == 1024);
    CHECK(s.limits.commands == 100);
    CHECK(s.limits.errors == 3);
    REQUIRE(s.resolver.servers.size() == 3);
    CHECK(s.resolver.servers[0].port == 5353);
    CHECK(s.resolver.servers[1].port == 53);
    CHECK(s.ledger.detail == std::chrono::hours(24));
    CHECK(s.ledger.refused == std::chrono::hours(1));
    CHECK(s.log.form == log::Form::json);
    CHECK(s.log.target == log::Target::syslog);
    CHECK(s.log.least == log::Level::debug);
}

TEST_CASE("config: what is left out is what the page says, and what the rooms have") {
    const Folder folder;
    const auto loaded = folder.parsed(least);
    REQUIRE(loaded);
    const auto& s = *loaded;
    CHECK(s.receive.statementId == s.hostname);
    CHECK(s.dataDir == folder.path / "data");
    CHECK(s.listeners.empty());
    CHECK(s.receive.relayNetworks.empty());
    CHECK(s.outbound.allowAddresses.empty());
    CHECK(s.outbound.standard == policy::standardClaim(record::Level::may));
    CHECK(s.outbound.port == 25);
    CHECK(s.caFile.empty());
    CHECK(s.tls.minProtocol == record::Protocol::tls12);
    CHECK(s.limits.messageBytes == 50U << 20U);
    CHECK(s.deliver.retry.giveUp == std::chrono::days(5));
    CHECK(s.outbound.deadlines.dataEnd == std::chrono::minutes(10));

    // The rooms' own defaults say the same as the page.
    const smtp::Limits limits;
    CHECK(s.limits.recipients == limits.recipients);
    CHECK(s.limits.commandLine == limits.commandLine);
    CHECK(s.limits.textLine == limits.textLine);
    CHECK(s.limits.commands == limits.commands);
    CHECK(s.limits.errors == limits.errors);
    const smtp::Deadlines deadlines;
    CHECK(s.deadlines.command == deadlines.command);
    CHECK(s.deadlines.write == deadlines.write);
    CHECK(s.deadlines.handshake == deadlines.handshake);
    CHECK(s.deadlines.dataBlock == deadlines.dataBlock);
    CHECK(s.deadlines.leastDataRate == deadlines.leastDataRate);
    const smtp::ClientDeadlines client;
    CHECK(s.outbound.deadlines.greeting == client.greeting);
    CHECK(s.outbound.deadlines.command == client.command);
    CHECK(s.outbound.deadlines.envelope == client.envelope);
    CHECK(s.outbound.deadlines.handshake == client.handshake);
    CHECK(s.outbound.deadlines.dataInit == client.dataInit);
    CHECK(s.outbound.deadlines.dataBlock == client.dataBlock);
    CHECK(s.outbound.deadlines.leastDataRate == client.leastDataRate);
    const deliver::Settings delivery;
    CHECK(s.deliver.concurrency == delivery.concurrency);
    CHECK(s.deliver.connections == delivery.connections);
    CHECK(s.deliver.idle == delivery.idle);
    CHECK(s.deliver.messagesPerConnection == delivery.messagesPerConnection);
    CHECK(s.deliver.addressesPerAttempt == delivery.addressesPerAttempt);
    CHECK(s.deliver.retry.first == delivery.retry.first);
    CHECK(s.deliver.retry.max == delivery.retry.max);
    CHECK(s.deliver.retry.warn == delivery.retry.warn);
    CHECK(s.deliver.languages == delivery.languages);
    CHECK(s.deliver.reports == delivery.reports);
    const receive::Settings receiving;
    CHECK(s.receive.sessions.sessions == receiving.sessions.sessions);
    CHECK(s.receive.sessions.sessionsPerClient == receiving.sessions.sessionsPerClient);
    CHECK(s.receive.hops == receiving.hops);
    CHECK(s.receive.reverseLookup == receiving.reverseLookup);
    const ledger::Settings ledger;
    CHECK(s.ledger.detail == ledger.detail);
    CHECK(s.ledger.refused == ledger.refused);
}

TEST_CASE("config: who only looks needs no key, and every file that a reload will read is known") {
    const Folder folder;
    const std::string text = std::string(least) +
                             "srs_secret = \"none\"\n[tls]\nca_path = \"certs\"\n"
                             "certificates = [{ chain = \"ecdsa.pem\", key = \"gone.key\" }]\n"
                             "[outbound]\npolicy_map = \"later\"\n";
    CHECK_FALSE(folder.parsed(text));
    const auto looked = config::parse(text, folder.path / "postseal.toml", Purpose::look);
    REQUIRE(looked);
    CHECK(looked->tls.certificates.at(0).key == (folder.path / "gone.key").string());

    folder.write("none", std::string(32, 'x'));
    folder.write("gone.key", "key");
    const auto served = folder.parsed(text);
    REQUIRE(served);
    for (const auto* name : {"none", "certs", "ecdsa.pem", "gone.key", "later"}) {
        INFO(name);
        CHECK(std::ranges::count(served->files, folder.path / name, &NamedFile::file) == 1);
    }
}

TEST_CASE("config: load reads a file, and says why it can't") {
    const Folder folder;
    folder.write("postseal.toml", least);
    CHECK(load(folder.path / "postseal.toml"));
    const auto gone = load(folder.path / "gone.toml");
    REQUIRE_FALSE(gone);
    CHECK(toText(gone.error()).find("gone.toml: can't be read: No such file or directory") !=
          std::string::npos);
    CHECK_FALSE(load(folder.path));
}

// After a change of the keys: POSTSEAL_WRITE_DOCS=1 config_test writes the page's tables anew.
TEST_CASE("docs/configuration.md: every key with its default") {
    const fs::path page = fs::path(POSTSEAL_SOURCE_DIR) / "docs/configuration.md";
    std::ifstream stream(page, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    constexpr std::string_view mark = "<!-- The tables below are made from src/config/keys_*.cpp. -->\n\n";
    const auto at = text.find(mark);
    REQUIRE(at != std::string::npos);
    if (std::getenv("POSTSEAL_WRITE_DOCS") != nullptr) {
        text = text.substr(0, at) + std::string(mark) + reference();
        std::ofstream(page, std::ios::binary) << text;
    }
    CHECK_MESSAGE(text.substr(at + mark.size()) == reference(), "run POSTSEAL_WRITE_DOCS=1 config_test");
}

}  // namespace postseal::config
