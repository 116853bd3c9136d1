#include "receive/session.hpp"

#include "ledger/write.hpp"
#include "mail/header.hpp"
#include "mail/loop.hpp"
#include "mail/received.hpp"
#include "receive/access.hpp"
#include "receive/lines.hpp"
#include "store/batch.hpp"
#include "task/spawn.hpp"
#include "tls/facts.hpp"

#include <fmt/core.h>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>
#include <variant>

namespace postseal::receive {
namespace {

namespace action = smtp::action;
using smtp::Reply;
using task::Awaitable;

base::Timestamp timeNow() {
    return std::chrono::time_point_cast<base::Microseconds>(std::chrono::system_clock::now());
}

/// The store's or the disk's trouble as the client hears it (rule 54).
Reply replyTo(const base::Error& error) {
    if (error.code == store::Errc::full || error.code == std::errc::no_space_on_device)
        return {452, "4.3.1", "Insufficient system storage"};
    return {451, "4.3.0", "Error: queue file write error"};
}

Reply turnedAway(Admission admission) {
    if (admission == Admission::tooManyFromClient)
        return {421, "4.7.0", "Error: too many connections from your address, try again later"};
    return {421, "4.7.0", "Error: too many connections, try again later"};
}

enum class Step { goOn, hangUp };

/// A message on its way in, from MAIL to the end of its text.
struct Transaction {
    Addressed recipients;
    record::QueueId id;  // with the first recipient
    std::optional<queue::IncomingBody> body;
    mail::HeaderReader header;
};

Awaitable<void> recordRefusal(Services* services, record::HopRecord hop) {
    store::Batch batch;
    ledger::append(batch, hop);
    if (const auto done = co_await services->writer.commit(std::move(batch)); !done)
        services->log.warning(log::Line().text("a refusal was not recorded: " + base::toText(done.error())));
}

class Session {
public:
    Session(Services& services, std::shared_ptr<const Site> site, net::Connection connection)
        : services_(services), site_(std::move(site)), connection_(std::move(connection)),
          machine_(site_->smtp), client_{{}, connection_.peer().address, connection_.peer().port},
          relaying_(relayingFor(client_.address, site_->settings->relayNetworks)) {}

    Awaitable<void> run();

private:
    Awaitable<void> play();
    smtp::EarlyInput earlyInput();
    std::optional<Reply> storageTrouble() const;
    std::optional<Reply> identityTrouble() const;
    Awaitable<Step> perform(action::Read);
    Awaitable<Step> perform(action::Write write);
    Awaitable<Step> perform(action::StartTls);
    Awaitable<Step> perform(action::DecideSender decide);
    Awaitable<Step> perform(action::DecideRecipient decide);
    Awaitable<Step> perform(action::Body body);
    Awaitable<Step> perform(action::Discard discard);
    Awaitable<Step> perform(action::Store store);
    Awaitable<Step> perform(action::Close);

    Awaitable<base::Result<record::QueueId, Reply>> keep(const record::Envelope& envelope);
    std::string received(const queue::NewMessage& put, const record::Envelope& envelope) const;
    queue::NewMessage newMessage(const record::Envelope& envelope, queue::Body body, base::Timestamp now);
    record::HopRecord hopRecord(base::Timestamp now) const;
    record::HopRecord acceptedHop(const queue::NewMessage& put, base::Timestamp now) const;
    void refuse(std::string_view stage, const Reply& reply, const std::string& recipient);
    Step broken(const base::Error& error);
    void handOverWhatIsQueued();

