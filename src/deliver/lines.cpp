#include "deliver/lines.hpp"

#include <fmt/format.h>

#include <array>

namespace postseal::deliver {
namespace {

using Microseconds = std::chrono::microseconds;

// Postfix's rounding: two significant digits, at most two decimals; 0.01, 1.2, 12.
std::string delayText(Microseconds delay) {
    const double seconds = std::max(0.0, std::chrono::duration<double>(delay).count());
    if (seconds < 0.005) return "0";
    if (seconds < 1) return fmt::format("{:.2g}", seconds);
    if (seconds < 10) return fmt::format("{:.1f}", seconds);
    return fmt::format("{:.0f}", seconds);
}

std::string_view statusText(record::HopResult result) {
    switch (result) {
    case record::HopResult::delivered: return "sent";
    case record::HopResult::deferred: return "deferred";
    case record::HopResult::bounced: return "bounced";
    case record::HopResult::accepted:
    case record::HopResult::refused: break;
    }
    return "undeliverable";
}

std::string_view notificationText(DsnKind kind) {
    switch (kind) {
    case DsnKind::failure: return "sender non-delivery notification: ";
    case DsnKind::delay: return "sender delay notification: ";
    case DsnKind::success: return "sender delivery status notification: ";
    }
    return {};
}

}  // namespace

log::Line recipientLine(const queue::Message& message, const RecipientEnd& end, queue::Tried tried,
                        const Delays& delays, base::Timestamp now) {
    const Microseconds whole = now - message.arrived;
    const Microseconds before = delays.begun - message.arrived;
    log::Line line(message.id.text());
    line.field("to", "<" + end.recipient.address.toText() + ">")
        .field("relay", end.relay)
        .field("delay", delayText(whole))
        .field("delays", fmt::format("{}/0/{}/{}", delayText(before), delayText(delays.connection),
                                     delayText(delays.transmission)))
        .field("dsn", toText(end.reason.dsn))
        .fieldBeside("tls", end.wantedAndGot)  // pflogsumm knows nothing between dsn= and status=
        .field("status", statusText(end.result))
        .note(queue::reasonText(queue::State::queued, tried, end.reason.words));
    return line;
}

log::Line removedLine(const record::QueueId& id) {
    log::Line line(id.text());
    line.text("removed");
    return line;
}

log::Line expiredLine(const queue::Message& message) {
    log::Line line(message.id.text());
    line.field("from", "<" + record::toText(message.sender) + ">")
        .field("status", "expired, returned to sender");
    return line;
}

log::Line notificationLine(DsnKind kind, const record::QueueId& id, const record::QueueId& notification) {
    log::Line line(id.text());
    line.text(std::string(notificationText(kind)) + notification.text());
    return line;
}

log::Line letGoLine(const queue::Message& message, DsnKind kind, std::size_t soFar) {
    log::Line line(message.id.text());
    line.text(fmt::format("{}let go: more reports than may leave to {} in an hour ({} so far)",
                          notificationText(kind), record::toText(message.sender->domain()), soFar));
    return line;
}

std::string relayText(const record::Peer& peer) {
    constexpr std::string_view unixPrefix = "unix:";
    if (peer.name.starts_with(unixPrefix))
        return fmt::format("localhost[{}]", peer.name.substr(unixPrefix.size()));
    if (!peer.address) return "none";
    return fmt::format("{}[{}]:{}", peer.name, peer.address->toText(), peer.port);
}

}  // namespace postseal::deliver
