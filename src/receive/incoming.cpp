#include "receive/incoming.hpp"

#include "ledger/write.hpp"
#include "mail/authors.hpp"
#include "mail/received.hpp"
#include "mail/statement.hpp"
#include "receive/sender_policy.hpp"
#include "store/batch.hpp"
#include "task/clock.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace postseal::receive {
namespace {

using smtp::Reply;
using task::Awaitable;

/// The store's or the disk's trouble as the client hears it (rule 54).
Reply replyTo(const base::Error& error) {
    if (error.code == store::Errc::full || error.code == std::errc::no_space_on_device)
        return {452, "4.3.1", "Insufficient system storage"};
    return {451, "4.3.0", "Error: queue file write error"};
}

std::string received(const Visit& visit, const queue::NewMessage& put) {
    const auto& client = visit.client;
    const auto& machine = visit.machine;
    const auto& settings = *visit.site->settings;
    const auto& recipients = machine.envelope().recipients;
    mail::Arrival arrival;
    arrival.helo = machine.clientName();
    arrival.clientName = client.name;
    arrival.client = client.address;
    arrival.isHidden = settings.hideSubmitter && visit.maySendAnywhere();
    arrival.host = settings.hostname;
    arrival.protocol = machine.protocol();
    arrival.tls = machine.tls() ? &*machine.tls() : nullptr;
    arrival.askedForCertificate = visit.wasAskedForCertificate;
    arrival.id = put.kept.id;
    // As the sender wrote it: who stands behind an alias is nobody's business on the way. An address beyond
    // ASCII would make a header that needs SMTPUTF8 of one that doesn't.
    if (recipients.size() == 1 && (put.kept.smtpUtf8 || recipients.front().mailbox.isAscii()))
        arrival.recipient = &recipients.front().mailbox;
    arrival.time = put.kept.arrived;
    return mail::received(arrival);
}

/// Above all others: what is known of the hop when it is over (RFC 8601 §5).
std::string statement(const Visit& visit, const record::HopRecord& hop, const mail::HeaderFacts& header,
                      unsigned hopNumber) {
    const auto& settings = *visit.site->settings;
    const auto authors = mail::authorsOf(header);
    const bool isOne = !authors.isUnreadable && authors.domains.size() == 1;
    const std::string from = isOne ? authors.domains.front().text() : std::string();
    std::optional<mail::Aligned> aligned;
    if (const auto& identity = visit.verdict.identity; identity && !visit.ownRelay)
        aligned = !from.empty() && from == identity->domain ? mail::Aligned::yes : mail::Aligned::no;
    return mail::toField({.id = settings.statementId.text(),
                          .hop = hopNumber,
                          .record = hop,
                          .from = from,
                          .aligned = aligned,
                          .isHidden = settings.hideSubmitter && visit.maySendAnywhere()});
}

record::HopRecord acceptedHop(const Visit& visit, const queue::NewMessage& put) {
    auto hop = hopRecord(visit, put.kept.arrived);
    hop.queueId = put.kept.id;
    hop.messageId = put.kept.messageId;
    hop.sender = record::toText(put.kept.sender);
    for (const auto& recipient : put.recipients)
        hop.recipients.push_back({recipient.address.toText(), record::HopResult::accepted, {}});
    hop.reply = smtp::toLogText(smtp::queuedAs(put.kept.id));
    return hop;
}

}  // namespace

record::HopRecord hopRecord(const Visit& visit, base::Timestamp now) {
    const auto& client = visit.client;
    const auto& machine = visit.machine;
    record::HopRecord hop;
    hop.time = now;
    hop.direction = record::Direction::in;
    hop.peer = {client.name.empty() ? machine.clientName() : client.name, client.address, client.port};
    hop.requirement = visit.site->demand;
    hop.assurance = machine.tls() ? record::Assurance::encrypted : record::Assurance::cleartext;
    hop.tls = machine.tls();
    hop.protocol = machine.protocol();
    tellOfPolicy(visit, hop);
    return hop;
}

Incoming::Incoming(const Visit& visit)
    : services_(visit.services), memoryBound_(visit.site->settings->arrivalMemory), share_(services_.memory),
      statements_(visit.site->settings->statementId, visit.ownRelay
                                                         ? mail::StatementFilter::OfOurs::kept
                                                         : mail::StatementFilter::OfOurs::removed) {}

