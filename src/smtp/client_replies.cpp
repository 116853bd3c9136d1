// What a peer's reply means for the session: the other half of client_session.cpp, which says what to say
// next.
#include "smtp/client_session.hpp"

#include <algorithm>
#include <utility>

namespace postseal::smtp {
namespace {

using Kind = SessionFailure::Kind;
using Then = SessionFailure::Then;

/// A permanent status as a temporary one: the refusal is not believed for good.
std::string temporarily(std::string status) {
    if (status.starts_with('5')) status.front() = '4';
    return status;
}

/// RFC 5321 §4.2.4: it speaks of the command, not of the text.
bool saysUnknownCommand(const PeerReply& reply) {
    return reply.code >= 500 && reply.code <= 504 &&
           (reply.enhanced.empty() || reply.enhanced.starts_with("5.5."));
}

}  // namespace

void ClientSession::heard(const PeerReply& reply) {
    if (reply.code == 421) {  // RFC 5321 §3.8: at any time, and the peer closes
        const bool isTlsRefusal = state_ == State::startTls && mayClear_;
        return fail({Kind::temporary, isTlsRefusal ? Then::sameHostInClear : Then::nextHost, phase(),
                     temporarily(statusOf(reply)), "the host ended the session: " + toText(reply)},
                    Goodbye::none);
    }
    if (reply.isIntermediate() && !(state_ == State::envelope && stepAt(answered_) == Step::data))
        return failUnasked("\"" + toText(reply) + "\" as " + awaited());
    switch (state_) {
    case State::greeting: return heardGreeting(reply);
    case State::hello:
    case State::helo: return heardHello(reply);
    case State::startTls: return heardStartTls(reply);
    case State::envelope: return heardStep(reply);
    case State::body: return heardChunk(reply);
    case State::dataEnd: return chunksDue_ != 0 ? heardChunk(reply) : heardDataEnd(reply);
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
          isPermanent ? statusOf(reply) : temporarily(statusOf(reply)),
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
        return refuseTls("TLS is required, but the host refused EHLO: " + toText(reply), Kind::tlsRefused);
    if (!reply.isPositive()) {
        const bool isPermanent = reply.isPermanent() && (inTls_ || mayClear_);
        return fail({isPermanent ? Kind::permanent : Kind::temporary, Then::nextHost, phase(),
                     isPermanent ? statusOf(reply) : temporarily(statusOf(reply)),
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
    if (offered_.startTls)
        state_ = State::startTls;
    else if (!mayClear_)
        refuseTls("TLS is required, but the host does not offer it", Kind::tlsRefused);
}

void ClientSession::heardStartTls(const PeerReply& reply) {
    if (reply.code == 220) {
        state_ = State::handshake;
        return;
    }
    if (reply.isPositive()) return failUnasked("\"" + toText(reply) + "\" as " + awaited());
    // Rule 51: anyone on the path can say so in clear. Without a demand we go on, as Postfix does.
    if (!mayClear_)
        return refuseTls("TLS is required, but the host refused to start it: " + toText(reply),
                         Kind::tlsRefused);
    state_ = State::ready;
}

void ClientSession::heardStep(const PeerReply& reply) {
    const auto index = answered_++;
    switch (stepAt(index)) {
    case Step::rset: return;  // if it was refused, MAIL will be too
    case Step::mail:
        mailAccepted_ = reply.isPositive();
        if (!mailAccepted_) decideRest(reply);
        return;
    case Step::rcpt: {
        auto& outcome = outcomes_[index - (resetFirst_ ? 2 : 1)];
        if (outcome.source != RecipientResult::Source::none) return;  // MAIL was refused
        if (reply.isPositive())
            ++accepted_;
        else
            decide(outcome, reply);
        return;
    }
    case Step::data:
        dataAccepted_ = reply.code == 354;
        if (dataAccepted_ && accepted_ == 0 && dialect_ == Dialect::lmtp)
            return failUnasked("\"" + toText(reply) + "\" without a recipient (RFC 2033 §4.2)");
        if (reply.isPositive() || (reply.isIntermediate() && !dataAccepted_))
            return failUnasked("\"" + toText(reply) + "\" as the reply to DATA");
        if (!dataAccepted_) decideRest(reply);
        return;
    }
}

/// RFC 3030 §2: a chunk that is refused fails the text; what was sent behind it is refused as well.
void ClientSession::heardChunk(const PeerReply& reply) {
    --chunksDue_;
    if (!reply.isPositive() && !refusal_) refusal_ = reply;
    if (refusal_ && repliesDue_ == 0) endRefused();
}

void ClientSession::heardDataEnd(const PeerReply& reply) {
    if (refusal_ && reply.isPositive())
        return failUnasked("\"" + toText(reply) + "\" to a text of which a chunk was refused");
    dataEndReplies_.push_back(reply);
    if (repliesDue_ != 0) return;
    if (refusal_) return endRefused();
    state_ = State::settling;
}

void ClientSession::endRefused() {
    decideRest(*refusal_);
    becomeReady(Transaction::open);
}

void ClientSession::decide(RecipientResult& outcome, const PeerReply& reply) {
    using enum record::HopResult;
    // RFC 5321 §4.5.3.1.10: at RCPT 552 has been said for "too many recipients", which is 452.
    const bool isTooMany =
        reply.code == 552 && state_ == State::envelope && stepAt(answered_ - 1) == Step::rcpt;
    // A host that offers CHUNKING, but doesn't know BDAT, says nothing of the message.
    const bool knowsNoBdat = usesChunks_ && state_ != State::envelope && saysUnknownCommand(reply);
    const bool isTemporary = isTooMany || knowsNoBdat;
    outcome.source = RecipientResult::Source::peer;
    outcome.status = isTemporary ? temporarily(statusOf(reply)) : statusOf(reply);
    outcome.words = toText(reply);
    if (knowsNoBdat) outcome.words += " (to BDAT, though the host offers CHUNKING)";
    outcome.result = reply.isPositive()                    ? delivered
                     : reply.isPermanent() && !isTemporary ? bounced
                                                           : deferred;
}

void ClientSession::decideRest(const PeerReply& reply) {
    for (auto& outcome : outcomes_)
        if (outcome.source == RecipientResult::Source::none) decide(outcome, reply);
}

void ClientSession::settle() {
    if (dialect_ == Dialect::smtp)
        decideRest(dataEndReplies_.back());
    else {
        auto reply = dataEndReplies_.begin();
        for (auto& outcome : outcomes_)
            if (outcome.source == RecipientResult::Source::none) decide(outcome, *reply++);
    }
    becomeReady(Transaction::closed);
}

}  // namespace postseal::smtp
