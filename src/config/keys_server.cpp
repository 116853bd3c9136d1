// [tls], [[listener]], [inbound], [limits]: how mail comes in.
#include "config/keys.hpp"

#include <algorithm>

namespace postseal::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, record::Protocol>, 4> protocols{{
    {"TLSv1", record::Protocol::tls10},
    {"TLSv1.1", record::Protocol::tls11},
    {"TLSv1.2", record::Protocol::tls12},
    {"TLSv1.3", record::Protocol::tls13},
}};
constexpr std::array<std::pair<std::string_view, smtp::ListenerTls>, 4> listenerTls{{
    {"may", smtp::ListenerTls::may},
    {"encrypt", smtp::ListenerTls::encrypt},
    {"implicit", smtp::ListenerTls::implicit},
    {"none", smtp::ListenerTls::none},
}};
constexpr std::array<std::pair<std::string_view, tls::ClientCertificates>, 3> clientCertificates{{
    {"no", tls::ClientCertificates::no},
    {"request", tls::ClientCertificates::request},
    {"require", tls::ClientCertificates::require},
}};
constexpr std::array<std::pair<std::string_view, Listener::Role>, 2> roles{
    {{"mx", Listener::Role::mx}, {"socketmap", Listener::Role::socketmap}}};
constexpr std::array<std::pair<std::string_view, receive::DsnFor>, 3> dsnFor{{
    {"own", receive::DsnFor::own},
    {"all", receive::DsnFor::all},
    {"none", receive::DsnFor::none},
}};
constexpr std::array<std::pair<std::string_view, receive::SrsFrom>, 2> srsFrom{
    {{"reports", receive::SrsFrom::reports}, {"anyone", receive::SrsFrom::anyone}}};
constexpr std::array<std::pair<std::string_view, receive::HeaderFrom>, 3> headerFrom{{
    {"off", receive::HeaderFrom::off},
    {"testing", receive::HeaderFrom::testing},
    {"enforce", receive::HeaderFrom::enforce},
}};

void takeAddress(Draft& draft, Item& item) {
    const auto text = item.text();
    if (!text) return;
    const auto endpoint = net::parseEndpoint(*text);
    if (!endpoint)
        return item.fail("\"" + base::escaped(*text, 80) + "\" is no address with a port",
                         "write \"0.0.0.0:25\", \"192.0.2.1:25\" or \"[2001:db8::1]:25\"");
    draft.listener.address = *endpoint;
}

void takeName(base::DomainName& target, Item& item) {
    const auto text = item.text();
    if (!text) return;
    auto name = base::DomainName::parse(*text);
    if (!name) return item.fail("the name " + name.error());
    target = std::move(*name);
}

void takeSrsSecret(Draft& draft, Item& item) {
    const auto file = item.path();
    if (!item.isForServing()) return;
    const auto secret = file.empty() ? std::nullopt : item.contentOf(file);
    if (!secret) return;
    if (secret->size() < directory::Srs::secretBytes)
        return item.fail(file.string() + " is shorter than " + std::to_string(directory::Srs::secretBytes) +
                             " bytes",
                         "make it by: head -c 32 /dev/urandom");
    draft.settings.srsSecretFile = file;
    draft.settings.directory.srs = std::make_shared<directory::Srs>(base::Secret(*secret));
}

void takeOwnRelays(Draft& draft, Item& item) {
    for (const auto& entry : item.texts())
        if (const auto added = draft.settings.inbound.ownRelays.add(entry); !added) item.fail(added.error());
}

void takeOpenRecipients(Draft& draft, Item& item) {
    for (const auto& text : item.texts()) {
        auto mailbox = record::Mailbox::parse(text);
        if (mailbox)
            draft.settings.receive.openRecipients.push_back(std::move(*mailbox));
        else
            item.fail("\"" + base::escaped(text, 80) + "\" " + mailbox.error());
    }
}

constexpr Key top[] = {
    {"hostname", "",
     "Our name in the greeting, in EHLO and in `Received`; what the address's reverse lookup should give.",
     [](Draft& d, Item& i) { takeName(d.settings.hostname, i); }, Key::Need::required},
    {"data_dir", "",
     "The folder of queue, ledger and caches; made with mode 0700. One that others may enter is closed to "
     "them, "
     "with a warning.",
     [](Draft& d, Item& i) { d.settings.dataDir = i.path(); }, Key::Need::required},
    {"user", "",
     "Whom the server becomes after it has bound its ports, when it is started as root. Left out: nobody "
     "else.",
     [](Draft& d, Item& i) { i.takeText(d.settings.user); }},
    {"srs_secret", "",
     "The file with the secret of the Sender Rewriting Scheme (see `srs` in `[[domain]]`), 32 bytes or more. "
     "Left out: `srs.key` in `data_dir`, made at the first start. Servers that stand for each other share "
     "one.",
     takeSrsSecret},
};

