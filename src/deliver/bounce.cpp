#include "deliver/bounce.hpp"

#include "deliver/lines.hpp"
#include "mail/dsn.hpp"
#include "mail/header.hpp"

#include <utility>

namespace postseal::deliver {
namespace {

// A header longer than this is quoted in part; mail/dsn bounds it further.
constexpr std::size_t longestHeader = 64U << 10U;

/// The header of the message, or what could be read of it: a body that can't be read hinders no bounce.
task::Awaitable<std::string> readOriginalHeader(Services& services, const queue::Message& message) {
    std::string text = message.prefix;
    mail::HeaderReader header;
    header.take(text);
    queue::BodyReader body(services.bodies, message.body);
    while (!header.isDone() && text.size() < longestHeader) {
        const auto chunk = co_await body.next();
        if (!chunk || chunk->empty()) break;
        const auto part = chunk->substr(0, longestHeader - text.size());
        header.take(part);
        text += part;
    }
    co_return std::string(mail::headerOf(text));
}

mail::FailedRecipient describe(const RecipientEnd& end, base::Timestamp now) {
    const bool isPeers = !end.remoteMta.empty();
    return {.address = end.recipient.address.toText(),
            .status = end.reason.dsnWhenReturned.empty() ? end.reason.dsn : end.reason.dsnWhenReturned,
            .remote = end.remoteMta,
            .reply = isPeers ? end.reason.words : std::string(),
            .reason = isPeers ? std::string() : end.reason.words,
            .explanation = end.reason.forSender,
            .lastAttempt = now,
            .expired = end.result == record::HopResult::deferred};
}

record::HopRecord hopOf(const queue::NewMessage& bounce, const std::string& hostname) {
    record::HopRecord hop;
    hop.time = bounce.arrived;
    hop.direction = record::Direction::in;
    hop.local = true;
    hop.queueId = bounce.id;
    hop.messageId = bounce.messageId;
    hop.peer.name = hostname;
    hop.result = record::HopResult::accepted;
    for (const auto& recipient : bounce.recipients)
        hop.recipients.push_back({recipient.address.toText(), record::HopResult::accepted, {}});
    return hop;
}

}  // namespace

task::Awaitable<Bounce> makeBounce(Services& services, const queue::Message& message,
                                   std::span<const RecipientEnd> failed, base::Timestamp now) {
    const auto settings = services.settings;
    const auto directory = services.directory;
    const std::string header = co_await readOriginalHeader(services, message);

    mail::Bounce bounce{.host = settings->hostname,
                        .id = services.ids.next(now),
                        .about = message.id,
                        .now = now,
                        .arrival = message.arrived,
                        .failed = {},
                        .originalHeader = header};
    for (const auto& end : failed)
        bounce.failed.push_back(describe(end, now));
    mail::BounceText written = mail::writeBounce(bounce, *message.sender);

    queue::NewMessage result;
    result.id = bounce.id;
    result.bodyType = written.body;
    result.messageId = mail::readHeader(written.text).messageId;
    result.arrived = now;
    result.body = queue::Body::inMemory(std::move(written.text));
    for (auto& target : directory->addressees(*message.sender, now))
        result.recipients.push_back({std::move(target.address), toText(target.transport)});
    record::HopRecord hop = hopOf(result, settings->hostname);
    co_return Bounce{std::move(result), std::move(hop)};
}

void logBounce(const Services& services, const record::QueueId& about, const Bounce& queued) {
    const auto& bounce = queued.message;
    log::Line messageId(bounce.id.text());
    messageId.field("message-id", bounce.messageId);
    services.log.as("cleanup").info(messageId);
    services.log.as("bounce").info(notificationLine(about, bounce.id));
    log::Line active(bounce.id.text());
    active.field("from", "<>")
        .field("size", static_cast<std::int64_t>(bounce.prefix.size() + bounce.body.sizeBytes()))
        .field("nrcpt", static_cast<std::int64_t>(bounce.recipients.size()))
        .note("queue active");
    services.log.as("qmgr").info(active);
}

}  // namespace postseal::deliver
