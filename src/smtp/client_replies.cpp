// What a peer's reply means for the session: the other half of client_session.cpp, which says what to say
// next.
#include "smtp/client_session.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <utility>

namespace postseal::smtp {
namespace {

using Kind = SessionFailure::Kind;
using Then = SessionFailure::Then;
using record::Why;

/// RFC 5321 §4.2.4: it speaks of the command, not of the text.
bool saysUnknownCommand(const PeerReply& reply) {
    return reply.code >= 500 && reply.code <= 504 &&
           (reply.enhanced.empty() || reply.enhanced.starts_with("5.5."));
}

/// Whether one of its words is about TLS.
bool namesTls(std::string_view text) {
    const auto lower = base::toLower(text);
    for (std::size_t at = 0; at < lower.size();) {
        const auto end =
            std::find_if_not(lower.begin() + static_cast<std::ptrdiff_t>(at), lower.end(), base::isAlnum);
        const auto size = static_cast<std::size_t>(end - lower.begin()) - at;
        const auto word = std::string_view(lower).substr(at, size);
        if (word == "tls" || word == "ssl" || word == "starttls" || word.starts_with("encrypt")) return true;
        at += size + 1;
    }
    return false;
}

/// RFC 3207 §4: what is refused is the session, which is in clear text, and not the message. 530 has also
/// been said for a missing AUTH (RFC 4954 §6), and then names it.
bool demandsTls(const PeerReply& reply) {
    if (reply.code < 400) return false;
    const bool isNamed = namesTls(reply.text);
    if (reply.code == 530) return isNamed || base::toLower(reply.text).find("auth") == std::string::npos;
    if (reply.enhanced.ends_with(".7.10") || reply.enhanced.ends_with(".7.11")) return true;
    return isNamed && (reply.enhanced.empty() || reply.enhanced.find(".7.") == 1);
}

}  // namespace

void ClientSession::heard(const PeerReply& reply) {
    if (reply.code == 421) {  // RFC 5321 §3.8: at any time, and the peer closes
        const bool isTlsRefusal = state_ == State::startTls && mayClear_;
        return fail({Kind::temporary, isTlsRefusal ? Then::sameHostInClear : Then::nextHost, phase(),
                     Why::putOff, statusOf(reply).asTemporary(),
                     "the host ended the session: " + toText(reply)},
                    Goodbye::none);
    }
    if (reply.isIntermediate() && !(state_ == State::envelope && stepAt(transaction_.answered) == Step::data))
        return failUnasked("\"" + toText(reply) + "\" as " + awaited());
    switch (state_) {
    case State::greeting: return heardGreeting(reply);
    case State::hello:
    case State::helo: return heardHello(reply);
    case State::startTls: return heardStartTls(reply);
    case State::envelope: return heardStep(reply);
    case State::body: return heardChunk(reply);
    case State::interrupted: return heardInterruption(reply);
    case State::dataEnd: return text_.chunksDue != 0 ? heardChunk(reply) : heardDataEnd(reply);
    case State::handshake:
    case State::ready:
    case State::settling:
    case State::quitting:
    case State::closed: break;  // no reply is due
    }
}

void ClientSession::heardGreeting(const PeerReply& reply) {
    if (reply.isPositive()) {
        state_ = State::hello;
        return;
    }
    // As Postfix's smtp_skip_5xx_greeting: it speaks of the host, not of the message. Under a demand it came
    // in clear, from anyone.
    const bool isPermanent = reply.isPermanent() && mayClear_;
    fail({isPermanent ? Kind::permanent : Kind::temporary, Then::nextHost, phase(),
          isPermanent ? Why::refused : Why::putOff,
          isPermanent ? statusOf(reply) : statusOf(reply).asTemporary(),
          "the host refused to talk to us: " + toText(reply)},
         Goodbye::quit);
}

void ClientSession::heardHello(const PeerReply& reply) {
    const bool knowsNoEhlo = state_ == State::hello && reply.isPermanent() && dialect_ == Dialect::smtp;
    if (knowsNoEhlo && (inTls_ || mayClear_)) {
        state_ = State::helo;
        return;
    }
    if (knowsNoEhlo)
        return refuseTls(Kind::tlsRefused, Why::startTlsMissing,
                         "TLS is required, but the host refused EHLO: " + toText(reply));
    if (!reply.isPositive()) {
        const bool isPermanent = reply.isPermanent() && (inTls_ || mayClear_);
        return fail({isPermanent ? Kind::permanent : Kind::temporary, Then::nextHost, phase(),
                     isPermanent ? Why::refused : Why::putOff,
                     isPermanent ? statusOf(reply) : statusOf(reply).asTemporary(),
                     "the host refused our name: " + toText(reply)},
                    Goodbye::quit);
    }

    extended_ = state_ == State::hello;
    offered_ = {};
    if (extended_)
        for (auto line = reply.text.find('\n'); line != std::string::npos;) {
            const auto end = reply.text.find('\n', line + 1);
            addLine(offered_, std::string_view(reply.text).substr(line + 1, end - line - 1));
            line = end;
        }

    state_ = State::ready;
    if (inTls_ || !wantsTls_) return;
    if (offered_.startTls) {
        state_ = State::startTls;
        return;
    }
    if (!mayClear_)
        return refuseTls(Kind::tlsRefused, Why::startTlsMissing,
                         "TLS is required, but the host does not offer it");
    tlsTrouble_ = "it does not offer STARTTLS";
}

void ClientSession::heardStartTls(const PeerReply& reply) {
    if (reply.code == 220) {
        state_ = State::handshake;
        return;
    }
    if (reply.isPositive()) return failUnasked("\"" + toText(reply) + "\" as " + awaited());
    // Rule 51: anyone on the path can say so in clear. Without a demand we go on, as Postfix does.
    if (!mayClear_)
        return refuseTls(Kind::tlsRefused, Why::startTlsRefused,
                         "TLS is required, but the host refused to start it: " + toText(reply));
    tlsTrouble_ = "it refused STARTTLS: " + toText(reply);
    state_ = State::ready;
}

void ClientSession::heardStep(const PeerReply& reply) {
    const auto index = transaction_.answered++;
    switch (stepAt(index)) {
    case Step::rset: return;  // if it was refused, MAIL will be too
    case Step::mail: return heardMail(reply);
    case Step::rcpt: {
        auto& outcome = outcomes_[index - stepOfMail() - 1];
        if (outcome.source != RecipientResult::Source::none) return;  // MAIL was refused
        if (reply.isPositive())
            ++transaction_.accepted;
        else
            decide(outcome, reply);
        return;
    }
    case Step::data: return heardData(reply);
    }
}

void ClientSession::heardMail(const PeerReply& reply) {
    transaction_.mailAccepted = reply.isPositive();
    if (transaction_.mailAccepted) return;
    // RFC 5321 §4.5.4.1: it may be the connection that has had enough, so a new one is asked before all is
    // put off; as Postfix does.
    if (reply.isTemporary() && transactions_ > 1)
        return fail({Kind::stale, Then::sameHostAnew, phase(), Why::putOff, statusOf(reply), toText(reply)},
                    Goodbye::quit);
    decideRest(reply);
}

void ClientSession::heardData(const PeerReply& reply) {
    transaction_.dataAccepted = reply.code == 354;
    if (transaction_.dataAccepted && transaction_.accepted == 0 && dialect_ == Dialect::lmtp)
        return failUnasked("\"" + toText(reply) + "\" without a recipient (RFC 2033 §4.2)");
    if (reply.isPositive() || (reply.isIntermediate() && !transaction_.dataAccepted))
        return failUnasked("\"" + toText(reply) + "\" as the reply to DATA");
    if (!transaction_.dataAccepted) decideRest(reply);
}

/// RFC 3030 §2: a chunk that is refused fails the text; what was sent behind it is refused as well.
void ClientSession::heardChunk(const PeerReply& reply) {
    --text_.chunksDue;
    if (!text_.refusal && saysUnknownCommand(reply)) return refuseBdat(reply);
    if (!reply.isPositive() && !text_.refusal) text_.refusal = reply;
    if (text_.refusal && repliesDue_ == 0) endRefused();
}

void ClientSession::heardDataEnd(const PeerReply& reply) {
    if (text_.refusal && reply.isPositive())
        return failUnasked("\"" + toText(reply) + "\" to a text of which a chunk was refused");
    const bool isOfBdat = transaction_.usesChunks && !text_.refusal && text_.endReplies.empty();
    if (isOfBdat && saysUnknownCommand(reply)) return refuseBdat(reply);
    text_.endReplies.push_back(reply);
    if (repliesDue_ != 0) return;
    if (text_.refusal) return endRefused();
    state_ = State::settling;
}

void ClientSession::heardInterruption(const PeerReply& reply) {
    if (reply.isPositive()) return failUnasked("\"" + toText(reply) + "\" before the end of the text");
    text_.refusal = reply;
}

/// A host that offers CHUNKING, but doesn't know BDAT, says nothing of the message. It may take the chunks
/// for commands and answer each line, so nothing further is believed on this connection.
void ClientSession::refuseBdat(const PeerReply& reply) {
    bdatUnknown_ = true;
    fail({Kind::temporary, Then::sameHostAnew, phase(), Why::noBdat, statusOf(reply).asTemporary(),
          toText(reply) + " (to BDAT, though the host offers CHUNKING)"},
         repliesDue_ == 0 ? Goodbye::quit : Goodbye::none);
}

void ClientSession::endRefused() {
    decideRest(*text_.refusal);
    becomeReady(Left::open);
}

/// What a peer that has just ended the connection had said of the text before its end: a refusal, and nothing
/// behind it but the replies to later chunks. Never a success (rule 50).
std::optional<PeerReply> ClientSession::refusalAtTheEnd() {
    if (state_ == State::interrupted) return text_.refusal;
    const bool isAmidText = state_ == State::body || (state_ == State::dataEnd && writing_);
    if (!isAmidText || text_.refusal) return std::nullopt;
    std::string_view input = pending_;
    for (auto due = transaction_.usesChunks ? repliesDue_ : 1; due != 0; --due) {
        auto reply = reader_.take(input);
        if (!reply || !*reply) break;
        if ((*reply)->isPositive() || (*reply)->isIntermediate()) continue;
        if (transaction_.usesChunks || input.empty()) return std::move(*reply);
    }
    return std::nullopt;
}

void ClientSession::endAmidText(const PeerReply& refusal) {
    if (transaction_.usesChunks && saysUnknownCommand(refusal)) return refuseBdat(refusal);
    decideRest(refusal);
    fail({Kind::temporary, Then::nextHost, phase(), Why::lost, statusOf(refusal).asTemporary(),
          "the host refused the text before its end, and ended the session: " + toText(refusal)},
         Goodbye::none);
}

/// RFC 5321 §3.8: what a peer may say at any time before it ends the connection.
std::optional<PeerReply> ClientSession::farewell() const {
    auto reader = reader_;
    std::string_view input = pending_;
    while (true) {
        auto reply = reader.take(input);
        if (!reply || !*reply) return std::nullopt;
        if ((*reply)->code == 421) return std::move(*reply);
    }
}

void ClientSession::decide(RecipientResult& outcome, const PeerReply& reply) {
    using enum record::HopResult;
    const bool isEnvelope = state_ == State::envelope;
    // RFC 5321 §4.5.3.1.10: at RCPT 552 has been said for "too many recipients", which is 452.
    const bool isTooMany = reply.code == 552 && isEnvelope && stepAt(transaction_.answered - 1) == Step::rcpt;
    const bool isTlsMissing = isEnvelope && !inTls_ && demandsTls(reply);
    const bool isTemporary = isTooMany || isTlsMissing;
    outcome.source = RecipientResult::Source::peer;
    outcome.status = isTemporary ? statusOf(reply).asTemporary() : statusOf(reply);
    outcome.words = toText(reply);
    outcome.result = reply.isPositive()                    ? delivered
                     : reply.isPermanent() && !isTemporary ? bounced
                                                           : deferred;
    outcome.why = reply.isPositive()          ? Why::none
                  : isTlsMissing              ? Why::demandsTls
                  : outcome.result == bounced ? Why::refused
                                              : Why::putOff;
}

void ClientSession::decideRest(const PeerReply& reply) {
    for (auto& outcome : outcomes_)
        if (outcome.source == RecipientResult::Source::none) decide(outcome, reply);
}

void ClientSession::settle() {
    if (dialect_ == Dialect::smtp)
        decideRest(text_.endReplies.back());
    else {
        auto reply = text_.endReplies.begin();
        for (auto& outcome : outcomes_)
            if (outcome.source == RecipientResult::Source::none) decide(outcome, *reply++);
    }
    becomeReady(Left::closed);
}

}  // namespace postseal::smtp
