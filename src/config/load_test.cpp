#include "config/load.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

using namespace postseal;
using namespace postseal::config;
namespace fs = std::filesystem;

namespace {

/// A folder with the files that configurations name; gone afterwards.
struct Folder {
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "postseal-config-XXXXXX").string();
        path = mkdtemp(pattern.data());
        write("ecdsa.pem", "certificate");
        write("ecdsa.key", "key");
        write("recipients", "user\nother@example.org\n");
        fs::create_directory(path / "certs");
    }
    ~Folder() {
        std::error_code ignored;  // a folder that stays in /tmp does no harm
        fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, std::string_view text) const {
        std::ofstream(path / name, std::ios::binary) << text;
    }
    auto parsed(std::string_view text) const { return config::parse(text, path / "postseal.toml"); }
    /// The errors without the folder's name.
    std::string errors(std::string_view text) const {
        const auto settings = parsed(text);
        if (settings) return "no error";
        auto words = toText(settings.error());
        for (auto at = words.find(path.string() + "/"); at != std::string::npos;
             at = words.find(path.string() + "/"))
            words.erase(at, path.string().size() + 1);
        return words;
    }

    fs::path path;
};

constexpr std::string_view least = "hostname = \"mx.example.org\"\ndata_dir = \"data\"\n";

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
retry = { first = "1s", max = "1m", give_up = "1h", warn = "0" }

[outbound.timeouts]
greeting = "10s"

[inbound]
relay_networks = ["192.0.2.0/24"]
reverse_lookup = false
own_relays = []
header_from = "off"

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

    CHECK(s.outbound.level == record::Level::encrypt);
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
    CHECK(s.outbound.deadlines.greeting == std::chrono::seconds(10));
    CHECK(s.outbound.deadlines.dataEnd == std::chrono::minutes(2));
    CHECK(s.deadlines.command == std::chrono::minutes(2));
    CHECK(s.deadlines.handshake == std::chrono::minutes(1));

    CHECK(s.receive.hostname == "mx.example.org");
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
    CHECK(s.dataDir == folder.path / "data");
    CHECK(s.listeners.empty());
    CHECK(s.receive.relayNetworks.empty());
    CHECK(s.outbound.allowAddresses.empty());
    CHECK(s.outbound.level == record::Level::may);
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
    const receive::Settings receiving;
    CHECK(s.receive.sessions.sessions == receiving.sessions.sessions);
    CHECK(s.receive.sessions.sessionsPerClient == receiving.sessions.sessionsPerClient);
    CHECK(s.receive.hops == receiving.hops);
    CHECK(s.receive.reverseLookup == receiving.reverseLookup);
    const ledger::Settings ledger;
    CHECK(s.ledger.detail == ledger.detail);
    CHECK(s.ledger.refused == ledger.refused);
}