    Services& services_;
    std::shared_ptr<const Site> site_;
    net::Connection connection_;
    smtp::ServerSession machine_;
    Client client_;
    Relaying relaying_;
    std::string_view stage_ = "CONNECT";  // for the log, where the connection breaks
    std::unique_ptr<Transaction> transaction_;
    bool turnedAway_ = false;
    Reply refused_;                     // what was last logged as refused
    std::vector<queue::Claim> queued_;  // committed; handed over once the 250 is out
};

Awaitable<void> Session::run() {
    const auto entry = services_.rates.enter(client_.address, site_->settings->sessions);
    if (entry.admission != Admission::admitted) {
        ++services_.counters.turnedAway;
        turnedAway_ = true;
        machine_.endWith(turnedAway(entry.admission));
    } else {
        ++services_.counters.connections;
        if (site_->settings->reverseLookup) client_.name = co_await services_.names.find(client_.address);
        services_.log.info(connectLine(client_));
    }
    std::exception_ptr thrown;
    try {
        co_await play();
    } catch (...) {
        thrown = std::current_exception();
    }
    handOverWhatIsQueued();  // even then: what is claimed and in nobody's hands would lie until a restart
    if (thrown) std::rethrow_exception(thrown);  // to the log
    if (entry.admission == Admission::admitted)
        services_.log.info(disconnectLine(client_, machine_.commandCounts()));
}

Awaitable<void> Session::play() {
    auto next = machine_.start(connection_.now(), earlyInput());
    while (true) {
        connection_.setDeadline(machine_.deadline());
        const auto step = co_await std::visit([this](auto& each) { return perform(std::move(each)); }, next);
        if (step == Step::hangUp) co_return;
        next = machine_.next(connection_.now());
    }
}

/// Whoever speaks before our greeting takes us for something else. In TLS the client's hello comes first.
smtp::EarlyInput Session::earlyInput() {
    if (site_->smtp->tls == smtp::ListenerTls::implicit) return smtp::EarlyInput::none;
    const auto waiting = connection_.readNow();
    return waiting && *waiting && !(*waiting)->empty() ? smtp::EarlyInput::seen : smtp::EarlyInput::none;
}

Awaitable<Step> Session::perform(action::Read) {
    const auto bytes = co_await connection_.read();
    if (!bytes) co_return broken(bytes.error());
    if (bytes->empty()) {
        services_.log.info(brokenLine("lost connection", stage_, client_));
        co_return Step::hangUp;
    }
    machine_.received(*bytes);
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Write write) {
    // What the machine refused by itself: a fault of grammar or order, a limit, TLS that is missing.
    if (const auto& said = machine_.lastReply(); said.code >= 400 && said != refused_)
        refuse(stage_, said, {});
    const auto written = co_await connection_.write(write.bytes);
    handOverWhatIsQueued();
    if (!written) co_return broken(written.error());
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::StartTls) {
    stage_ = "STARTTLS";
    const auto shaken =
        co_await connection_.startTls(site_->tls->newSession(timeNow()), net::TlsSide::server);
    if (!shaken) {
        ++services_.counters.tlsFailures;
        services_.log.info(tlsFailedLine(client_, base::toText(shaken.error())));
        co_return Step::hangUp;
    }
    auto facts = tls::factsOf(connection_.tls(), tls::clientVerdict(connection_.tls()));
    services_.log.info(tlsLine(client_, facts));
    machine_.tlsStarted(std::move(facts));
    co_return Step::goOn;
}

/// Said before the text comes, where it is known; a full disk keeps its reserve for bounces and records.
std::optional<Reply> Session::storageTrouble() const {
    if (!services_.queueReady || !services_.writer.isWell())
        return Reply{451, "4.3.0", "The queue is not available, try again later"};
    if (!services_.writer.hasRoom()) return Reply{452, "4.3.1", "Insufficient system storage"};
    return std::nullopt;
}

/// The handshake never fails on a certificate, so a listener that requires one judges it here (rules 42, 43).
std::optional<Reply> Session::identityTrouble() const {
    if (!site_->needsCertificate) return std::nullopt;
    const auto& tls = machine_.tls();
    if (!tls) return Reply{530, "5.7.0", "Must issue a STARTTLS command first"};
    if (!tls->peer) return Reply{550, "5.7.1", "This server takes mail only from clients with a certificate"};
    if (tls->peer->chainFault.empty()) return std::nullopt;
    return Reply{550, "5.7.1", "Your client certificate is not valid here: " + tls->peer->chainFault};
}

Awaitable<Step> Session::perform(action::DecideSender) {
    stage_ = "MAIL";
    transaction_.reset();
    auto trouble = identityTrouble();
    if (!trouble) trouble = storageTrouble();
    if (trouble) {
        refuse("MAIL", *trouble, {});
        machine_.decided(base::fail(*trouble));
        co_return Step::goOn;
    }
    transaction_ = std::make_unique<Transaction>();
    machine_.decided({});
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::DecideRecipient decide) {
    stage_ = "RCPT";
    auto decided = decideRecipient(decide.recipient, *site_->directory,
                                   {machine_.envelope().sender, relaying_}, timeNow());
    const auto added = decided ? transaction_->recipients.add(std::move(*decided))
                               : base::Result<void, Reply>(base::fail(decided.error()));
    if (!added)
        refuse("RCPT", added.error(), decide.recipient.mailbox.toText());
    else if (transaction_->id.empty())
        transaction_->id = services_.ids.next(timeNow());
    machine_.decided(added);
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Body body) {
    stage_ = machine_.isChunking() ? "BDAT" : "DATA";
    auto& message = *transaction_;
    if (!message.body) message.body.emplace(services_.bodies, message.id);
    message.header.take(body.bytes);
    if (const auto taken = co_await message.body->append(body.bytes); !taken) {
        message.body.reset();  // a disk that is full gets its room back at once
        auto why = replyTo(taken.error());
        refuse("END-OF-MESSAGE", why, {});
        machine_.refuseText(std::move(why));
    }
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Discard discard) {
    stage_ = "END-OF-MESSAGE";
    if (discard.why) refuse(stage_, *discard.why, {});  // now, while it is known whose message it was
    if (transaction_) transaction_->body.reset();
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Store store) {
    stage_ = "END-OF-MESSAGE";
    auto id = co_await keep(store.envelope);
    if (!id) refuse("END-OF-MESSAGE", id.error(), {});
    machine_.stored(id);
    transaction_.reset();
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Close) {
    if (machine_.lastReply().code == 221 || turnedAway_)
        connection_.close();  // who exceeds a limit holds no descriptor either
    else
        co_await connection_.closeGently();  // it may still be talking, and should read why we leave
    co_return Step::hangUp;
}

/// Durable, or the reply that says why not. What is handed to the writer is awaited to its end.
Awaitable<base::Result<record::QueueId, Reply>> Session::keep(const record::Envelope& envelope) {
    auto& message = *transaction_;
    message.header.finish();
    if (mail::isLooping(message.header.facts(), site_->settings->hops))
        co_return base::fail(Reply{554, "5.4.6", "Error: too many hops"});

    if (!message.body) message.body.emplace(services_.bodies, message.id);  // an empty text
    auto body = co_await message.body->finish();
    if (!body) co_return base::fail(replyTo(body.error()));

    const auto now = timeNow();
    const auto put = newMessage(envelope, std::move(*body), now);
    store::Batch batch;
    auto claims = queue::put(batch, put);
    ledger::append(batch, acceptedHop(put, now));
    if (const auto done = co_await services_.writer.commit(std::move(batch)); !done) {
        services_.log.error(log::Line(put.id.text()).text(base::toText(done.error())));
        co_return base::fail(replyTo(done.error()));
    }

    queued_ = std::move(claims);
    ++services_.counters.messages;
    services_.log.info(clientLine(put.id, client_));
    services_.log.as("cleanup").info(messageIdLine(put.id, put.messageId));
    services_.log.as("qmgr").info(
        activeLine(put.id, put.sender, put.prefix.size() + put.body.sizeBytes(), put.recipients.size()));
    co_return put.id;
}

queue::NewMessage Session::newMessage(const record::Envelope& envelope, queue::Body body,
                                      base::Timestamp now) {
    auto& message = *transaction_;
    queue::NewMessage put;
    put.id = message.id;
    put.sender = envelope.sender;
    put.bodyType = envelope.body;
    // Where only a recipient needs it, his delivery sees that; other recipients' peers need not have it then.
    put.smtpUtf8 =
        envelope.smtpUtf8 && (message.header.facts().has8bit || (put.sender && !put.sender->isAscii()));
    put.returned = envelope.returned;
    put.envelopeId = envelope.id;
    put.messageId = message.header.facts().messageId;
    put.arrived = now;
    put.body = std::move(body);
    put.recipients = message.recipients.take();
    put.prefix = received(put, envelope);
    // Else the first line of such a text would pose as part of our Received: one that begins with a space
    // continues it.
    if (message.header.facts().isMissing) put.prefix += "\r\n";
    return put;
}

std::string Session::received(const queue::NewMessage& put, const record::Envelope& envelope) const {
    mail::Arrival arrival;
    arrival.helo = machine_.clientName();
    arrival.clientName = client_.name;
    arrival.client = client_.address;
    arrival.host = site_->settings->hostname;
    arrival.protocol = machine_.protocol();
    arrival.tls = machine_.tls() ? &*machine_.tls() : nullptr;
    arrival.askedForCertificate = site_->asksForCertificate;
    arrival.id = put.id;
    // As the sender wrote it: who stands behind an alias is nobody's business on the way.
    if (envelope.recipients.size() == 1) arrival.recipient = &envelope.recipients.front().mailbox;
    arrival.time = put.arrived;
    return mail::received(arrival);
}

record::HopRecord Session::hopRecord(base::Timestamp now) const {
    record::HopRecord hop;
    hop.time = now;
    hop.direction = record::Direction::in;
    hop.peer = {client_.name.empty() ? machine_.clientName() : client_.name, client_.address, client_.port};
    hop.requirement = site_->demand;
    hop.assurance = machine_.tls() ? record::Assurance::encrypted : record::Assurance::cleartext;
    hop.tls = machine_.tls();
    hop.protocol = machine_.protocol();
    return hop;
}

record::HopRecord Session::acceptedHop(const queue::NewMessage& put, base::Timestamp now) const {
    auto hop = hopRecord(now);
    hop.queueId = put.id;
    hop.messageId = put.messageId;
    hop.sender = record::toText(put.sender);
    for (const auto& recipient : put.recipients)
        hop.recipients.push_back({recipient.address.toText(), record::HopResult::accepted, {}});
    hop.reply = "250 2.0.0 Ok: queued as " + put.id.text();
    return hop;
}

void Session::refuse(std::string_view stage, const Reply& reply, const std::string& recipient) {
    const auto& sender = machine_.envelope().sender;
    ++services_.counters.refusals;
    refused_ = reply;
    services_.log.info(
        rejectLine(transaction_ ? transaction_->id : record::QueueId(), client_,
                   {stage, reply, sender, recipient, machine_.protocol(), machine_.clientName()}));
    if (!services_.refusals.take(connection_.now())) return;
    auto hop = hopRecord(timeNow());
    hop.sender = record::toText(sender);
    hop.result = record::HopResult::refused;
    hop.reply = smtp::toLogText(reply);
    hop.reason = reply.text;
    if (!recipient.empty()) hop.recipients = {{recipient, record::HopResult::refused, hop.reply}};
    task::spawn(services_.core, recordRefusal(&services_, std::move(hop)), "refusal");
}

void Session::handOverWhatIsQueued() {
    if (!queued_.empty()) services_.handOver(std::exchange(queued_, {}));
}

/// The connection failed under an action: a deadline or the shutdown can still be told to the client.
Step Session::broken(const base::Error& error) {
    if (error.code == std::errc::operation_canceled) {
        machine_.endWith({421, "4.3.2", "Service is shutting down, try again later"});
        refused_ = machine_.lastReply();
        return Step::goOn;
    }
    if (error.code == std::errc::timed_out) {
        services_.log.info(brokenLine("timeout", stage_, client_));
        machine_.timedOut();
        refused_ = machine_.lastReply();
        return Step::goOn;
    }
    services_.log.info(brokenLine("lost connection", stage_, client_));
    return Step::hangUp;
}

}  // namespace

Awaitable<void> serve(Services* services, std::shared_ptr<const Site> site, net::Connection connection) {
    Session session(*services, std::move(site), std::move(connection));
    co_await session.run();
}

}  // namespace postseal::receive
