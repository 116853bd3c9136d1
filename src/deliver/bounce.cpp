#include "deliver/bounce.hpp"

#include "deliver/lines.hpp"
#include "ledger/search.hpp"
#include "mail/dsn.hpp"
#include "mail/header.hpp"
#include "mail/language.hpp"
#include "record/transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace postseal::deliver {
namespace {

// A header longer than this is quoted in part; mail/dsn bounds it further.
constexpr std::size_t longestHeader = 64U << 10U;

bool isDemand(const record::HopRecord& hop) {
    return hop.requirement && !permitsCleartext(*hop.requirement);
}

/// Where the policy map has a say; null: the message stays on this machine.
const record::NextHop* outwardHop(const record::Transport& transport) {
    if (const auto* hop = std::get_if<record::NextHop>(&transport)) return hop;
    const auto* lmtp = std::get_if<record::Lmtp>(&transport);
    return lmtp == nullptr ? nullptr : std::get_if<record::NextHop>(&lmtp->at);
}

/// Whether policy demanded encryption or more of any hop so far, ours to come among them. What can't be read
/// counts as a demand: the text stays here.
task::Awaitable<bool> isGuarded(DeliveryServices& services, const DsnCause& cause) {
    if (cause.lease.message->tls == record::TlsDemand::required) co_return true;  // rule 31
    if (std::ranges::any_of(cause.hops, isDemand)) co_return true;
    const auto* hop = outwardHop(cause.lease.route.transport());
    if (hop != nullptr && services.destinations.demandsProtection(*hop)) co_return true;
    using Found = std::vector<ledger::TransportRecord>;
    const std::string id = cause.lease.message->id.text();
    auto& readers = services.bodies.readers();
    const auto found = co_await services.bodies.pool().run([&readers, &id] {
        return readers.read<Found>([&id](store::Engine& engine) { return ledger::find(engine, id); });
    });
    if (!found || found->empty()) co_return true;
    co_return std::ranges::any_of(found->front().hops, isDemand);
}

/// RFC 3461 §6.2: the whole only in a report of failures, where RET asks for it.
task::Awaitable<mail::Attached> whatToAttach(DeliveryServices& services, const DsnCause& cause) {
    const auto& message = *cause.lease.message;
    if (cause.kind != DsnKind::failure || message.returned != record::Returned::whole)
        co_return mail::Attached::header;
    if (co_await isGuarded(services, cause)) co_return mail::Attached::headerOfGuarded;
    if (message.sizeBytes() > mail::longestReturned) co_return mail::Attached::headerOfLarge;
    co_return mail::Attached::whole;
}

struct Original {
    mail::Attached attached = mail::Attached::header;
    std::string text;  // the message, or its header
};

/// A body that can't be read hinders no report: what could be read of the header is attached.
task::Awaitable<Original> readOriginal(DeliveryServices& services, const DsnCause& cause) {
    const auto& message = *cause.lease.message;
    Original original{.attached = co_await whatToAttach(services, cause), .text = message.prefix};
    const bool isWhole = original.attached == mail::Attached::whole;
    const auto longest = isWhole ? mail::longestReturned : longestHeader;
    mail::HeaderReader header;
    header.take(original.text);
    queue::BodyReader body(services.bodies, message.body);
    while ((isWhole || !header.isDone()) && original.text.size() < longest) {
        const auto chunk = co_await body.next();
        if (!chunk) original.attached = mail::Attached::header;
        if (!chunk || chunk->empty()) break;
        const auto part = chunk->substr(0, longest - original.text.size());
        header.take(part);
        original.text += part;
    }
    co_return original;
}

mail::Action actionOf(DsnKind kind, const RecipientEnd& end) {
    switch (kind) {
    case DsnKind::failure: return mail::Action::failed;
    case DsnKind::delay: return mail::Action::delayed;
    case DsnKind::success: break;
    }
    return end.means == RecipientEnd::Means::final ? mail::Action::delivered : mail::Action::relayed;
}

mail::DsnRecipient describe(const DsnCause& cause, const RecipientEnd& end) {
    const auto kind = cause.kind;
    const bool isPeers = !end.remoteMta.empty();
    // What went wrong in our own house is told by its status alone: the words name our files.
    const bool isOurSecret = kind == DsnKind::success || outwardHop(cause.lease.route.transport()) == nullptr;
    const auto status =
        kind == DsnKind::failure ? end.reason.dsnWhenReturned.value_or(end.reason.dsn) : end.reason.dsn;
    return {.address = end.recipient.address.toText(),
            .original = end.recipient.original,
            .action = actionOf(kind, end),
            .status = toText(status),
            .remote = end.remoteMta,
            .reply = isPeers ? end.reason.words : std::string(),
            .reason = isPeers || isOurSecret ? std::string() : end.reason.words,
            .explanation = end.reason.forSender,
            .time = cause.now,
            .expired = kind == DsnKind::failure && end.result == record::HopResult::deferred};
}

record::HopRecord hopOf(const queue::NewMessage& dsn, const std::string& hostname) {
    record::HopRecord hop;
    hop.time = dsn.kept.arrived;
    hop.direction = record::Direction::in;
    hop.local = true;
    hop.queueId = dsn.kept.id;
    hop.messageId = dsn.kept.messageId;
    hop.peer.name = hostname;
    hop.result = record::HopResult::accepted;
    for (const auto& recipient : dsn.recipients)
        hop.recipients.push_back({recipient.address.toText(), record::HopResult::accepted, {}});
    return hop;
}

}  // namespace