base::Result<void, Reply> Incoming::add(std::vector<queue::NewRecipient> recipients,
                                        const directory::Directory& directory, base::Timestamp now) {
    // About what one costs here and in the session.
    constexpr std::size_t bytesOfRecipient = 768;
    if (services_.memory.isSpent(memoryBound_)) return base::fail(shortOfMemory());
    for (const auto& recipient : recipients)
        recipientBytes_ += bytesOfRecipient + 2 * recipient.original.size();
    if (auto added = recipients_.add(std::move(recipients), directory); !added) return added;
    if (id_.empty()) id_ = services_.ids.next(now);
    share_.set(recipientBytes_);
    return {};
}

Awaitable<base::Result<void, Reply>> Incoming::append(std::string_view text) {
    co_return co_await keep(statements_.pass(text));
}

Awaitable<base::Result<void, Reply>> Incoming::keep(std::string_view text) {
    if (!body_) body_.emplace(services_.bodies, id_);
    if (services_.memory.isShort(memoryBound_)) body_->keepInFile();
    header_.take(text);
    const auto taken = co_await body_->append(text);
    share_.set(recipientBytes_ + body_->memoryBytes());
    if (taken) co_return base::Result<void, Reply>();
    dropText();  // a disk that is full gets its room back at once
    co_return base::fail(replyTo(taken.error()));
}

void Incoming::dropText() {
    body_.reset();
    share_.set(recipientBytes_);
}

Awaitable<base::Result<Incoming::Stored, Reply>> Incoming::store(Visit& visit) {
    if (auto kept = co_await keep(statements_.finish()); !kept) co_return base::fail(std::move(kept.error()));
    header_.finish();
    auto body = co_await body_->finish();
    if (!body) co_return base::fail(replyTo(body.error()));
    const ArrivedText text{header_.facts(), *body};
    const auto amendment = co_await passText(visit, text);
    if (!amendment) co_return base::fail(amendment.error());

    const auto now = task::timeNow();
    auto put = newMessage(visit, std::move(*body), now);
    const auto hop = acceptedHop(visit, put);
    put.kept.prefix =
        statement(visit, hop, header_.facts(), statements_.kept() + 1) + received(visit, put) + *amendment;
    store::Batch batch;
    auto leases = queue::put(batch, put);
    ledger::append(batch, hop);
    if (const auto done = co_await services_.writer.commit(std::move(batch)); !done) {
        services_.log.error(log::Line(put.kept.id.text()).text(base::toText(done.error())));
        co_return base::fail(replyTo(done.error()));
    }

    const auto& kept = put.kept;
    services_.log.info(clientLine(kept.id, visit.client));
    if (const auto forged = statements_.removed(); forged > 0)
        services_.log.as("cleanup").info(
            log::Line(kept.id.text()).text(std::to_string(forged) + " forged statements removed"));
    services_.log.as("cleanup").info(messageIdLine(kept.id, kept.messageId));
    services_.log.as("qmgr").info(activeLine(kept.id, kept.sender, kept.sizeBytes(), put.recipients.size()));
    co_return Stored{kept.id, std::move(leases)};
}

queue::NewMessage Incoming::newMessage(const Visit& visit, queue::Body body, base::Timestamp now) {
    const auto& envelope = visit.machine.envelope();
    const auto& facts = header_.facts();
    queue::NewMessage put;
    put.kept.id = id_;
    put.kept.sender = envelope.sender;
    put.kept.bodyType = envelope.body;
    // Where only a recipient needs it, his delivery sees that; other recipients' peers need not have it then.
    put.kept.smtpUtf8 =
        envelope.smtpUtf8 && (facts.has8bit || (put.kept.sender && !put.kept.sender->isAscii()));
    put.kept.returned = envelope.returned;
    put.kept.envelopeId = envelope.id;
    // Rule 32: beside the parameter, the field is ignored (RFC 8689 §4.1).
    if (envelope.requireTls != record::RequireTls::no)
        put.kept.tls = record::TlsDemand::required;
    else if (facts.tlsOptional)
        put.kept.tls = record::TlsDemand::optional;
    put.kept.messageId = facts.messageId;
    put.kept.arrived = now;
    put.kept.body = std::move(body);
    put.recipients = recipients_.take();
    return put;
}

}  // namespace postseal::receive
