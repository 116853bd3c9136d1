#include "smtp/client_session.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <utility>

namespace postseal::smtp {
namespace {

using namespace client_action;
using Kind = SessionFailure::Kind;
using Then = SessionFailure::Then;
using record::Why;

constexpr std::size_t idleCapacity = 16384;  // what a session keeps of its buffer between transactions
// For the end of a peer that has refused the text before its end.
constexpr std::chrono::seconds interruptionTime{10};

}  // namespace

ClientSession::ClientSession(std::shared_ptr<const ClientSettings> settings,
                             const record::Requirement& requirement, TlsAttempt attempt, Dialect dialect)
    : settings_(std::move(settings)), dialect_(dialect), mayClear_(record::permitsCleartext(requirement)),
      // Rule 45: a demand is never tried in clear, whatever the caller thinks of the host.
      wantsTls_(!mayClear_ ||
                (record::classOf(requirement) == record::LevelClass::may && attempt == TlsAttempt::first)) {}

ClientAction ClientSession::start(base::Tick now) {
    replyBegan_ = now;
    return next(now);
}

ClientAction ClientSession::next(base::Tick now) {
    now_ = now;
    deadline_ = base::Tick::max();
    if (std::exchange(writing_, false)) {
        out_.clear();
        replyBegan_ = now;
        peeked_ = false;
    }

    std::string_view input = pending_;
    while (repliesDue_ != 0 && state_ != State::closed) {
        auto reply = reader_.take(input);
        if (!reply) {
            failUnasked(reply.error());
            break;
        }
        if (!*reply) {
            pending_.clear();
            input = {};
            if (mayGoOn()) break;
            return read();
        }
        --repliesDue_;
        replyBegan_ = now;
        peeked_ = false;
        lastReply_ = std::move(**reply);
        heard(lastReply_);
    }
    if (state_ == State::quitting) {
        state_ = State::closed;
        return say("QUIT");
    }
    if (state_ == State::closed) return Close{};

    // Rule 50: before we say more, or believe the last reply, the peer must have nothing more to say.
    pending_.erase(0, pending_.size() - input.size());
    if (!std::exchange(peeked_, true)) return Peek{};
    if (!pending_.empty()) return takeUnasked();
    return speak();
}

/// No reply is due. A refusal in the midst of the text is out of step, but to believe it loses nothing, if
/// the peer leaves it at that: we say no more, and wait for its end.
ClientAction ClientSession::takeUnasked() {
    // RFC 5321 §3.8: 421 may come at any time, and takes nothing back. In place of a handshake anyone says
    // it.
    if (pending_.starts_with("421") && state_ != State::handshake) {
        if (state_ == State::settling) settle();
        repliesDue_ = 1;
        return next(now_);
    }
    const bool mayBeRefusal = state_ == State::body && (pending_.front() == '4' || pending_.front() == '5');
    if (mayBeRefusal) {
        state_ = State::interrupted;
        repliesDue_ = 1;
        return next(now_);
    }
    if (state_ == State::interrupted && text_.refusal)
        failUnasked("more octets behind \"" + toText(*text_.refusal) + "\", before the end of the text");
    else
        failUnasked("octets that no command asked for: \"" + base::escaped(pending_, 80) + "\"");
    return Close{};
}

ClientAction ClientSession::read() {
    const auto& limits = settings_->deadlines;
    auto limit = limits.command;
    if (state_ == State::greeting) limit = limits.greeting;
    if (state_ == State::dataEnd) limit = limits.dataEnd;
    if (state_ == State::interrupted) limit = std::min(limits.command, interruptionTime);
    if (state_ == State::envelope && stepAt(transaction_.answered) == Step::data) limit = limits.dataInit;
    deadline_ = replyBegan_ + limit;
    if (state_ == State::envelope) deadline_ = std::min(deadline_, transaction_.began + limits.envelope);
    if (state_ == State::body) deadline_ = std::min(deadline_, text_.began + limits.command + slowest());
    return Read{};
}

ClientAction ClientSession::write() {
    return write(out_);
}

ClientAction ClientSession::write(std::string_view bytes) {
    writing_ = true;
    if (deadline_ == base::Tick::max()) deadline_ = now_ + settings_->deadlines.command;
    return Write{bytes};
}

ClientAction ClientSession::say(std::string_view command) {
    out_ = command;
    out_ += "\r\n";
    return write();
}

ClientAction ClientSession::speak() {
    switch (state_) {
    case State::hello:
        repliesDue_ = 1;
        return say((dialect_ == Dialect::lmtp ? "LHLO " : "EHLO ") + settings_->heloName);
    case State::helo: repliesDue_ = 1; return say("HELO " + settings_->heloName);
    case State::startTls: repliesDue_ = 1; return say("STARTTLS");
    case State::handshake: deadline_ = now_ + settings_->deadlines.handshake; return StartTls{};
    case State::envelope: return speakEnvelope();
    case State::body: return speakBody();
    case State::interrupted: return read();
    case State::settling: settle(); return Ready{};
    case State::greeting:
    case State::dataEnd:  // both only wait for a reply
    case State::ready: return Ready{};
    case State::quitting:
    case State::closed: break;
    }
    return Close{};
}

void ClientSession::received(std::string_view bytes) {
    if (state_ != State::closed) pending_ += bytes;
}

void ClientSession::tlsStarted(const TlsVerdict& verdict) {
    // RFC 3207 §4.2: what was said in clear, an attacker can have said.
    inTls_ = true;
    tlsTrouble_.clear();
    offered_ = {};
    extended_ = false;
    reader_ = {};
    pending_.clear();
    peeked_ = false;
    state_ = State::hello;
    if (!verdict.met) refuseTls(Kind::tlsUnmet, verdict.why, verdict.reason);
}

void ClientSession::tlsFailed(std::string_view words) {
    fail({Kind::tlsFailed, mayClear_ ? Then::sameHostInClear : Then::nextHost, base::Phase::tls,
          Why::handshake, "4.7.5", "the TLS handshake failed: " + base::escaped(words)},
         Goodbye::none);
}

void ClientSession::quit() {
    if (state_ != State::closed) state_ = State::quitting;
}

void ClientSession::lost(std::string_view words) {
    if (state_ == State::interrupted && text_.refusal && !pending_.empty()) {
        takeUnasked();
        return;
    }
    if (const auto word = farewell()) return heard(*word);
    if (const auto refusal = refusalAtTheEnd()) return endAmidText(*refusal);
    gone("the connection was lost", words);
}

void ClientSession::timedOut() {
    if (state_ == State::interrupted && text_.refusal)
        return failUnasked("\"" + toText(*text_.refusal) + "\" before the end of the text");
    gone("timed out", {});
}

void ClientSession::abandon(std::string_view words) {
    if (state_ == State::settling) settle();  // the peer has the message: it must not get it twice
    fail({Kind::temporary, Then::nextHost, phase(), Why::stopped, "4.3.0", base::escaped(words)},
         Goodbye::none);
}

void ClientSession::gone(std::string_view how, std::string_view words) {
    if (state_ == State::handshake) return tlsFailed(words.empty() ? how : words);
    // The last reply was whole, and nothing came behind it.
    if (state_ == State::settling) settle();
    auto text =
        std::string(how) + (writing_ ? " before we had said all, in " : " while we waited for ") + awaited();
    if (!words.empty()) text += ": " + base::escaped(words);
    // A session of TLS that is dead behind its handshake is no TLS: some peers tell a failure only there.
    if (state_ == State::hello && inTls_ && mayClear_)
        return fail({Kind::tlsFailed, Then::sameHostInClear, base::Phase::tls, Why::handshake, "4.4.2", text},
                    Goodbye::none);
    const bool isTlsRefusal = state_ == State::startTls && mayClear_;
    fail({Kind::temporary, isTlsRefusal ? Then::sameHostInClear : Then::nextHost, phase(), Why::lost, "4.4.2",
          text},
         Goodbye::none);
}

void ClientSession::becomeReady(Left left) {
    left_ = left;
    state_ = State::ready;
    transaction_ = {};
    text_ = {};
    if (out_.capacity() > idleCapacity) std::string().swap(out_);
}

void ClientSession::fail(SessionFailure failure, Goodbye goodbye) {
    if (state_ == State::quitting || state_ == State::closed) {  // the reason is known, or there is none
        state_ = State::closed;
        return;
    }
    const bool isStale =
        state_ == State::envelope && transactions_ > 1 && transaction_.answered <= stepOfMail();
    if (isStale && (failure.kind == Kind::temporary || failure.kind == Kind::violation))
        failure.kind = Kind::stale;
    if (failure.kind == Kind::stale)
        failure.then = Then::sameHostAnew;
    else if (failure.then != Then::sameHostAnew && awaitsVerdict() && transaction_.accepted != 0)
        failure.then = Then::later;
    for (auto& outcome : outcomes_)
        if (outcome.source == RecipientResult::Source::none)
            outcome = {record::HopResult::deferred, RecipientResult::Source::ours, failure.why,
                       failure.status, failure.words};
    repliesDue_ = 0;
    pending_.clear();
    out_.clear();
    state_ = goodbye == Goodbye::quit ? State::quitting : State::closed;
    failure_ = std::move(failure);
}

/// Rule 50: what is out of step is not believed, and the session ends.
void ClientSession::failUnasked(std::string_view what) {
    fail({Kind::violation, Then::nextHost, phase(), Why::violation, "4.5.0",
          "protocol violation: " + std::string(what)},
         Goodbye::none);
}

void ClientSession::refuseTls(SessionFailure::Kind kind, Why why, std::string words) {
    constexpr record::Status notOffered = "4.7.4", notProven = "4.7.5";
    fail({kind, Then::nextHost, base::Phase::tls, why, kind == Kind::tlsRefused ? notOffered : notProven,
          std::move(words)},
         Goodbye::quit);
}

std::string ClientSession::awaited() const {
    switch (state_) {
    case State::greeting: return "the greeting";
    case State::hello: return inTls_ ? "the reply to EHLO within TLS" : "the reply to EHLO";
    case State::helo: return "the reply to HELO";
    case State::startTls: return "the reply to STARTTLS";
    case State::handshake: return "the TLS handshake";
    case State::envelope:
        switch (stepAt(transaction_.answered)) {
        case Step::rset: return "the reply to RSET";
        case Step::mail: return "the reply to MAIL";
        case Step::rcpt: return "the reply to RCPT";
        case Step::data: return "the reply to DATA";
        }
        break;
    case State::body: return writing_ ? "the text" : "the reply to a chunk of the text";
    case State::interrupted: return "the rest of a reply before the end of the text";
    case State::dataEnd:
    case State::settling: return "the reply to the text";
    case State::ready: return "our next message";
    case State::quitting:
    case State::closed: break;
    }
    return "the end";
}

base::Phase ClientSession::phase() const {
    switch (state_) {
    case State::greeting: return base::Phase::greeting;
    case State::startTls:
    case State::handshake: return base::Phase::tls;
    case State::body:
    case State::interrupted:
    case State::dataEnd:
    case State::settling: return base::Phase::data;
    case State::hello:
    case State::helo:
    case State::ready:
    case State::envelope:
    case State::quitting:
    case State::closed: break;
    }
    return base::Phase::command;
}

std::string_view ClientSession::protocol() const {
    if (dialect_ == Dialect::lmtp) return inTls_ ? "LMTPS" : "LMTP";
    if (!extended_) return "SMTP";
    return inTls_ ? "ESMTPS" : "ESMTP";
}

}  // namespace postseal::smtp
