#include "receive/session.hpp"

#include "ledger/write.hpp"
#include "receive/gate.hpp"
#include "receive/incoming.hpp"
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

enum class Step { goOn, hangUp };

Client clientOf(const net::Connection& connection) {
    return {{}, connection.peer().address, connection.peer().port};
}

smtp::Dsn dsnFor(const Visit& visit) {
    switch (visit.site->settings->dsn) {
    case DsnFor::own: return visit.maySendAnywhere() ? smtp::Dsn::offered : smtp::Dsn::withheld;
    case DsnFor::all: return smtp::Dsn::offered;
    case DsnFor::none: break;
    }
    return smtp::Dsn::withheld;
}

Awaitable<void> recordRefusal(ReceivingServices* services, record::HopRecord hop) {
    store::Batch batch;
    ledger::append(batch, hop);
    if (const auto done = co_await services->writer.commit(std::move(batch)); !done)
        services->log.warning(log::Line().text("a refusal was not recorded: " + base::toText(done.error())));
}

class Session {
public:
    Session(ReceivingServices& services, std::shared_ptr<const Site> site, net::Connection connection)
        : services_(services), connection_(std::move(connection)),
          visit_{services, std::move(site), clientOf(connection_), machine_},
          machine_(visit_.site->smtp, dsnFor(visit_)) {}

    Awaitable<void> run();

private:
    Awaitable<void> play();
    smtp::EarlyInput earlyInput();
    Awaitable<Step> perform(action::Read);
    Awaitable<Step> perform(action::Write write);
    Awaitable<Step> perform(action::StartTls);
    Awaitable<Step> perform(action::DecideSender decide);
    Awaitable<Step> perform(action::DecideRecipient decide);
    Awaitable<Step> perform(action::Body body);
    Awaitable<Step> perform(action::Discard discard);
    Awaitable<Step> perform(action::Store);
    Awaitable<Step> perform(action::Close);

    void logRefusals();
    void refuse(const smtp::Refusal& refusal, const std::string& recipient = {});
    void refuse(const Reply& reply, const std::string& recipient = {}) {
        refuse({machine_.stage(), reply}, recipient);
    }
    Step broken(const base::Error& error);
    void handOverWhatIsQueued();

    ReceivingServices& services_;
    net::Connection connection_;
    Visit visit_;
    smtp::ServerSession machine_;
    std::unique_ptr<Incoming> incoming_;  // from MAIL on
    bool turnedAway_ = false;
    std::vector<queue::Lease> queued_;  // committed; handed over once the 250 is out
};

Awaitable<void> Session::run() {
    if (const auto passed = co_await passConnect(visit_); !passed) {
        turnedAway_ = true;
        refuse(passed.error());
        machine_.endWith(passed.error());
    } else {
        auto& client = visit_.client;
        if (visit_.site->settings->reverseLookup) client.name = co_await services_.names.find(client.address);
        services_.log.info(connectLine(client));
    }
    std::exception_ptr thrown;
    try {
        co_await play();
    } catch (...) {
        thrown = std::current_exception();
    }
    handOverWhatIsQueued();  // even then: what is claimed and in nobody's hands would lie until a restart
    if (thrown) std::rethrow_exception(thrown);  // to the log
    if (!turnedAway_) services_.log.info(disconnectLine(visit_.client, machine_.commandCounts()));
}

Awaitable<void> Session::play() {
    auto next = machine_.start(connection_.now(), earlyInput());
    while (true) {
        logRefusals();
        connection_.setDeadline(machine_.deadline());
        const auto step = co_await std::visit([this](auto& each) { return perform(std::move(each)); }, next);
        if (step == Step::hangUp) co_return;
        next = machine_.next(connection_.now());
    }
}

/// Whoever speaks before our greeting takes us for something else. In TLS the client's hello comes first.
smtp::EarlyInput Session::earlyInput() {
    if (visit_.site->smtp->tls == smtp::ListenerTls::implicit) return smtp::EarlyInput::none;
    const auto waiting = connection_.readNow();
    return waiting && *waiting && !(*waiting)->empty() ? smtp::EarlyInput::seen : smtp::EarlyInput::none;
}

