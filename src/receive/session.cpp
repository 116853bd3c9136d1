#include "receive/session.hpp"

#include "ledger/write.hpp"
#include "receive/access.hpp"
#include "receive/incoming.hpp"
#include "receive/lines.hpp"
#include "store/batch.hpp"
#include "task/clock.hpp"
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

Reply turnedAway(Admission admission) {
    if (admission == Admission::tooManyFromClient)
        return {421, "4.7.0", "Error: too many connections from your address, try again later"};
    return {421, "4.7.0", "Error: too many connections, try again later"};
}

enum class Step { goOn, hangUp };

Awaitable<void> recordRefusal(ReceivingServices* services, record::HopRecord hop) {
    store::Batch batch;
    ledger::append(batch, hop);
    if (const auto done = co_await services->writer.commit(std::move(batch)); !done)
        services->log.warning(log::Line().text("a refusal was not recorded: " + base::toText(done.error())));
}

class Session {
public:
    Session(ReceivingServices& services, std::shared_ptr<const Site> site, net::Connection connection)
        : services_(services), site_(std::move(site)), connection_(std::move(connection)),
          machine_(site_->smtp), client_{{}, connection_.peer().address, connection_.peer().port},
          relaying_(relayingFor(client_.address, site_->settings->relayNetworks)) {}

    Awaitable<void> run();

private:
    Awaitable<void> play();
    smtp::EarlyInput earlyInput();
    std::optional<Reply> identityTrouble() const;
    Awaitable<Step> perform(action::Read);
    Awaitable<Step> perform(action::Write write);
    Awaitable<Step> perform(action::StartTls);
    Awaitable<Step> perform(action::DecideSender decide);
    Awaitable<Step> perform(action::DecideRecipient decide);
    Awaitable<Step> perform(action::Body body);
    Awaitable<Step> perform(action::Discard discard);
    Awaitable<Step> perform(action::Store);
    Awaitable<Step> perform(action::Close);

    Source source() const { return {client_, *site_, machine_, relaying_}; }
    void refuse(std::string_view stage, const Reply& reply, const std::string& recipient);
    Step broken(const base::Error& error);
    void handOverWhatIsQueued();

    ReceivingServices& services_;
    std::shared_ptr<const Site> site_;
    net::Connection connection_;
    smtp::ServerSession machine_;
    Client client_;
    Relaying relaying_;
    std::string_view stage_ = "CONNECT";  // for the log, where the connection breaks
    std::unique_ptr<Incoming> incoming_;  // from MAIL on
    bool turnedAway_ = false;
    Reply refused_;                     // what was last logged as refused
    std::vector<queue::Lease> queued_;  // committed; handed over once the 250 is out
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
        co_await connection_.startTls(site_->tls->newSession(task::timeNow()), net::TlsSide::server);
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
    incoming_.reset();
    const auto& settings = *site_->settings;
    auto trouble = identityTrouble();
    if (!trouble) trouble = storageTrouble(services_, settings);
    if (trouble) {
        refuse("MAIL", *trouble, {});
        machine_.decided(base::fail(*trouble));
        co_return Step::goOn;
    }
    incoming_ = std::make_unique<Incoming>(services_, settings.arrivalMemory);
    machine_.decided({});
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::DecideRecipient decide) {
    stage_ = "RCPT";
    const auto now = task::timeNow();
    auto decided =
        decideRecipient(decide.recipient, *site_->directory, {machine_.envelope().sender, relaying_}, now);
    const auto added = decided ? incoming_->add(std::move(*decided), now)
                               : base::Result<void, Reply>(base::fail(decided.error()));
    if (!added) refuse("RCPT", added.error(), decide.recipient.mailbox.toText());
    machine_.decided(added);
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Body body) {
    stage_ = machine_.isChunking() ? "BDAT" : "DATA";
    if (auto taken = co_await incoming_->append(body.bytes); !taken) {
        refuse("END-OF-MESSAGE", taken.error(), {});
        machine_.refuseText(std::move(taken.error()));
    }
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Discard discard) {
    stage_ = "END-OF-MESSAGE";
    if (discard.why) refuse(stage_, *discard.why, {});  // now, while it is known whose message it was
    if (incoming_) incoming_->dropText();
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Store) {
    stage_ = "END-OF-MESSAGE";
    auto stored = co_await incoming_->store(source());
    if (stored) {
        queued_ = std::move(stored->leases);
        machine_.stored(stored->id);
    } else {
        refuse("END-OF-MESSAGE", stored.error(), {});
        machine_.stored(base::fail(stored.error()));
    }
    incoming_.reset();
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Close) {
    if (machine_.lastReply().code == 221 || turnedAway_)
        connection_.close();  // who exceeds a limit holds no descriptor either
    else
        co_await connection_.closeGently();  // it may still be talking, and should read why we leave
    co_return Step::hangUp;
}

void Session::refuse(std::string_view stage, const Reply& reply, const std::string& recipient) {
    const auto& sender = machine_.envelope().sender;
    ++services_.counters.refusals;
    refused_ = reply;
    services_.log.info(
        rejectLine(incoming_ ? incoming_->id() : record::QueueId(), client_,
                   {stage, reply, sender, recipient, machine_.protocol(), machine_.clientName()}));
    if (!services_.refusals.take(connection_.now())) return;
    auto hop = hopRecord(source(), task::timeNow());
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

Awaitable<void> serve(ReceivingServices* services, std::shared_ptr<const Site> site,
                      net::Connection connection) {
    Session session(*services, std::move(site), std::move(connection));
    co_await session.run();
}

}  // namespace postseal::receive
