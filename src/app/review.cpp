#include "app/review.hpp"

#include "config/load.hpp"
#include "tls/certificates.hpp"
#include "tls/own_certificate.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace postseal::app {
namespace {

constexpr std::size_t mostWarnings = 20;

/// The certificate that the server shows, the first of its file; null: what is wrong is told where it is
/// loaded.
tls::Certificate ownOf(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    auto chain = tls::parsePem(std::string(std::istreambuf_iterator<char>(stream), {}));
    return chain ? std::move(chain->front()) : nullptr;
}

void reviewCertificates(const config::Settings& settings, const std::string& file, base::Timestamp now,
                        std::vector<std::string>& warnings) {
    std::vector<tls::Certificate> ours;
    for (std::size_t i = 0; i < settings.tls.certificates.size(); ++i) {
        const auto& chain = settings.tls.certificates[i].chain;
        auto own = ownOf(chain);
        if (!own) continue;
        if (const auto fault = tls::dateFault(own.get(), now))
            warnings.push_back(config::atKey(settings, file, fmt::format("tls.certificates[{}].chain", i + 1),
                                             fmt::format("{}: {}", chain, *fault)));
        ours.push_back(std::move(own));
    }
    if (const auto& shown = settings.outbound.clientCertificate) {
        const auto own = ownOf(shown->chain);
        const auto fault = own ? tls::dateFault(own.get(), now) : std::nullopt;
        if (fault)
            warnings.push_back(config::atKey(settings, file, "outbound.client_certificate",
                                             fmt::format("{}: {}", shown->chain, *fault)));
    }
    if (const auto fault = tls::nameFault(ours, settings.hostname))
        warnings.push_back(config::atKey(settings, file, "hostname", *fault));
}

/// A name that nobody else can look up (RFC 6761, RFC 6762; Debian's own after an installation).
bool isLocalName(const base::DomainName& name) {
    constexpr std::string_view localEnds[] = {".localhost", ".localdomain", ".local", ".internal", ".lan"};
    const auto& text = name.text();
    return text.find('.') == std::string::npos ||
           std::ranges::any_of(localEnds, [&](auto end) { return text.ends_with(end); });
}

/// Whether we know where mail for it goes without asking its MX record, which may name ourselves.
bool hasWay(const directory::Directory& directory, const base::DomainName& name) {
    return directory.domains.contains(name) || directory.routes.find(record::MailDomain(name)) != nullptr;
}

void reviewNames(const config::Settings& settings, const directory::Directory& directory,
                 const std::string& file, std::vector<std::string>& warnings) {
    const auto& hostname = settings.hostname;
    if (isLocalName(hostname)) {
        warnings.push_back(config::atKey(settings, file, "hostname",
                                         hostname.text() +
                                             " is no name that other servers can look up: many refuse mail "
                                             "from it; write this server's name as in its PTR record"));
        return;
    }
    // Who may not send through us never gets a report from us that has to find its way back.
    if (settings.receive.relayNetworks.empty() || hasWay(directory, hostname)) return;
    const auto parent = base::DomainName::parse(hostname.parent());
    const bool isBelowTop = !parent || parent->parent().empty();
    if (!isBelowTop && hasWay(directory, *parent)) return;
    const auto& name = isBelowTop ? hostname : *parent;
    warnings.push_back(config::atKey(
        settings, file, "hostname",
        fmt::format(
            "{} is neither a [[domain]] nor on a [[route]]: where its MX is this server, reports to its "
            "people can't be delivered; if their mailboxes are at another server, add [[route]] domain "
            "= \"{}\", via = \"smtp:[HOST]:PORT\"",
            name.text(), name.text())));
}

}  // namespace

std::vector<std::string> review(const config::Settings& settings, const directory::Directory& directory,
                                const std::string& file, base::Timestamp now) {
    std::vector<std::string> warnings;
    reviewCertificates(settings, file, now, warnings);
    reviewNames(settings, directory, file, warnings);
    return warnings;
}

std::string reviewMap(const config::Settings& settings, const policy::Map& map) {
    if (!settings.caFile.empty() || !settings.caPath.empty()) return {};
    const auto level = settings.outbound.standard.level;
    std::string who;
    if (level == record::Level::verify || level == record::Level::secure) who = "outbound.level";
    for (const auto line : map.linesThatNeedAuthorities())
        who += fmt::format("{}{}:{}", who.empty() ? "" : ", ", settings.outbound.policyMap.string(), line);
    if (who.empty()) return {};
    return "ALARM: no CA is known, and without one no name can be proven: set tls.ca_file, or mail waits and "
           "returns in the end that is held to " +
           who;
}

std::vector<std::string> reviewInboundMap(const config::Settings& settings, const policy::InboundMap& map) {
    std::vector<std::string> warnings;
    const auto isMail = [](const auto& listener) { return listener.role == config::Listener::Role::mx; };
    for (const auto& listener : settings.listeners)
        if (isMail(listener) && listener.tls == smtp::ListenerTls::none && !map.empty())
            warnings.push_back(fmt::format("listener {} has no TLS: no rule of {} above may is met there",
                                           net::toText(listener.address),
                                           settings.inbound.policyMap.string()));
    const bool hasAuthorities = !settings.caFile.empty() || !settings.caPath.empty();
    for (const auto& rule : map.rules()) {
        if (rule.level == policy::InboundLevel::verify && rule.anchors.empty() && !hasAuthorities)
            warnings.push_back(rule.where +
                               ": no CA is known, so that nobody is verified: set tls.ca_file or tafile=");
        const auto is = [&](const auto& listener) {
            return isMail(listener) && rule.key.text == "listener:" + net::toText(listener.address);
        };
        if (rule.key.kind == policy::InboundKey::Kind::listener &&
            std::ranges::none_of(settings.listeners, is))
            warnings.push_back(rule.where +
                               ": no [[listener]] has this address, so that the rule speaks of no mail");
        if (warnings.size() >= mostWarnings) break;
    }
    return warnings;
}

std::vector<std::string> unreadable(const config::Settings& settings, const std::string& file) {
    std::vector<std::string> faults;
    if (::access(file.c_str(), R_OK) != 0) faults.push_back(file + " can't be read: " + std::strerror(errno));
    for (const auto& named : settings.files)
        if (::access(named.file.c_str(), R_OK) != 0 && errno == EACCES)
            faults.push_back(config::atKey(settings, file, named.key,
                                           named.file.string() + " can't be read: " + std::strerror(errno)));
    return faults;
}

}  // namespace postseal::app
