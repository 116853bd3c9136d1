#include "config/schema.hpp"

#include "config/keys.hpp"

#include <algorithm>

namespace postseal::config {
namespace {

constexpr auto table = Section::Kind::table;
constexpr auto list = Section::Kind::list;

// What the full configuration will have; asking for it now is an error of its own.
struct Later {
    std::string_view path, what;
};
constexpr std::string_view login = "a login at the smarthost";
constexpr Later later[] = {
    {"users", "submission by users"},
    {"ledger.rollups", "a rollup of old records"},
    {"store.url", "another store"},
    {"route.auth", login},
    {"route.user", login},
    {"route.username", login},
    {"route.password", login},
    {"route.password_file", login},
};

}  // namespace

std::span<const Section> sections() {
    static const Section all[] = {
        {"", table, "The first lines, before any section.", topKeys()},
        {"tls", table, "Certificates of our server, and whom we trust.", tlsKeys()},
        {"tls.certificates", list,
         "A list in `[tls]`: `certificates = [{ chain = \"ecdsa.pem\", key = \"ecdsa.key\" }]`. Several: RSA "
         "beside ECDSA, "
         "or chosen by the name that the client asks for; the first answers where none fits.",
         certificateKeys(), endCertificate},
        {"listener", list, "Where we listen. One `[[listener]]` for each address.", listenerKeys(),
         endListener},
        {"domain", list, "Our domains: mail for them is taken from anyone. One `[[domain]]` for each.",
         domainKeys(), endDomain},
        {"route", list,
         "How mail for a foreign domain leaves in place of its MX hosts. The most specific route wins.",
         routeKeys(), endRoute},
        {"inbound", table, "What clients may do.", inboundKeys()},
        {"statement", table, "What we state of each message in its header ([statement.md](statement.md)).",
         statementKeys()},
        {"limits", table,
         "What still passes; one more does not. Sizes in bytes, or as \"64K\", \"50M\", \"1G\" (1024 each "
         "step).",
         limitsKeys()},
        {"limits.timeouts", table, "How long our server waits (RFC 5321 §4.5.3.2).", limitsTimeoutKeys()},
        {"outbound", table, "How mail leaves.", outboundKeys()},
        {"outbound.retry", table,
         "When a delivery is tried again: `retry = { first = \"5m\", max = \"4h\", give_up = \"5d\" }`.",
         retryKeys()},
        {"outbound.timeouts", table, "How long our client waits (RFC 5321 §4.5.3.2).", outboundTimeoutKeys()},
        {"alliances", table, "The alliances that were joined by `postseal alliance add`.", allianceKeys()},
        {"dns", table, "Name lookups.", dnsKeys()},
        {"dns.self_test", table,
         "What is asked at start and each hour, to see that DNSSEC is really checked: `self_test = { signed "
         "= "
         "[\".\"], bogus = [\"dnssec-failed.org\"] }`.",
         selfTestKeys()},
        {"ledger", table, "How long records of transfers are kept.", ledgerKeys()},
        {"store", table, "Where queue and ledger are.", storeKeys()},
        {"log", table, "What is logged, how and where.", logKeys()},
    };
    return all;
}

std::string_view whatIsLater(std::string_view path) {
    const auto* const found = std::ranges::find(later, path, &Later::path);
    return found == std::end(later) ? std::string_view() : found->what;
}

}  // namespace postseal::config
