#include "config/postfix_names.hpp"

#include <algorithm>
#include <iterator>

namespace postseal::config {
namespace {

constexpr std::string_view noLogin = "a login at a smarthost is not built yet";

constexpr PostfixName names[] = {
    {"alias_maps", "domain.aliases", ""},
    {"bounce_queue_lifetime", "outbound.retry.give_up", ""},
    {"default_destination_concurrency_limit", "outbound.concurrency", ""},
    {"default_process_limit", "limits.sessions", ""},
    {"delay_warning_time", "outbound.retry.warn", ""},
    {"hopcount_limit", "limits.hops", ""},
    {"inet_interfaces", "listener.address", ""},
    {"line_length_limit", "limits.line", ""},
    {"local_recipient_maps", "domain.recipients", ""},
    {"mail_owner", "user", ""},
    {"mailbox_transport", "domain.delivery", ""},
    {"maximal_backoff_time", "outbound.retry.max", ""},
    {"maximal_queue_lifetime", "outbound.retry.give_up", ""},
    {"message_size_limit", "limits.message_size", ""},
    {"minimal_backoff_time", "outbound.retry.first", ""},
    {"mydestination", "domain.name", "each of our domains is a [[domain]] here"},
    {"myhostname", "hostname", ""},
    {"mynetworks", "inbound.relay_networks", ""},
    {"queue_directory", "data_dir", ""},
    {"queue_minfree", "limits.disk_reserve", ""},
    {"recipient_delimiter", "domain.subaddress", ""},
    {"relay_domains", "route.relay", "that is a [[route]] with relay = true here"},
    {"relay_recipient_maps", "route.recipients", ""},
    {"relayhost", "route.via", "that is a [[route]] with domain = \"*\" here"},
    {"smtp_dns_resolver_options", "dns.validate", ""},
    {"smtp_sasl_auth_enable", "", noLogin},
    {"smtp_sasl_password_maps", "", noLogin},
    {"smtp_tls_CAfile", "tls.ca_file", ""},
    {"smtp_tls_CApath", "tls.ca_path", ""},
    {"smtp_tls_policy_maps", "outbound.policy_map", ""},
    {"smtp_tls_security_level", "outbound.level", ""},
    {"smtpd_banner", "hostname", "the greeting has `hostname` alone"},
    {"smtpd_client_connection_count_limit", "limits.sessions_per_client", ""},
    {"smtpd_recipient_limit", "limits.recipients", ""},
    {"smtpd_tls_CAfile", "listener.client_ca_file", ""},
    {"smtpd_tls_CApath", "tls.ca_path", ""},
    {"smtpd_tls_ask_ccert", "listener.client_certificates", ""},
    {"smtpd_tls_cert_file", "tls.certificates", ""},
    {"smtpd_tls_chain_files", "tls.certificates", ""},
    {"smtpd_tls_key_file", "tls.certificates", ""},
    {"smtpd_tls_mandatory_protocols", "tls.min_protocol", ""},
    {"smtpd_tls_protocols", "tls.min_protocol", ""},
    {"smtpd_tls_req_ccert", "listener.client_certificates", ""},
    {"smtpd_tls_security_level", "listener.tls", ""},
    {"syslog_facility", "log.to", ""},
    {"transport_maps", "route.via", "each of its entries is a [[route]] here"},
    {"virtual_alias_domains", "domain.name", "each of our domains is a [[domain]] here"},
    {"virtual_alias_maps", "domain.aliases", ""},
    {"virtual_mailbox_domains", "domain.name", "each of our domains is a [[domain]] here"},
    {"virtual_mailbox_maps", "domain.recipients", ""},
    {"virtual_transport", "domain.delivery", ""},
};

/// DATABASE_README and the pages that it names.
constexpr std::string_view tableTypes[] = {
    "btree",    "cdb",    "cidr",  "dbm",      "environ",  "fail",    "file",   "hash",    "inline",
    "internal", "ldap",   "lmdb",  "mbtree",   "memcache", "mongodb", "mysql",  "netinfo", "nis",
    "nisplus",  "pcre",   "pgsql", "pipemap",  "proxy",    "randmap", "regexp", "sdbm",    "socketmap",
    "sqlite",   "static", "tcp",   "texthash", "unionmap", "unix",
};

constexpr std::string_view patternTypes[] = {"cidr", "pcre", "regexp"};
constexpr std::string_view databaseTypes[] = {"ldap",    "memcache", "mongodb",   "mysql",  "nis",
                                              "nisplus", "pgsql",    "socketmap", "sqlite", "tcp"};

bool isOneOf(std::span<const std::string_view> types, std::string_view type) {
    return std::ranges::find(types, type) != types.end();
}

}  // namespace

std::span<const PostfixName> postfixNames() {
    return names;
}

const PostfixName* findPostfixName(std::string_view parameter) {
    const auto* const found = std::ranges::find(names, parameter, &PostfixName::parameter);
    return found == std::end(names) ? nullptr : found;
}

std::string_view tableTypeOf(std::string_view path) {
    const auto type = path.substr(0, path.find(':'));
    return type.size() < path.size() && isOneOf(tableTypes, type) ? type : std::string_view();
}

std::string cureOfTable(std::string_view path) {
    const auto type = tableTypeOf(path);
    const auto rest = path.substr(type.size() + 1);
    if (!tableTypeOf(rest).empty()) return cureOfTable(rest);  // proxy:mysql:...
    if (isOneOf(databaseTypes, type))
        return "databases are not asked: write the entries to a file, and name it";
    if (isOneOf(patternTypes, type)) return "patterns are not read: name a file with an entry for each name";
    return "the file is read as text, without postmap: write \"" + std::string(rest) + '"';
}

}  // namespace postseal::config