Awaitable<Step> Session::perform(action::Read) {
    const auto bytes = co_await connection_.read();
    if (!bytes) co_return broken(bytes.error());
    if (bytes->empty()) {
        services_.log.info(brokenLine("lost connection", machine_.stage(), visit_.client));
        co_return Step::hangUp;
    }
    machine_.received(*bytes);
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Write write) {
    const auto written = co_await connection_.write(write.bytes);
    handOverWhatIsQueued();
    if (!written) co_return broken(written.error());
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::StartTls) {
    const bool needsProof = services_.policy->needsCertificates();
    auto tls = visit_.site->tls->newSession(task::timeNow(), needsProof ? tls::AskClient::always
                                                                        : tls::AskClient::asConfigured);
    visit_.wasAskedForCertificate = needsProof || visit_.site->asksForCertificate;
    const auto shaken = co_await connection_.startTls(std::move(tls), net::TlsSide::server);
    if (!shaken) {
        services_.log.info(tlsFailedLine(visit_.client, base::toText(shaken.error())));
        co_return Step::hangUp;
    }
    auto facts = tls::factsOf(connection_.tls(), tls::clientVerdict(connection_.tls()));
    services_.log.info(tlsLine(visit_.client, facts));
    visit_.tls = connection_.tls();
    machine_.tlsStarted(std::move(facts));
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::DecideSender) {
    incoming_.reset();
    auto passed = co_await passSender(visit_);
    if (passed)
        incoming_ = std::make_unique<Incoming>(visit_);
    else
        refuse(passed.error());
    machine_.decided(std::move(passed));
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::DecideRecipient decide) {
    auto found = co_await passRecipient(visit_, decide.recipient);
    const auto added = found ? incoming_->add(std::move(*found), *visit_.site->directory, task::timeNow())
                             : Passage(base::fail(std::move(found.error())));
    if (!added) refuse(added.error(), decide.recipient.mailbox.toText());
    machine_.decided(added);
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Body body) {
    if (const auto taken = co_await incoming_->append(body.bytes); !taken) {
        machine_.refuseText(taken.error());
        refuse(taken.error());
    }
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Discard discard) {
    if (discard.why) refuse(*discard.why);  // now, while it is known whose message it was
    if (incoming_) incoming_->dropText();
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Store) {
    auto stored = co_await incoming_->store(visit_);
    if (stored) {
        queued_ = std::move(stored->leases);
        machine_.stored(stored->id);
    } else {
        refuse(stored.error());
        machine_.stored(base::fail(stored.error()));
    }
    incoming_.reset();
    co_return Step::goOn;
}

Awaitable<Step> Session::perform(action::Close) {
    if (machine_.hasSaidGoodbye() || turnedAway_)
        connection_.close();  // who exceeds a limit holds no descriptor either
    else
        co_await connection_.closeGently();  // it may still be talking, and should read why we leave
    co_return Step::hangUp;
}

/// What the machine refused by itself.
void Session::logRefusals() {
    for (const auto& refusal : machine_.takeRefusals())
        refuse(refusal);
}

void Session::refuse(const smtp::Refusal& refusal, const std::string& recipient) {
    const auto& [stage, reply] = refusal;
    const auto& sender = machine_.envelope().sender;
    services_.log.info(
        rejectLine(incoming_ ? incoming_->id() : record::QueueId(), visit_.client,
                   {stage, reply, sender, recipient, machine_.protocol(), machine_.clientName()}));
    if (!services_.refusals.take(connection_.now())) return;
    auto hop = hopRecord(visit_, task::timeNow());
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
        return Step::goOn;
    }
    if (error.code == std::errc::timed_out) {
        services_.log.info(brokenLine("timeout", machine_.stage(), visit_.client));
        machine_.timedOut();
        return Step::goOn;
    }
    services_.log.info(brokenLine("lost connection", machine_.stage(), visit_.client));
    return Step::hangUp;
}

}  // namespace

Awaitable<void> serve(ReceivingServices* services, std::shared_ptr<const Site> site,
                      net::Connection connection) {
    Session session(*services, std::move(site), std::move(connection));
    co_await session.run();
}

}  // namespace postseal::receive
