#include "net/smtp_client.hpp"

#include "task/clock.hpp"
#include "tls/facts.hpp"

#include <boost/asio/cancellation_state.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace postseal::net {
namespace {

using namespace std::chrono_literals;
namespace action = smtp::client_action;

constexpr auto goodbyeTime = 2s;
constexpr auto lastAnswerTime = 20s;  // for the reply to a text that the peer has, when we are told to end
constexpr auto noBdatKept = 1h;       // a host that refuses BDAT may be mended
constexpr std::size_t mostNoBdat = 1000;

base::Tick now() {
    return std::chrono::steady_clock::now();
}

bool is(const base::Error& error, std::errc code) {
    return error.code == std::make_error_condition(code);
}

record::Peer peerOf(const DialTarget& target) {
    const auto* endpoint = std::get_if<Endpoint>(&target.at);
    if (endpoint == nullptr) return {.name = target.host, .address = {}, .port = 0};
    return {target.host, endpoint->address, endpoint->port};
}

/// mx.example.org[192.0.2.1]:25; a Unix socket's path.
std::string placeText(const DialTarget& target) {
    const auto* endpoint = std::get_if<Endpoint>(&target.at);
    if (endpoint == nullptr) return toText(target.at);
    return fmt::format("{}[{}]:{}", target.host, endpoint->address.toText(), endpoint->port);
}

}  // namespace

SmtpDialer::SmtpDialer(SmtpDialerSettings settings, std::shared_ptr<const tls::TrustStore> trust)
    : settings_(std::move(settings)), contexts_(settings_.identity), verifier_(std::move(trust)),
      sessions_(settings_.tlsSessions) {}

void SmtpDialer::replace(SmtpDialerSettings settings, std::shared_ptr<const tls::TrustStore> trust) {
    settings_ = std::move(settings);
    contexts_ = tls::ClientContexts(settings_.identity);
    verifier_ = tls::Verifier(std::move(trust));
    sessions_ = tls::SessionCache(settings_.tlsSessions);
    byData_.reset();
    ++generation_;
}

std::shared_ptr<const smtp::ClientSettings> SmtpDialer::settingsFor(const DialTarget& target) {
    const auto known = noBdat_.find(placeText(target));
    if (known == noBdat_.end() || now() >= known->second) return settings_.client;
    if (!byData_) {
        auto settings = *settings_.client;
        settings.chunking = false;
        byData_ = std::make_shared<const smtp::ClientSettings>(std::move(settings));
    }
    return byData_;
}

void SmtpDialer::rememberNoBdat(const DialTarget& target) {
    if (noBdat_.size() >= mostNoBdat) noBdat_.clear();
    noBdat_.insert_or_assign(placeText(target), now() + noBdatKept);
}

Awaitable<std::unique_ptr<SmtpClient>> SmtpDialer::dial(DialTarget target, smtp::TlsAttempt attempt) {
    auto client = std::make_unique<SmtpClient>(*this, target, attempt, tls::KeyExchange::all);
    co_await client->open();
    if (!client->wasBrokenOff()) co_return client;
    // Rule 46: before anything else is tried, clear text above all.
    client = std::make_unique<SmtpClient>(*this, std::move(target), attempt, tls::KeyExchange::classical);
    co_await client->open();
    co_return client;
}

SmtpClient::SmtpClient(SmtpDialer& dialer, DialTarget target, smtp::TlsAttempt attempt,
                       tls::KeyExchange keyExchange)
    : dialer_(dialer), generation_(dialer.generation_), keyExchange_(keyExchange), target_(std::move(target)),
      peer_(peerOf(target_)),
      session_(dialer.settingsFor(target_), target_.requirement, attempt, target_.dialect) {}

SmtpClient::~SmtpClient() {
    keepTlsSession();
}

const std::optional<smtp::SessionFailure>& SmtpClient::failure() const {
    return unreached_ ? unreached_ : session_.failure();
}

std::optional<record::Assurance> SmtpClient::assurance() const {
    if (facts_) return verdict_.assurance;
    if (!connection_ || handshakeFailed_) return std::nullopt;
    return record::Assurance::cleartext;
}

bool SmtpClient::wasBrokenOff() const {
    return brokenOff_ && keyExchange_ == tls::KeyExchange::all && target_.requirement.floors.groups.empty() &&
           tls::hasHybridGroups();
}

Awaitable<void> SmtpClient::open() {
    auto connection = co_await Connection::connect(
        {.to = target_.at, .deadline = now() + dialer_.settings_.connectTimeout});
    if (!connection) {
        const bool isSilent = is(connection.error(), std::errc::timed_out);
        unreached_ = smtp::SessionFailure{
            .phase = base::Phase::connect,
            .why = isSilent ? record::Why::noAnswer : record::Why::unreached,
            .status = "4.4.1",
            .words = fmt::format("connect to {}: {}", placeText(target_), connection.error().code.message())};
        co_return;
    }
    connection_.emplace(std::move(*connection));
    const auto first = session_.start(now());
    co_await play(first);
}

Awaitable<void> SmtpClient::transact(record::Envelope envelope, std::string prefix, BodySource& body) {
    ready_ = false;
    prefix_ = std::move(prefix);
    body_ = &body;
    session_.transact(std::move(envelope));
    const auto first = session_.next(now());
    co_await play(first);
    body_ = nullptr;
    if (session_.isBdatUnknown()) dialer_.rememberNoBdat(target_);
}