TEST_CASE("config: errors name file, line, key and what to write instead") {
    const Folder folder;
    struct Row {
        std::string_view text;  // behind two good lines
        std::string_view want;
    };
    const Row rows[] = {
        {"[tls]\ncertificats = []",
         "postseal.toml:4: tls.certificats: unknown key; did you mean \"certificates\"?\n"},
        {"[outbund]\nlevel = \"may\"", "postseal.toml:3: outbund: unknown key; did you mean \"outbound\"?\n"},
        {"[inbound]\nrecipients = 5",
         "postseal.toml:4: inbound.recipients: unknown key; it belongs to [domain]\n"},
        {"[log]\nxyzzy = 5", "postseal.toml:4: log.xyzzy: unknown key\n"},
        {"[limits]\nrecipients = \"5\"", "postseal.toml:4: limits.recipients: is a whole number, not text\n"},
        {"[limits]\nrecipients = 0",
         "postseal.toml:4: limits.recipients: 0 is no number from 1 to 1000000\n"},
        {"[limits]\nmessage_size = \"50X\"", "postseal.toml:4: limits.message_size: \"50X\" is no size like "
                                             "\"50M\", in bytes from 0 to 1099511627776\n"},
        {"[limits]\ntimeout = \"0s\"", "postseal.toml:4: limits.timeout: \"0s\" is no time like \"30s\", "
                                       "\"5m\", \"4h\" or \"5d\", at least 1s\n"},
        {"[tls]\ntickets = 1", "postseal.toml:4: tls.tickets: is true or false, not a whole number\n"},
        {"[tls]\nmin_protocol = \"TLSv1.25\"", "postseal.toml:4: tls.min_protocol: \"TLSv1.25\" is none of "
                                               "\"TLSv1\", \"TLSv1.1\", \"TLSv1.2\", \"TLSv1.3\"; did "
                                               "you mean \"TLSv1.2\"?\n"},
        {"[tls]\nca_file = \"gone.pem\"",
         "postseal.toml:4: tls.ca_file: gone.pem can't be read: No such file or directory\n"},
        {"[tls]\nca_path = \"ecdsa.pem\"", "postseal.toml:4: tls.ca_path: ecdsa.pem is no folder\n"},
        {"[tls]\ncertificates = [{ chain = \"ecdsa.pem\", key = \"gone.key\" }]",
         "postseal.toml:4: tls.certificates[1].key: gone.key can't be read: No such file or directory\n"},
        {"[tls]\ncertificates = [{ chain = \"ecdsa.pem\" }]",
         "postseal.toml:4: tls.certificates[1].key: is missing\n"},
        {"[tls]\ncertificates = { chain = \"ecdsa.pem\", key = \"ecdsa.key\" }",
         "postseal.toml:4: tls.certificates: is a list, not a table; put it in brackets: [{ ... }]\n"},
        {"[listener]\naddress = \"127.0.0.1:25\"",
         "postseal.toml:3: listener: is a list, not a table; write [[listener]] with two brackets\n"},
        {"[[listener]]\naddress = \"localhost:25\"\ntls = \"none\"",
         "postseal.toml:4: listener[1].address: \"localhost:25\" is no address with a port; write "
         "\"0.0.0.0:25\", "
         "\"192.0.2.1:25\" or \"[2001:db8::1]:25\"\n"},
        {"[[listener]]\naddress = \"127.0.0.1:25\"",
         "postseal.toml: tls.certificates: is missing, but the listener 127.0.0.1:25 offers TLS; name a "
         "certificate, or "
         "set tls = \"none\" for that listener\n"},
        {"[[listener]]\naddress = \"127.0.0.1:25\"\ntls = \"none\"\n[[listener]]\naddress = "
         "\"127.0.0.1:25\"\ntls = "
         "\"none\"",
         "postseal.toml:6: listener[2].address: 127.0.0.1:25 has a listener already\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"smtp:[::1]:x\"\nrecipients = \"any\"",
         "postseal.toml:5: domain[1].delivery: \"smtp:[::1]:x\": 'x' is no port from 1 to 65535; write "
         "\"smtp:[host]:port\", or \"smtp:domain\" for its MX hosts\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"smtp:[::1]:25\"\nrecipients = \"gone\"",
         "postseal.toml:6: domain[1].recipients: gone can't be read: No such file or directory\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"smtp:[::1]:25\"",
         "postseal.toml:3: domain[1].recipients: is missing\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"maildir:/var/mail\"\nrecipients = \"recipients\"",
         "postseal.toml:5: domain[1].delivery: \"maildir:/var/mail\": {local} is missing: all would share "
         "one "
         "mailbox; write \"maildir:/var/mail/{domain}/{local}\"\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"maildir:/var/mail/{local}\"\nrecipients = \"any\"",
         "postseal.toml:3: domain[1].recipients: a Maildir is made only for a recipient that is listed; name "
         "a "
         "file with one recipient a line\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"lmtp:unix:run\"\nrecipients = \"any\"",
         "postseal.toml:5: domain[1].delivery: \"lmtp:unix:run\": the socket's path is not absolute; write "
         "\"lmtp:unix:/run/dovecot/lmtp\" or \"lmtp:[127.0.0.1]:24\"\n"},
        {"srs_secret = \"ecdsa.key\"", "postseal.toml:3: srs_secret: ecdsa.key is shorter than 32 bytes; "
                                       "make it by: head -c 32 /dev/urandom\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"/var/mail\"\nrecipients = \"any\"",
         "postseal.toml:5: domain[1].delivery: \"/var/mail\" names no way; write "
         "\"maildir:/var/mail/{domain}/{local}\", \"lmtp:unix:PATH\", \"lmtp:[host]:port\" or "
         "\"smtp:[host]:port\"\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"smtp:[::1]\"\nrecipients = \"any\"\nsubaddress = "
         "\"/\"",
         "postseal.toml:7: domain[1].subaddress: \"/\" has a sign that separates nothing; take one or more "
         "of "
         "+-_.=#, or \"\" for none\n"},
        {"[[domain]]\nname = \"a.example\"\ndelivery = \"smtp:[::1]\"\nrecipients = \"any\"\naliases = "
         "\"gone\"",
         "postseal.toml:7: domain[1].aliases: gone can't be read: No such file or directory\n"},
        {"[[route]]\ndomain = \"*\"\nvia = \"smtp:[a]\"\nrelay = true",
         "postseal.toml:3: route[1].domain: for '*' would take mail for everyone from anyone\n"},
        {"[[route]]\ndomain = \"a.example\"\nvia = \"smtp:[a]\"\nrecipients = \"recipients\"",
         "postseal.toml:3: route[1].recipients: counts only where mail is taken from anyone; add relay = "
         "true if "
         "we are a backup MX of a.example\n"},
        {"[[route]]\ndomain = \".a.example\"\nvia = \"smtp:[a]\"\nrelay = true\nrecipients = \"recipients\"",
         "postseal.toml:3: route[1].recipients: a list is of one domain, not of those below it\n"},
        {"[[route]]\ndomain = \"a.example\"\nvia = \"maildir:/x/{local}\"",
         "postseal.toml:5: route[1].via: \"maildir:/x/{local}\" names no way; write \"smtp:[host]:port\"; "
         "mailboxes "
         "of our own stand in [[domain]]\n"},
        {"[[route]]\ndomain = \"a..b\"\nvia = \"smtp:[a]\"",
         "postseal.toml:3: route[1].domain: the domain has an empty label\n"},
        {"[inbound]\nrelay_networks = [\"192.0.2.1/24\"]",
         "postseal.toml:4: inbound.relay_networks: '192.0.2.1/24' has bits set beyond its prefix length\n"},
        {"[limits]\ncommands = 100\nrecipients = 100",
         "postseal.toml: limits.commands: must be more than limits.recipients, which is 100\n"},
        {"[outbound]\nretry = 5",
         "postseal.toml:4: outbound.retry: is a table of keys, not a whole number\n"},
        {"[outbound]\nretry = { first = \"1h\", max = \"1m\" }",
         "postseal.toml: outbound.retry.max: is less than outbound.retry.first\n"},
        {"[[listener]]\naddress = \"192.88.99.1:8461\"\nrole = \"socketmap\"",
         "postseal.toml:3: listener[1].address: whoever reaches it can ask: the role \"socketmap\" wants a "
         "loopback or private address; write \"127.0.0.1:8461\"\n"},
        {"[[listener]]\naddress = \"0.0.0.0:8461\"\nrole = \"socketmap\"",
         "postseal.toml:3: listener[1].address: whoever reaches it can ask: the role \"socketmap\" wants a "
         "loopback or private address; write \"127.0.0.1:8461\"\n"},
        {"[[listener]]\naddress = \"127.0.0.1:8461\"\nrole = \"socketmap\"\ntls = \"encrypt\"",
         "postseal.toml:3: listener[1].tls: Postfix speaks no TLS to a listener of the role \"socketmap\"\n"},
        {"[outbound]\nlevel = \"fingerprint\"", "postseal.toml:4: outbound.level: \"fingerprint\" needs a "
                                                "`match=`, which only an entry of the policy map has\n"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        CHECK(folder.errors(std::string(least) + std::string(row.text)) == row.want);
    }
    CHECK(folder.errors("") == "postseal.toml: data_dir: is missing\npostseal.toml: hostname: is missing\n");
}

TEST_CASE("config: all errors are told at once, in their order") {
    const Folder folder;
    CHECK(folder.errors("hostname = \"a b\"\n[log]\nto = \"disk\"\n[outbound]\nport = 0\n") ==
          "postseal.toml: data_dir: is missing\n"
          "postseal.toml:1: hostname: the name has a character that no domain name has\n"
          "postseal.toml:3: log.to: \"disk\" is none of \"stderr\", \"syslog\"\n"
          "postseal.toml:5: outbound.port: 0 is no number from 1 to 65535\n");
}

TEST_CASE("config: memory is a mode, or a table with the mode among others") {
    struct Row {
        std::string_view text;
        policy::MemorySettings want;
    };
    using policy::MemoryMode;
    using namespace std::chrono_literals;
    const Row rows[] = {
        {"", {}},
        {"[outbound]\nmemory = \"off\"", {.mode = MemoryMode::off}},
        {"[outbound]\nmemory = { mode = \"enforce\" }", {.mode = MemoryMode::enforce}},
        {"[outbound]\nmemory = { deliveries = 2, days = 0, grace = \"1h\" }",
         {.deliveries = 2, .time = 0s, .grace = 1h}},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto settings =
            parse("hostname = \"mx.example\"\ndata_dir = \"d\"\n" + std::string(row.text), "x.toml");
        REQUIRE(settings.has_value());
        CHECK(settings->outbound.memory == row.want);
    }
    const std::pair<std::string_view, std::string_view> faults[] = {
        {"\"enforced\"", "outbound.memory: \"enforced\""},
        {"{ mode = \"warn\", day = 3 }", "outbound.memory.day: unknown key; did you mean \"days\"?"},
        {"{ days = -1 }", "outbound.memory.days: -1 is no number"},
        {"3", "outbound.memory: is text in quotes"},
    };
    for (const auto& [value, words] : faults) {
        INFO(value);
        const auto refused =
            parse("hostname = \"mx.example\"\ndata_dir = \"d\"\n[outbound]\nmemory = " + std::string(value),
                  "x.toml");
        REQUIRE_FALSE(refused.has_value());
        INFO(toText(refused.error()));
        CHECK(toText(refused.error()).find(words) != std::string::npos);
    }
}

TEST_CASE("config: what asks for what is not built says so") {
    const Folder folder;
    struct Row {
        std::string_view text, want;
    };
    const Row rows[] = {
        {"[[listener]]\naddress = \"127.0.0.1:8080\"\ntls = \"none\"\nrole = \"http\"",
         "listener[1].role: \"http\" is not built yet"},
        {"[users]\nfile = \"x\"", "users: is not built yet"},
        {"[statement]\nid = \"x\"", "statement: is not built yet"},
        {"[inbound]\npolicy_map = \"x\"", "inbound.policy_map: is not built yet"},
        {"[inbound]\nown_relays = [\"192.0.2.1\"]",
         "inbound.own_relays: a list of own relays is not built yet"},
        {"[inbound]\nheader_from = \"testing\"", "inbound.header_from: \"testing\" is not built yet"},
        {"[store]\nengine = \"postgresql\"", "store.engine: \"postgresql\" is not built yet"},
        {"[ledger]\nrollups = \"2y\"", "ledger.rollups: is not built yet"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto words = folder.errors(std::string(least) + std::string(row.text));
        INFO(words);
        CHECK(words.find(row.want) != std::string::npos);
    }
}

TEST_CASE("config: who checks DNSSEC, and by what (rule 17)") {
    const Folder folder;
    struct Row {
        std::string_view text, want;
    };
    const Row rows[] = {
        {"validate = \"self\"", "no error"},
        {"validate = \"off\"", "no error"},
        {"validate = \"resolver\"\nservers = [\"127.0.0.1\", \"[::1]:5353\"]", "no error"},
        {"validate = \"resolver\"\nservers = [\"127.0.0.1\", \"192.0.2.1\"]",
         "dns.validate: \"resolver\" believes"},
        {"validate = \"resolver\"", "dns.validate: \"resolver\" believes"},
        {"trust_anchor = \"nowhere.key\"", "nowhere.key can't be read"},
        {"trust_anchor = \"/dev/null\"", "/dev/null has no trust anchor"},
        {"self_test = { signed = \".\", bogus = [\"a.example\", \"b.example\"] }", "no error"},
        {"self_test = { signed = [\"a b\"] }", "dns.self_test.signed: \"a b\" has a character"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto words = folder.errors(std::string(least) + "[dns]\n" + std::string(row.text));
        INFO(words);
        CHECK(words.find(row.want) != std::string::npos);
    }
    const auto warnings = [&](std::string_view text) {
        return folder.parsed(std::string(least) + std::string(text))->warnings.size();
    };
    CHECK(warnings("[dns]\nvalidate = \"off\"") == 1);  // DANE is on, and can do nothing
    CHECK(warnings("[dns]\nvalidate = \"off\"\n[outbound]\ndane = false") == 0);
    CHECK(warnings("") == 0);
}

TEST_CASE("config: broken TOML is explained with its line") {
    const Folder folder;
    struct Row {
        std::string_view text, line, part;
    };
    const Row rows[] = {
        {"[outbound]\nretry = { first = \"1m\",\n max = \"2m\" }",
         ":4:", "a table in braces stands on one line"},
        {"[tls]\n\xc3\xa9t\xc3\xa9 = 1", ":4:", "a character beyond ASCII stands outside of quotes"},
        {"a = \"fine \xc3\xa9 \\\" \xc3\xa9\" # \xc3\xa9 fine\n\xc3\xa9 = 1", ":4:", "beyond ASCII"},
        {"a = \"\"\"\n\xc3\xa9\"\n\"\"\"\nb = '\xc3\xa9'\n\xc3\xa9 = 1", ":7:", "beyond ASCII"},
        {"a = \"\"\"x\\\n y\"\"\"\n\xc3\xa9 = 1", ":5:", "beyond ASCII"},
        {"[tls]\n[tls]\n", ":4:", "it stands in the file twice"},
        {"hostname = \"b\"", ":3:", "it stands in the file twice"},
        {"a = \"open", ":3:", "string"},
        {"[tls\n", ":3:", ""},
        {"a = \"\xff\"", "", ""},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto words = folder.errors(std::string(least) + std::string(row.text));
        INFO(words);
        CHECK(words != "no error");
        CHECK(words.find(row.line) != std::string::npos);
        CHECK(words.find(row.part) != std::string::npos);
    }
}

TEST_CASE("config: a bad list of recipients is named with its line") {
    const Folder folder;
    folder.write("recipients", "fine\nnot fine@@\n@@\n");
    const auto words =
        folder.errors(std::string(least) + "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[::1]\"\n"
                                           "recipients = \"recipients\"\n");
    CHECK(words.starts_with("recipients:3: '@@' is no recipient"));
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

TEST_CASE("config: lists of aliases hold, but for the lines that they warn of") {
    const Folder folder;
    folder.write("aliases", "info: user\nrun: |sh\nloop: loop\ngone: nobody\npostmaster: user\n");
    const auto settings = folder.parsed(
        std::string(least) + "[[domain]]\nname = \"example.org\"\ndelivery = \"maildir:/mail/{local}\"\n"
                             "recipients = \"recipients\"\naliases = \"aliases\"\nsrs = false\n");
    REQUIRE(settings);
    const auto& domain = settings->directory.domains.begin()->second;
    CHECK(domain.aliases.all().size() == 4);
    CHECK(domain.separators == "+");
    CHECK(domain.rewriting == directory::Rewriting::no);
    CHECK(settings->lists.size() == 2);
    const auto file = (folder.path / "aliases").string();
    CHECK(settings->warnings ==
          std::vector<std::string>{
              file + ":2: '|sh' runs a program, which an alias may not do here",
              file + ":4: 'gone' leads to nobody@example.org, who is no recipient; its mail will return",
              file + ":3: 'loop' leads back to itself and to no mailbox; mail for it is refused"});
}

TEST_CASE("config: each domain and route has its own list, and none inherits") {
    const Folder folder;
    const auto settings = folder.parsed(
        std::string(least) +
        "[[domain]]\nname = \"example.org\"\ndelivery = \"lmtp:[::1]\"\n"
        "recipients = \"recipients\"\nsubaddress = \"-\"\n"
        "[[domain]]\nname = \"any.example\"\ndelivery = \"lmtp:unix:/run/lmtp\"\nrecipients = \"any\"\n"
        "[[route]]\ndomain = \"example.net\"\nvia = \"smtp:example.net\"\nrelay = true\n"
        "[[route]]\ndomain = \"plain.example\"\nvia = \"smtp:[a]\"\n");
    REQUIRE(settings);
    const auto& domains = settings->directory.domains;
    const auto name = [](std::string_view text) { return base::DomainName::parse(text).value(); };
    CHECK_FALSE(domains.at(name("example.org")).recipients.takesAny());
    CHECK(domains.at(name("any.example")).recipients.takesAny());
    CHECK(domains.at(name("any.example")).separators == "+");
    CHECK(toText(domains.at(name("example.org")).transport(name("example.org"))) == "lmtp:[::1]");
    CHECK(settings->directory.routes.find(record::MailDomain(name("example.net")))->relayed);
    CHECK_FALSE(settings->directory.routes.find(record::MailDomain(name("plain.example")))->relayed);
}
