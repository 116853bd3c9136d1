#include "smtp/server_session.hpp"

#include <algorithm>
#include <cstdlib>

namespace postseal::smtp {

namespace {

constexpr std::size_t flushAt = 16384;  // replies are batched up to this (RFC 2920 §3.2)

}  // namespace

Reply queuedAs(const record::QueueId& id) {
    return {250, "2.0.0", "Ok: queued as " + id.text()};
}

ServerAction ServerSession::start(base::Tick now, EarlyInput early) {
    const bool implicit = settings_->tls == ListenerTls::implicit;
    if (phase_ == Phase::ending) {
        if (implicit) output_.clear();  // no clear text where the client waits for a handshake
        return next(now);
    }
    if (implicit)
        phase_ = Phase::handshake;
    else if (early == EarlyInput::seen)
        endRefusing({554, "", settings_->hostname.text() + " You spoke before the greeting"});
    else
        say({220, "", settings_->hostname.text() + " ESMTP Postseal"});
    return next(now);
}

ServerAction ServerSession::next(base::Tick now) {
    if (reading_) {
        waited_ += now - readBegan_;
        text_.waited += now - readBegan_;
    }
    reading_ = false;
    deadline_ = base::Tick::max();
    if (writing_) {
        writing_ = false;
        output_.clear();
        waited_ = {};
        if (phase_ == Phase::ending) return action::Close{};
    }
    while (true) {
        if (output_.size() >= flushAt) return write(now);
        if (auto action = advance(now)) return std::move(*action);
    }
}

// One step; nullopt: there is another.
std::optional<ServerAction> ServerSession::advance(base::Tick now) {
    switch (phase_) {
    case Phase::command: return takeCommand(now);
    case Phase::text: return takeText(now);
    case Phase::chunk: return takeChunk(now);
    case Phase::handshake:
        if (!output_.empty()) return write(now);
        deadline_ = now + settings_->deadlines.handshake;
        return action::StartTls{};
    case Phase::ending:
        if (!output_.empty()) return write(now);
        return action::Close{};
    case Phase::decideSender:
    case Phase::decideRecipient:
    case Phase::store: break;
    }
    std::abort();  // the driver called next() without the event that it owes
}

// An idle session keeps nothing but its state (and what of a line has come), nor does one whose text drips.
ServerAction ServerSession::read(base::Tick now) {
    input_.erase(0, taken_);
    taken_ = 0;
    if (phase_ == Phase::command || lastRead_ < input_.capacity() / 8) input_.shrink_to_fit();
    if (phase_ == Phase::command) output_.shrink_to_fit();
    reading_ = true;
    readBegan_ = now;
    deadline_ = now + patience();
    return action::Read{};
}

ServerAction ServerSession::write(base::Tick now) {
    writing_ = true;
    const auto& deadlines = settings_->deadlines;
    deadline_ = now + (phase_ == Phase::ending ? deadlines.goodbye : deadlines.write);
    return action::Write{output_};
}

// How long to wait for the client's next octets. What it has taken since our reply counts, so that an octet a
// second holds no session (rule 48); what we ourselves took to store the text does not. Commands between
// chunks are part of the text's time.
std::chrono::nanoseconds ServerSession::patience() const {
    const auto& deadlines = settings_->deadlines;
    const std::chrono::nanoseconds block = deadlines.dataBlock;
    const auto own = phase_ == Phase::command ? deadlines.command - waited_ : block;
    if (deadlines.leastDataRate == 0 || (phase_ == Phase::command && !text_.chunking)) return own;
    const std::chrono::seconds earned(text_.bytes / deadlines.leastDataRate);
    return std::min(own, block + earned - text_.waited);
}

void ServerSession::received(std::string_view bytes) {
    lastRead_ = bytes.size();
    input_ += bytes;
}

void ServerSession::tlsStarted(record::TlsFacts facts) {
    // All that the client said in clear text is forgotten, its name included: an attacker on the path may
    // have said it (RFC 3207 §4.2, CVE-2011-0411, rule 42).
    input_.clear();
    taken_ = scanned_ = 0;
    skippingLine_ = false;
    clientName_.clear();
    helo_ = Helo::none;
    forgetTransaction();
    waited_ = {};
    tls_ = std::move(facts);
    phase_ = Phase::command;
    if (settings_->tls == ListenerTls::implicit)
        say({220, "", settings_->hostname.text() + " ESMTP Postseal"});
}

void ServerSession::decided(base::Result<void, Reply> verdict) {
    const bool aboutSender = phase_ == Phase::decideSender;
    phase_ = Phase::command;
    if (aboutSender) {
        transaction_.isOpen = verdict.has_value();
        if (!transaction_.isOpen) forgetTransaction();
        return tell(verdict ? Reply{250, "2.1.0", "Ok"} : std::move(verdict.error()));
    }
    if (verdict)
        transaction_.envelope.recipients.push_back(std::move(*transaction_.candidate));
    else
        transaction_.recipientsRefused = true;
    transaction_.candidate.reset();
    tell(verdict ? Reply{250, "2.1.5", "Ok"} : std::move(verdict.error()));
}

void ServerSession::stored(const base::Result<record::QueueId, Reply>& result) {
    forgetTransaction();
    phase_ = Phase::command;
    if (!result) return tell(result.error());
    commands_ = errors_ = 0;
    say(queuedAs(*result));
}

void ServerSession::timedOut() {
    endWith({421, "4.4.2", settings_->hostname.text() + " Timeout, closing the connection"});
}

void ServerSession::endWith(const Reply& last) {
    // A reply in the middle of another, or of a handshake, would tell nobody anything.
    if (phase_ == Phase::handshake || writing_)
        phase_ = Phase::ending;
    else
        end(last);
}

Parameters ServerSession::parameters() const {
    if (helo_ != Helo::ehlo) return Parameters::refused;
    return dsn_ == Dsn::offered ? Parameters::taken : Parameters::withoutDsn;
}

std::string_view ServerSession::protocol() const {
    if (helo_ != Helo::ehlo) return "SMTP";
    if (transaction_.envelope.smtpUtf8) return tls_ ? "UTF8SMTPS" : "UTF8SMTP";
    return tls_ ? "ESMTPS" : "ESMTP";
}

// Our own word. A refusal is noted for the driver, who knows nothing of it.
void ServerSession::say(const Reply& reply) {
    if (!reply.isPositive()) refusals_.push_back({stage_, reply});
    tell(reply);
}

// What the driver decided, or was told of by a Discard.
void ServerSession::tell(const Reply& verdict) {
    if (verdict.code >= 500 && ++errors_ > settings_->limits.errors)
        return endRefusing(
            {421, "4.7.0", settings_->hostname.text() + " Too many errors, closing the connection"});
    repeat(verdict);
}

// Says again what is no new error.
void ServerSession::repeat(const Reply& reply) {
    commandCounts_.answered(reply);
    output_ += toText(reply);
    lastReply_ = reply;
}

void ServerSession::endRefusing(const Reply& last) {
    refusals_.push_back({stage_, last});
    end(last);
}

void ServerSession::end(Reply last) {
    commandCounts_.answered(last);
    output_ += toText(last);
    lastReply_ = std::move(last);
    phase_ = Phase::ending;
    input_.clear();
    taken_ = scanned_ = 0;
}

void ServerSession::forgetTransaction() {
    transaction_ = {};
    text_ = Text(settings_->limits.textLine);
}

}  // namespace postseal::smtp