Awaitable<void> SmtpClient::quit() {
    if (!std::exchange(ready_, false)) co_return;
    latest_ = now() + goodbyeTime;
    session_.quit();
    const auto first = session_.next(now());
    co_await play(first);
}

/// Until the machine is ready for another transaction, or at its end.
Awaitable<void> SmtpClient::play(smtp::ClientAction next) {
    while (!ready_ && !std::holds_alternative<action::Close>(next)) {
        co_await std::visit([this](const auto& one) { return perform(one); }, next);
        if (!ready_) next = session_.next(now());
    }
    if (ready_) co_return;
    keepTlsSession();
    connection_->close();
}

Awaitable<void> SmtpClient::perform(action::Ready) {
    ready_ = true;
    connection_->setDeadline(base::Tick::max());
    co_return;
}

Awaitable<void> SmtpClient::perform(action::Close) {
    co_return;  // play() ends
}

void SmtpClient::arm() {
    connection_->setDeadline(std::min(session_.deadline(), latest_));
}

/// A wait has ended without what the machine asked for.
void SmtpClient::tell(const base::Error& error) {
    if (is(error, std::errc::timed_out))
        session_.timedOut();
    else if (is(error, std::errc::operation_canceled))
        session_.abandon("this server is shutting down");
    else
        lose(base::toText(error));
}

/// The same, whether it is seen before our hello leaves or behind it.
void SmtpClient::lose(std::string_view words) {
    if (session_.isInHandshake()) handshakeFailed_ = brokenOff_ = true;
    session_.lost(words);
}

Awaitable<void> SmtpClient::perform(action::Read) {
    arm();
    auto bytes = co_await connection_->read();
    if (!bytes && is(bytes.error(), std::errc::operation_canceled) && session_.awaitsVerdict()) {
        // The peer may have taken the message; not to hear it would be to deliver it twice.
        co_await task::asio::this_coro::reset_cancellation_state(task::asio::disable_cancellation());
        latest_ = std::min(latest_, now() + lastAnswerTime);
        arm();
        bytes = co_await connection_->read();
    }
    if (!bytes)
        tell(bytes.error());
    else if (bytes->empty())
        lose("the peer closed the connection");
    else
        session_.received(*bytes);
}

Awaitable<void> SmtpClient::perform(action::Peek) {
    const auto bytes = connection_->readNow();
    if (!bytes)
        tell(bytes.error());
    else if (*bytes && (*bytes)->empty())
        lose("the peer closed the connection");
    else if (*bytes)
        session_.received(**bytes);
    co_return;
}

Awaitable<void> SmtpClient::perform(action::Write write) {
    arm();
    const auto written = co_await connection_->write(write.bytes);
    if (written) co_return;
    takeWhatIsThere();
    tell(written.error());
}

/// Who closes the connection while we write may have said before why.
void SmtpClient::takeWhatIsThere() {
    const auto bytes = connection_->readNow();
    if (bytes && *bytes && !(*bytes)->empty()) session_.received(**bytes);
}

Awaitable<void> SmtpClient::perform(action::NeedBody) {
    if (!prefix_.empty()) {
        session_.body(prefix_, smtp::BodyPart::more);
        prefix_.clear();
        co_return;
    }
    const auto bytes = co_await body_->next();
    if (!bytes)
        session_.abandon("the message can't be read: " + base::toText(bytes.error()));
    else
        session_.body(*bytes, bytes->empty() ? smtp::BodyPart::last : smtp::BodyPart::more);
}

Awaitable<void> SmtpClient::perform(action::StartTls) {
    auto ssl = dialer_.contexts_.newSession(target_.requirement, target_.host, keyExchange_);
    if (!ssl) {
        handshakeFailed_ = true;
        session_.tlsFailed(base::toText(ssl.error()));
        co_return;
    }
    dialer_.sessions_.offer(tlsKey(), ssl->get(), task::timeNow());
    arm();
    const auto done = co_await connection_->startTls(std::move(*ssl), TlsSide::client);
    if (!done) {
        handshakeFailed_ = true;
        const auto& error = done.error();
        brokenOff_ = is(error, std::errc::timed_out) || is(error, std::errc::connection_reset) ||
                     is(error, std::errc::broken_pipe);
        if (is(error, std::errc::timed_out) || is(error, std::errc::operation_canceled))
            tell(error);
        else
            session_.tlsFailed(error.detail.empty() ? error.code.message() : error.detail);
        co_return;
    }
    verdict_ = dialer_.verifier_.judge(connection_->tls(), target_.requirement, task::timeNow());
    facts_ = tls::factsOf(connection_->tls(), verdict_);
    session_.tlsStarted({verdict_.met, verdict_.reason, verdict_.why});
}

std::string SmtpClient::tlsKey() const {
    // With the address: hosts behind one name need not know each other's tickets.
    return tls::sessionKey(placeText(target_), target_.requirement);
}

/// When the connection ends, since the tickets of TLS 1.3 come after the handshake.
void SmtpClient::keepTlsSession() {
    if (isOutdated()) return;
    if (facts_ && connection_ && connection_->tls() != nullptr)
        dialer_.sessions_.keep(tlsKey(), connection_->tls(), verdict_, task::timeNow());
}

}  // namespace postseal::net
