// [outbound]: how mail goes out.
#include "config/keys.hpp"

namespace postseal::config {
namespace {

using namespace std::chrono_literals;
using record::Level;

/// None: `sealed`, which is any proof.
constexpr std::array<std::pair<std::string_view, std::optional<Level>>, 8> levels{{
    {"none", Level::none},
    {"may", Level::may},
    {"encrypt", Level::encrypt},
    {"dane", Level::dane},
    {"dane-only", Level::daneOnly},
    {"verify", Level::verify},
    {"secure", Level::secure},
    {"sealed", std::nullopt},
}};
constexpr std::array<std::pair<std::string_view, smtp::EightBitText>, 2> eightBitTexts{
    {{"send", smtp::EightBitText::send}, {"bounce", smtp::EightBitText::refuse}}};

void takeLevel(Draft& draft, Item& item) {
    if (const auto text = item.text(); text == "fingerprint")
        return item.fail("\"fingerprint\" needs a `match=`, which only an entry of the policy map has");
    std::optional<Level> level = Level::may;
    item.takeWord(level, levels);
    draft.settings.outbound.standard = level ? policy::standardClaim(*level) : policy::standardSealed();
}

/// A switch of a later version: false is what it is now.
template <class Words>
void takeOff(Item& item, Words what) {
    bool on = false;
    item.takeFlag(on);
    if (on) item.notBuilt(what);
}

void takeClientCertificate(Draft& draft, Item& item) {
    tls::CertificateFiles files;
    int parts = 0;
    item.takeParts({{"chain", [&](Item& i) { ++parts, i.takeFile(files.chain); }},
                    {"key", [&](Item& i) { ++parts, i.takeFile(files.key); }}});
    if (item.isTable() && parts < 2)
        return item.fail("needs a chain and a key", "write { chain = \"FILE\", key = \"FILE\" }");
    draft.settings.outbound.clientCertificate = std::move(files);
}

/// Rule 30: what a sender was promised is lowered only for a time, and for a reason.
void takeRequireTls(std::optional<policy::RequireTlsRelaxation>& target, Item& item) {
    using policy::RequireTlsMode;
    policy::RequireTlsRelaxation taken;
    std::optional<base::Timestamp> until;
    if (item.isTable())
        item.takeParts({{"mode", [&](Item& i) { i.takeWord(taken.mode, policy::requireTlsModes); }},
                        {"until", [&](Item& i) { until = i.time(); }},
                        {"reason", [&](Item& i) { i.takeText(taken.reason); }}});
    else
        item.takeWord(taken.mode, policy::requireTlsModes);
    if (taken.mode == RequireTlsMode::enforce) return;
    if (!until || taken.reason.empty())
        return item.fail("what is less than \"enforce\" needs its end and its reason",
                         "write { mode = \"" + std::string(policy::toText(taken.mode)) +
                             "\", until = 2027-01-31, reason = \"...\" }");
    taken.until = *until;
    target = std::move(taken);
}

constexpr std::array<std::pair<std::string_view, policy::MemoryMode>, 3> memoryModes{
    {{"off", policy::MemoryMode::off},
     {"warn", policy::MemoryMode::warn},
     {"enforce", policy::MemoryMode::enforce}}};

void takeMemory(policy::MemorySettings& memory, Item& item) {
    if (!item.isTable()) return item.takeWord(memory.mode, memoryModes);
    std::uint32_t days = 7;
    item.takeParts({{"mode", [&](Item& i) { i.takeWord(memory.mode, memoryModes); }},
                    {"deliveries", [&](Item& i) { i.takeCount(memory.deliveries, 1, 1'000'000); }},
                    {"days", [&](Item& i) { i.takeCount(days, 0, 3650); }},
                    {"grace", [&](Item& i) { i.takeDuration(memory.grace, 0s); }}});
    memory.time = std::chrono::days(days);
}

void takePort(Draft& draft, Item& item) {
    item.takeCount(draft.settings.outbound.port, 1, 65535);
}

constexpr std::array<std::pair<std::string_view, policy::DaneAndMtaSts>, 2> daneAndMtaSts{
    {{"dane", policy::DaneAndMtaSts::dane}, {"both", policy::DaneAndMtaSts::both}}};
constexpr std::array<std::pair<std::string_view, policy::DaneInsecureMx>, 3> daneInsecureMx{
    {{"dane", policy::DaneInsecureMx::dane},
     {"encrypt", policy::DaneInsecureMx::encrypt},
     {"may", policy::DaneInsecureMx::may}}};

enum class ReportLanguage { english, german, both };
constexpr std::array<std::pair<std::string_view, ReportLanguage>, 3> reportLanguages{
    {{"en", ReportLanguage::english}, {"de", ReportLanguage::german}, {"both", ReportLanguage::both}}};

void takeReportLanguage(Draft& draft, Item& item) {
    using record::Language;
    auto chosen = ReportLanguage::english;
    item.takeWord(chosen, reportLanguages);
    switch (chosen) {
    case ReportLanguage::english: draft.settings.deliver.languages = {Language::english}; break;
    case ReportLanguage::german: draft.settings.deliver.languages = {Language::german}; break;
    case ReportLanguage::both:
        draft.settings.deliver.languages = {Language::german, Language::english};
        break;
    }
}

void takeReports(deliver::ReportLimits& reports, Item& item) {
    constexpr std::size_t most = 1'000'000;
    item.takeParts({{"to_domain", [&](Item& i) { i.takeCount(reports.toDomain, 0, most); }},
                    {"in_all", [&](Item& i) { i.takeCount(reports.inAll, 0, most); }}});
}

constexpr Key outbound[] = {
    {"level", "\"may\"",
     "The security level when nothing asks for more: `none`, `may`, `encrypt`, `dane`, "
     "`dane-only`, `verify`, `secure` (docs/policy.md). Or `sealed`: any proof of the server, by DANE, "
     "MTA-STS, or else a certificate for the domain itself; without one, mail waits and returns in the end. "
     "`postseal policy try sealed` tells first what that would cost.",
     takeLevel},
    {"policy_map", "",
     "The table of destinations and what they must have, in Postfix's `smtp_tls_policy_maps` syntax as text. "
     "Read again when it changes; while it is missing or bad at start, nothing is sent.",
     [](Draft& d, Item& i) { i.takeLaterFile(d.settings.outbound.policyMap); }},
    {"dane", "true",
     "Look for TLSA records of MX hosts, and hold these hosts to them (RFC 7672). Without DNSSEC "
     "(`[dns] validate`) none are believed.",
     [](Draft& d, Item& i) { i.takeFlag(d.settings.outbound.dane); }},
    {"dane_and_mta_sts", "\"dane\"",
     "Where a host has TLSA records that prove it and the domain an MTA-STS policy: `dane` decides alone, or "
     "`both` must hold.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.outbound.daneAndMtaSts, daneAndMtaSts); }},
    {"dane_insecure_mx", "\"dane\"",
     "What TLSA records demand of a host that only an MX record without DNSSEC names: that they match "
     "(`dane`), TLS (`encrypt`), or nothing (`may`). They prove no more than encryption there, since the "
     "MX record can be forged.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.outbound.daneInsecureMx, daneInsecureMx); }},
    {"mta_sts", "true",
     "Keep to the MTA-STS policies that domains publish (RFC 8461), over DNS and HTTPS to port 443 of "
     "`mta-sts.DOMAIN`. `false`: they are neither asked for nor kept to.",
     [](Draft& d, Item& i) { i.takeFlag(d.settings.outbound.mtaSts); }},
    {"client_certificate", "",
     "Our own certificate, shown to hosts that ask for one: `{ chain = \"mx.pem\", key = \"mx.key\" }`. Left "
     "out: no "
     "host is shown any ([client-certificate.md](client-certificate.md)).",
     takeClientCertificate},
    {"requiretls", "\"enforce\"",
     "What becomes of messages that came with REQUIRETLS (RFC 8689): `enforce` sends them only to proven "
     "servers that promise the same, and returns them where there is none. Less than that is dated and has a "
     "reason, both in each record: `{ mode = \"opportunistic+starttls\", until = 2027-01-31, reason = \"our "
     "smarthost lacks it\" }`. With `opportunistic+starttls` TLS must be had, the keyword need not; with "
     "`opportunistic` the keyword is said where it is offered; `disable` treats messages as if they had not "
     "asked, so our server does not offer it either. `until` is the first moment at which it is over, a "
     "date's in UTC. See [What the server speaks](smtp.md).",
     [](Draft& d, Item& i) { takeRequireTls(d.settings.outbound.requireTls, i); }},
    {"memory", "{ mode = \"warn\", deliveries = 5, days = 7, grace = \"14d\" }",
     "What is expected of a domain whose mail has been encrypted, or has proven its server, in so many "
     "`deliveries` over so many `days`: `warn` tells when it becomes less, and delivers; `enforce` lets it "
     "wait "
     "until it is accepted or was seen for `grace`; `off` remembers nothing. The mode alone will do: "
     "`memory = \"enforce\"`. See [What Postseal remembers](memory.md).",
     [](Draft& d, Item& i) { takeMemory(d.settings.outbound.memory, i); }},
    {"allow_addresses", "[]",
     "Loopback, private and other special networks that mail may go to though DNS names them.",
     [](Draft& d, Item& i) { i.takeNetworks(d.settings.outbound.allowAddresses); }},
    {"port", "25", "The port of MX hosts.", takePort},
    {"concurrency", "20", "Connections to one destination at a time.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.deliver.concurrency, 1, 10'000); }},
    {"connections", "1000", "Outgoing connections at a time, in all.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.deliver.connections, 1, 100'000); }},
    {"idle", "\"5s\"", "How long an open connection waits for the next message to the same destination.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deliver.idle); }},
    {"messages_per_connection", "1000", "Messages sent over one connection; `1`: connections are not reused.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.deliver.messagesPerConnection, 1, 1'000'000); }},
    {"addresses_per_attempt", "10",
     "Addresses of a destination's hosts that are tried before the message waits. One that refuses at once "
     "does "
     "not count, and the last turn is kept for the last backup.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.deliver.addressesPerAttempt, 1, 1000); }},
    {"chunking", "true",
     "Send texts by `BDAT` (RFC 3030) to servers that offer CHUNKING: no end of text that could be mistaken. "
     "`false`: always by `DATA`, for servers that offer it and get it wrong.",
     [](Draft& d, Item& i) { i.takeFlag(d.settings.outbound.chunking); }},
    {"eightbit", "\"send\"",
     "Text that was announced as 8-bit, for a server without 8BITMIME: `send` it as it is, as others do (to "
     "recode it would break signatures), or `bounce` it with 5.6.3.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.outbound.eightBit, eightBitTexts); }},
    {"reports", "{ to_domain = 300, in_all = 3000 }",
     "Reports of ours (what came back, is late, or has arrived) that leave in an hour for domains that are "
     "not ours, to one registered domain and `in_all`: who sends mail under another's name must not flood "
     "that one with our reports. As many may leave at once. What is more waits for its turn, as long as mail "
     "may wait, if it tells of a failure; of a delay or a success it is let go, and the log says so. Reports "
     "to our own domains and to those with a route of their own don't count. `0`: no bound.",
     [](Draft& d, Item& i) { takeReports(d.settings.deliver.reports, i); }},
    {"report_language", "\"en\"",
     "The language of reports to senders (what came back, what is late): `en`, `de`, or `both`. A message "
     "whose "
     "header tells what its author reads (`Accept-Language`, `Content-Language`) is answered in that "
     "language "
     "where it is one of these.",
     takeReportLanguage},
};

constexpr Key retry[] = {
    {"first", "\"5m\"", "The wait after the first failed attempt; it doubles with each further one.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deliver.retry.first); }},
    {"max", "\"4h\"", "The longest wait between two attempts.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deliver.retry.max); }},
    {"give_up", "\"5d\"", "The age at which a message returns to its sender.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deliver.retry.giveUp); }},
    {"warn", "\"4h\"",
     "The age at which the sender is told that the message still waits; `0`: never, which is Postfix's "
     "default (`delay_warning_time`). Ours is on, since five days are long for who waits for an answer.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deliver.retry.warn, 0s); }},
};

constexpr Key timeouts[] = {
    {"greeting", "\"5m\"", "For the server's first words.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.greeting); }},
    {"command", "\"5m\"", "For each reply to a command.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.command); }},
    {"envelope", "\"30m\"", "For all replies of one envelope together.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.envelope); }},
    {"handshake", "\"1m\"", "For the TLS handshake.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.handshake); }},
    {"data_init", "\"2m\"", "For the reply to DATA.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.dataInit); }},
    {"data_block", "\"3m\"", "Until the server has taken a block of text.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.dataBlock); }},
    {"data_end", "\"10m\"", "For the reply to the final dot. Shorter ones make duplicates.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.outbound.deadlines.dataEnd); }},
};

}  // namespace

std::span<const Key> outboundKeys() {
    return outbound;
}
std::span<const Key> retryKeys() {
    return retry;
}
std::span<const Key> outboundTimeoutKeys() {
    return timeouts;
}

}  // namespace postseal::config