task::Awaitable<QueuedReport> makeDsn(DeliveryServices& services, DsnCause cause) {
    const auto settings = services.settings;
    const auto directory = services.directory;
    const queue::Message& message = *cause.lease.message;
    const Original original = co_await readOriginal(services, cause);

    mail::Dsn dsn{.host = settings->hostname,
                  .id = services.ids.next(cause.now),
                  .about = message.id,
                  .now = cause.now,
                  .arrival = message.arrived,
                  .retryUntil = message.arrived + settings->retry.giveUp,
                  .envelopeId = message.envelopeId,
                  .smtpUtf8 = message.smtpUtf8,
                  .tlsOptional = message.tls == record::TlsDemand::optional,
                  .languages = settings->languages,
                  .recipients = {},
                  .attached = original.attached,
                  .original = original.text};
    if (const auto language = mail::languageOf(mail::headerOf(original.text))) dsn.languages = {*language};
    for (const auto& end : cause.ends)
        dsn.recipients.push_back(describe(cause, end));
    mail::DsnText written = mail::writeDsn(dsn, *message.sender);

    queue::NewMessage result;
    result.kept.id = dsn.id;
    result.kept.bodyType = written.body;
    result.kept.smtpUtf8 = written.smtpUtf8;
    result.kept.tls = message.tls;  // rule 31: it is protected as what it is about
    result.kept.messageId = mail::readHeader(written.text).messageId;
    result.kept.arrived = cause.now;
    result.kept.body = queue::Body::inMemory(std::move(written.text));
    for (auto& target : directory->addressees(*message.sender, cause.now))
        result.recipients.push_back({std::move(target.address), record::Route(std::move(target.transport))});
    record::HopRecord hop = hopOf(result, settings->hostname);
    co_return QueuedReport{.kind = cause.kind, .message = std::move(result), .hop = std::move(hop)};
}

void logDsn(const DeliveryServices& services, const record::QueueId& about, const QueuedReport& dsn) {
    const auto& queued = dsn.message.kept;
    log::Line messageId(queued.id.text());
    messageId.field("message-id", queued.messageId);
    services.log.as("cleanup").info(messageId);
    services.log.as("bounce").info(notificationLine(dsn.kind, about, queued.id));
    log::Line active(queued.id.text());
    active.field("from", "<>")
        .field("size", static_cast<std::int64_t>(queued.sizeBytes()))
        .field("nrcpt", static_cast<std::int64_t>(dsn.message.recipients.size()))
        .note(dsn.wait == std::chrono::seconds(0)
                  ? std::string("queue active")
                  : fmt::format("waits until {}: more reports than may leave in an hour",
                                base::toRfc3339(
                                    std::chrono::floor<std::chrono::seconds>(queued.arrived + dsn.wait))));
    services.log.as("qmgr").info(active);
}

}  // namespace postseal::deliver
