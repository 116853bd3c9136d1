#include "receive/lines.hpp"

#include <fmt/core.h>

namespace postseal::receive {

std::string toText(const Client& client) {
    return fmt::format("{}[{}]", client.name.empty() ? "unknown" : client.name, client.address.toText());
}

log::Line connectLine(const Client& client) {
    return log::Line().text("connect from " + toText(client));
}

log::Line disconnectLine(const Client& client, std::string_view counts) {
    return log::Line().text(fmt::format("disconnect from {} {}", toText(client), counts));
}

log::Line brokenLine(std::string_view how, std::string_view stage, const Client& client) {
    return log::Line().text(fmt::format("{} after {} from {}", how, stage, toText(client)));
}

log::Line tlsLine(const Client& client, const record::TlsFacts& tls) {
    const auto* trust = !tls.peer ? "Anonymous" : tls.peer->chainFault.empty() ? "Trusted" : "Untrusted";
    auto words = fmt::format("{} TLS connection established from {}: {} with cipher {} ({}/{} bits)", trust,
                             toText(client), tls.protocol, tls.cipher, tls.cipherBits, tls.cipherBits);
    if (!tls.group.empty()) words += " key-exchange " + tls.group;
    return log::Line().text(words);
}

log::Line tlsFailedLine(const Client& client, std::string_view why) {
    return log::Line().text(fmt::format("SSL_accept error from {}: {}", toText(client), why));
}

log::Line rejectLine(const record::QueueId& id, const Client& client, const Rejected& rejected) {
    const auto* what = rejected.how == Rejected::How::refused ? "reject" : "reject_warning";
    auto words = fmt::format("{}: {} from {}: {}; from=<{}>", what, rejected.stage, toText(client),
                             smtp::toLogText(rejected.reply), record::toText(rejected.sender));
    if (!rejected.recipient.empty()) words += fmt::format(" to=<{}>", rejected.recipient);
    words += fmt::format(" proto={} helo=<{}>", rejected.protocol, rejected.helo);
    return log::Line(id.empty() ? std::string_view("NOQUEUE") : id.text()).text(words);
}

log::Line clientLine(const record::QueueId& id, const Client& client) {
    return log::Line(id.text()).field("client", toText(client));
}

log::Line messageIdLine(const record::QueueId& id, std::string_view messageId) {
    return log::Line(id.text()).field("message-id", messageId);
}

log::Line activeLine(const record::QueueId& id, const record::ReversePath& sender, std::uint64_t sizeBytes,
                     std::size_t recipients) {
    return log::Line(id.text())
        .field("from", fmt::format("<{}>", record::toText(sender)))
        .field("size", static_cast<std::int64_t>(sizeBytes))
        .field("nrcpt", static_cast<std::int64_t>(recipients))
        .note("queue active");
}

}  // namespace postseal::receive