constexpr Key tlsSection[] = {
    {"ca_file", "",
     "The CAs that judge peers, in PEM. With neither `ca_file` nor `ca_path` no name can be verified.",
     [](Draft& d, Item& i) { i.takeFile(d.settings.caFile); }},
    {"ca_path", "", "The same as a folder that `c_rehash` or `openssl rehash` has prepared.",
     [](Draft& d, Item& i) { i.takeFolder(d.settings.caPath); }},
    {"min_protocol", "\"TLSv1.2\"",
     "The oldest version that our server takes: `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.tls.minProtocol, protocols); }},
    {"tickets", "true",
     "Clients may resume sessions by tickets. Switch it off for clients that stumble over them.",
     [](Draft& d, Item& i) { i.takeFlag(d.settings.tls.tickets); }},
    {"ticket_key_life", "\"12h\"",
     "How long one key makes session tickets; it opens them for as long again, then it is gone, and sessions "
     "of "
     "TLS 1.2 that it resumed stay secret.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.tls.ticketKeyLife, std::chrono::minutes(1)); }},
};

constexpr Key certificate[] = {
    {"chain", "", "The certificate and its intermediates, in PEM.",
     [](Draft& d, Item& i) { i.takeFile(d.certificate.chain); }, Key::Need::required},
    {"key", "", "Its private key, in PEM.", [](Draft& d, Item& i) { i.takeFile(d.certificate.key); },
     Key::Need::required},
};

constexpr Key listener[] = {
    {"address", "", "Address and port: `\"0.0.0.0:25\"`, `\"[::]:25\"`.", takeAddress, Key::Need::required},
    {"role", "\"mx\"",
     "What it is for. `mx`: mail from other servers. `socketmap`: a Postfix asks for the policies of its "
     "destinations (`smtp_tls_policy_maps`); in clear, so only at a loopback or private address.",
     [](Draft& d, Item& i) { i.takeWord(d.listener.role, roles, {"submission", "http", "policy"}); }},
    {"tls", "\"may\"",
     "`may`: STARTTLS is offered; `encrypt`: no mail without it; `implicit`: TLS from the first byte; "
     "`none`.",
     [](Draft& d, Item& i) { i.takeWord(d.listener.tls, listenerTls); }},
    {"client_certificates", "\"no\"",
     "`no`: clients are asked for a certificate only where a rule of inbound policy can use it; `request`: "
     "always, "
     "and the record says what it proved; `require`: no mail without a valid one.",
     [](Draft& d, Item& i) { i.takeWord(d.listener.clientCertificates, clientCertificates); }},
    {"client_ca_file", "",
     "Certificates in PEM that vouch for clients here, in place of `ca_file` and `ca_path`: your own CA, an "
     "intermediate, or a client's own. Without it any certificate of any CA that you trust is valid, which "
     "is "
     "no identity: name it where `require` is to let in the clients that you know.",
     [](Draft& d, Item& i) { i.takeFile(d.listener.clientCaFile); }},
};

void takeDigest(Draft& draft, Item& item) {
    auto& digest = draft.settings.digest;
    if (item.isFlag()) return item.takeFlag(digest.all);
    for (const auto& text : item.texts()) {
        auto name = base::DomainName::parse(text);
        if (!name) return item.fail("the domain " + base::escaped(text, 80) + ' ' + name.error());
        digest.some.push_back(std::move(*name));
    }
}

constexpr Key inbound[] = {
    {"relay_networks", "[]",
     "Clients that may send to anyone through us, such as `[\"127.0.0.0/8\", \"192.0.2.0/28\"]`. "
     "Empty: nobody.",
     [](Draft& d, Item& i) { i.takeNetworks(d.settings.receive.relayNetworks); }},
    {"hide_submitter", "false",
     "Leave name, address and certificate of those clients out of `Received`, for people who send from "
     "home or on the way. The log and the ledger keep them.",
     [](Draft& d, Item& i) { i.takeFlag(d.settings.receive.hideSubmitter); }},
    {"dsn", "\"own\"",
     "Who may order reports (RFC 3461): `own` those clients, `all` everyone, `none` nobody. Others are "
     "offered "
     "no DSN, and hear of failures and delays all the same. `all` lets a stranger send a report of success, "
     "with "
     "his text's header, to whomever he names as the sender.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.receive.dsn, dsnFor); }},
    {"srs_from", "\"reports\"",
     "Whose mail goes on to the author of a forwarded message by its `SRS0=` address: `reports` that with a "
     "null "
     "sender and that of those clients, `anyone` all.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.receive.srsFrom, srsFrom); }},
    {"reverse_lookup", "true", "Look up the client's name and confirm it, for `Received` and the log.",
     [](Draft& d, Item& i) { i.takeFlag(d.settings.receive.reverseLookup); }},
    {"policy_map", "",
     "The table of senders and what their servers must prove (docs/only-securely.md). Read again when it "
     "changes; while it is missing or bad at start, mail is put off.",
     [](Draft& d, Item& i) { i.takeLaterFile(d.settings.inbound.policyMap); }},
    {"own_relays", "[]",
     "Our backup MX and internal hops, whose mail was judged where it came in first: networks, `name:HOST` "
     "(a certificate of a CA in `ca_file` that bears it), `spki:HEX`.",
     takeOwnRelays},
    {"header_from", "\"testing\"",
     "Whether mail must be allowed to the domains in its From field, too, whoever its envelope sender is: "
     "`off`, `testing` (told, but taken), `enforce`.",
     [](Draft& d, Item& i) { i.takeWord(d.settings.receive.headerFrom, headerFrom); }},
    {"open_recipients", "[]",
     "Addresses that take mail whatever the policy map says, beside postmaster, abuse and tlsrpt of our "
     "domains: those that `rua=` of `_smtp._tls` names.",
     takeOpenRecipients},
    {"policy_page", "",
     "The address of a page that tells others what we demand and why; refusals point to it.",
     [](Draft& d, Item& i) { i.takeText(d.settings.receive.policyPage); }},
    {"digest", "false",
     "Tell recipients once a day, by a letter into their mailbox, who tried to write to them without the "
     "protection that "
     "the rules demand: `true`, or a list of those of our domains whose recipients want it.",
     takeDigest},
};

constexpr Key statement[] = {
    {"id", "",
     "The name that our statements begin with, and that others' are cleaned of: one for all hosts of a site. "
     "Left out: `hostname`.",
     [](Draft& d, Item& i) { takeName(d.settings.receive.statementId, i); }},
};

constexpr std::uint64_t many = 1'000'000;

constexpr Key limits[] = {
    {"message_size", "\"50M\"", "The largest message, announced as SIZE; `0`: no limit.",
     [](Draft& d, Item& i) { i.takeBytes(d.settings.limits.messageBytes, 0, std::uint64_t{1} << 40U); }},
    {"recipients", "1000", "Recipients of one message. RFC 5321 §4.5.3.1.8 asks for 100 at least.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.limits.recipients, 1, many); }},
    {"sessions", "10000", "Sessions at a time, in all.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.receive.sessions.sessions, 1, many); }},
    {"sessions_per_client", "50", "Sessions at a time from one address (an IPv6 /64 is one).",
     [](Draft& d, Item& i) { i.takeCount(d.settings.receive.sessions.sessionsPerClient, 1, many); }},
    {"line", "2048", "Octets of a command line with its end. RFC 5321 §4.5.3.1.4 asks for 512 at least.",
     [](Draft& d, Item& i) { i.takeBytes(d.settings.limits.commandLine, 512, 65536); }},
    {"text_line", "65536",
     "Octets of a line of text without its end. RFC 5321 §4.5.3.1.6 asks for 998 at least; mail with "
     "longer ones is about.",
     [](Draft& d, Item& i) { i.takeBytes(d.settings.limits.textLine, 998, 16U << 20U); }},
    {"commands", "2000", "Commands from one accepted message to the next; more than `recipients`.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.limits.commands, 10, 2 * many); }},
    {"errors", "20", "Commands that may fail from one accepted message to the next.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.limits.errors, 1, many); }},
    {"hops", "50", "`Received` fields of a message; one more is taken for a loop.",
     [](Draft& d, Item& i) { i.takeCount(d.settings.receive.hops, 5, 1000); }},
    {"min_data_rate", "500",
     "Octets a second that the text of a message must come with on the whole, and go out with.",
     [](Draft& d, Item& i) { i.takeCount(d.leastDataRate, 0, many); }},
    {"disk_reserve", "\"64M\"",
     "What new mail leaves free on the disk of `data_dir`, for bounces and records: below it MAIL is "
     "answered "
     "452, while mail still goes out. Less only where the disk is small.",
     [](Draft& d, Item& i) {
         i.takeBytes(d.settings.diskReserveBytes, std::uint64_t{1} << 20U, std::uint64_t{1} << 40U);
     }},
    {"arrival_memory", "\"64M\"",
     "What all messages on their way in may hold in memory. From half of it on their texts go to files as "
     "they come; at the whole, MAIL is answered 452. A hundred senders of large mail need about 15 MB.",
     [](Draft& d, Item& i) {
         i.takeBytes(d.settings.receive.arrivalMemory, 1U << 20U, std::uint64_t{1} << 40U);
     }},
    {"body_memory", "\"64M\"",
     "Texts up to 64 KB that wait for delivery stay in memory up to this sum; the rest are read back.",
     [](Draft& d, Item& i) { i.takeBytes(d.settings.bodyMemoryBytes, 0, std::uint64_t{1} << 40U); }},
    {"timeout", "", "Caps every wait for a peer, in both directions. Left out: each phase has its own.",
     [](Draft& d, Item& i) { d.timeout = i.duration(1s); }},
};

constexpr Key limitsTimeouts[] = {
    {"command", "\"5m\"", "For the client's next command.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deadlines.command); }},
    {"write", "\"5m\"", "Until the client has taken our replies.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deadlines.write); }},
    {"handshake", "\"1m\"", "For the TLS handshake.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deadlines.handshake); }},
    {"data_block", "\"3m\"", "From one block of text to the next.",
     [](Draft& d, Item& i) { i.takeDuration(d.settings.deadlines.dataBlock); }},
};

}  // namespace

std::span<const Key> topKeys() {
    return top;
}
std::span<const Key> tlsKeys() {
    return tlsSection;
}
std::span<const Key> certificateKeys() {
    return certificate;
}
std::span<const Key> listenerKeys() {
    return listener;
}
std::span<const Key> inboundKeys() {
    return inbound;
}
std::span<const Key> statementKeys() {
    return statement;
}
std::span<const Key> limitsKeys() {
    return limits;
}
std::span<const Key> limitsTimeoutKeys() {
    return limitsTimeouts;
}

void endCertificate(Draft& draft, std::size_t, const std::string&, Notes&) {
    draft.settings.tls.certificates.push_back(std::exchange(draft.certificate, {}));
}

namespace {

/// An address beside one that stands for all: the kernel gives each connection to the nearer one.
void warnOfOverlap(Settings& settings, const net::Endpoint& one) {
    for (const auto& other : settings.listeners) {
        const auto& [address, port] = other.address;
        if (port != one.port || address.isV4() != one.address.isV4() ||
            address.isUnspecified() == one.address.isUnspecified())
            continue;
        const auto& [own, all] =
            address.isUnspecified() ? std::pair(one, other.address) : std::pair(other.address, one);
        settings.warnings.push_back("listener: " + net::toText(own) + " has its own listener beside " +
                                    net::toText(all) + ", which gets only what comes to other addresses");
    }
}

void reviewClientCertificates(Settings& settings, const Listener& listener, std::size_t line,
                              const std::string& key, Notes& notes) {
    using enum tls::ClientCertificates;
    const bool hasOwn = !listener.clientCaFile.empty();
    if (hasOwn && listener.clientCertificates == no)
        notes.add(line, key + ".client_ca_file", "no client is asked for a certificate",
                  "write client_certificates = \"require\"");
    if (!hasOwn && listener.clientCertificates == require)
        settings.warnings.push_back(
            "listener: " + net::toText(listener.address) +
            " lets in whoever has a certificate of any CA of tls.ca_file, strangers too: name those who "
            "vouch for your clients by client_ca_file");
}

}  // namespace

void endListener(Draft& draft, std::size_t line, const std::string& key, Notes& notes) {
    auto listener = std::exchange(draft.listener, {});
    const bool isSocketmap = listener.role == Listener::Role::socketmap;
    if (isSocketmap && listener.tls != smtp::ListenerTls::may && listener.tls != smtp::ListenerTls::none)
        notes.add(line, key + ".tls", "Postfix speaks no TLS to a listener of the role \"socketmap\"");
    if (isSocketmap) listener.tls = smtp::ListenerTls::none;
    auto& listeners = draft.settings.listeners;
    if (listener.address.port == 0) return;  // its error is told already
    if (std::ranges::find(listeners, listener.address, &Listener::address) != listeners.end())
        notes.add(line, key + ".address", net::toText(listener.address) + " has a listener already");
    warnOfOverlap(draft.settings, listener.address);
    if (listener.tls == smtp::ListenerTls::none && listener.clientCertificates != tls::ClientCertificates::no)
        notes.add(line, key + ".client_certificates", "without TLS no client can show a certificate");
    reviewClientCertificates(draft.settings, listener, line, key, notes);
    const auto& address = listener.address.address;
    if (isSocketmap && (address.isUnspecified() || !address.isSpecial()))
        notes.add(line, key + ".address",
                  "whoever reaches it can ask: the role \"socketmap\" wants a loopback or private address",
                  "write \"127.0.0.1:8461\"");
    listeners.push_back(listener);
}

}  // namespace postseal::config
