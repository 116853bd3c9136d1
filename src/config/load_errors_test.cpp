#include "config/folder_test.hpp"

#include <doctest/doctest.h>

namespace postseal::config {

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
        {"[tls]\ncertificates = [{ chain = \"ecdsa.pem\", key = \"ecdsa.key\" }]\n"
         "[[listener]]\naddress = \"127.0.0.1:25\"\nclient_ca_file = \"ecdsa.pem\"",
         "postseal.toml:5: listener[1].client_ca_file: no client is asked for a certificate; write "
         "client_certificates = \"require\"\n"},
        {"[outbound]\npolicy_map = \"hash:/etc/postfix/tls_policy\"",
         "postseal.toml:4: outbound.policy_map: \"hash:/etc/postfix/tls_policy\" begins with a type of "
         "table, "
         "as Postfix has them; the file is read as text, without postmap: write "
         "\"/etc/postfix/tls_policy\"\n"},
        {"[tls]\nca_file = \"texthash:ecdsa.pem\"",
         "postseal.toml:4: tls.ca_file: \"texthash:ecdsa.pem\" begins with a type of table, as Postfix has "
         "them; the file is read as text, without postmap: write \"ecdsa.pem\"\n"},
        {"[outbound]\npolicy_map = \"pcre:/etc/postfix/tls_policy\"",
         "postseal.toml:4: outbound.policy_map: \"pcre:/etc/postfix/tls_policy\" begins with a type of "
         "table, "
         "as Postfix has them; patterns are not read: name a file with an entry for each name\n"},
        {"[outbound]\npolicy_map = \"proxy:mysql:/etc/postfix/tls.cf\"",
         "postseal.toml:4: outbound.policy_map: \"proxy:mysql:/etc/postfix/tls.cf\" begins with a type of "
         "table, as Postfix has them; databases are not asked: write the entries to a file, and name it\n"},
        {"[outbound]\nsmtp_tls_policy_maps = \"x\"",
         "postseal.toml:4: outbound.smtp_tls_policy_maps: unknown "
         "key; that is outbound.policy_map here\n"},
        {"myhostname = \"x\"", "postseal.toml:3: myhostname: unknown key; that is hostname here\n"},
        {"relayhost = \"x\"",
         "postseal.toml:3: relayhost: unknown key; that is a [[route]] with domain = \"*\" here\n"},
        {"[[route]]\ndomain = \"*\"\nvia = \"smtp:[a]\"\nuser = \"x\"",
         "postseal.toml:6: route[1].user: is not built yet: a login at the smarthost; leave it out\n"},
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

TEST_CASE("config: what [inbound] can't mean") {
    const Folder folder;
    struct Row {
        std::string_view text, want;
    };
    const Row rows[] = {
        {"own_relays = [\"backup.example.org\"]",
         "inbound.own_relays: 'backup.example.org' is no IP address or "
         "network like 192.0.2.0/24 or 2001:db8::/32, and neither name:HOST "
         "nor spki:HEX"},
        {"header_from = \"enforced\"", "inbound.header_from: \"enforced\" is none of"},
        {"open_recipients = [\"reports\"]", "inbound.open_recipients: \"reports\" "},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto words = folder.errors(std::string(least) + "[inbound]\n" + std::string(row.text));
        INFO(words);
        CHECK(words.find(row.want) != std::string::npos);
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
        {"user = postseal", ":3:", "text stands in quotes"},
        {"[tls]\nca_file = /etc/ssl/ca.pem\n[log]", ":4:", "text stands in quotes"},
        {"[[listener]]\naddress = 0.0.0.0:25", ":4:", "text stands in quotes"},
        {"[[listener]]\naddress = [::]:25", ":4:", ""},
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

}  // namespace postseal::config
