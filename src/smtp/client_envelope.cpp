// A transaction up to its text: whether the host can take the message at all, and what MAIL and RCPT say of
// it by the extensions that are offered.
#include "smtp/client_session.hpp"
#include "smtp/dsn_parameters.hpp"

#include <algorithm>
#include <utility>

namespace postseal::smtp {
namespace {

using namespace client_action;

// Commands in flight: less than any peer's receive buffer, so that never both sides wait to write
// (RFC 2920 §3.1).
constexpr std::size_t commandBlock = 16384;

/// RFC 6531 §3.1: the sender asked for it and the header needs it, or an address does.
bool needsUtf8(const record::Envelope& envelope) {
    const auto isPlain = [](const record::Recipient& one) { return one.mailbox.isAscii(); };
    return envelope.smtpUtf8 || (envelope.sender && !envelope.sender->isAscii()) ||
           !std::ranges::all_of(envelope.recipients, isPlain);
}

/// RFC 3461 §5.2.1 (d): what the sender named; where it named none but asks to be told, the address itself.
std::string originalOf(const record::Recipient& recipient) {
    if (!recipient.original.empty() || !recipient.notify.isAsked) return recipient.original;
    return (recipient.mailbox.isAscii() ? "rfc822;" : "utf-8;") + recipient.mailbox.toText();
}

}  // namespace

void ClientSession::transact(record::Envelope envelope) {
    ++transactions_;
    outcomes_.assign(envelope.recipients.size(), {});
    if (const auto unfit = unfitFor(envelope)) {
        std::ranges::fill(outcomes_, *unfit);
        return;
    }
    envelope_ = std::move(envelope);
    sent_ = answered_ = accepted_ = 0;
    mailAccepted_ = dataAccepted_ = bodyEnded_ = false;
    usesChunks_ = offered_.chunking && settings_->chunking;
    encoder_ = DataEncoder(usesChunks_ ? DataEncoder::Framing::counted : DataEncoder::Framing::dot);
    textBytes_ = 0;
    chunksDue_ = 0;
    refusal_.reset();
    dataEndReplies_.clear();
    peeked_ = false;
    state_ = State::envelope;
}

std::optional<RecipientResult> ClientSession::unfitFor(const record::Envelope& envelope) const {
    const auto unfit = [](const char* status, std::string words) {
        return RecipientResult{record::HopResult::bounced, RecipientResult::Source::ours, status,
                               std::move(words)};
    };
    // Before all else: of what must be protected a host without it learns nothing (rule 29).
    if (envelope.requireTls == record::RequireTls::must && !takesRequireTls())
        return unfit(requireTlsMissing,
                     "the message must go on with REQUIRETLS, and the host does not offer it");
    const auto mostBytes = offered_.size.value_or(0);
    if (mostBytes != 0 && envelope.declaredBytes.value_or(0) > mostBytes)  // RFC 1870 §6.1
        return unfit("5.3.4", "the message has " + std::to_string(*envelope.declaredBytes) +
                                  " octets, the host takes " + std::to_string(mostBytes));
    if (needsUtf8(envelope) && !offered_.smtpUtf8)  // RFC 6531 §3.2
        return unfit("5.6.7", "an address or the header of the message is not ASCII, and the host does not "
                              "offer SMTPUTF8");
    if (envelope.body == record::BodyType::eightBitMime && !offered_.eightBitMime &&
        settings_->eightBit == EightBitText::refuse)
        return unfit("5.6.3", "the message has 8-bit text, and the host does not offer 8BITMIME");
    return std::nullopt;
}

std::size_t ClientSession::steps() const {
    const std::size_t others = (resetFirst_ ? 1 : 0) + 1 + (usesChunks_ ? 0 : 1);  // RSET, MAIL, DATA
    return envelope_.recipients.size() + others;
}

ClientSession::Step ClientSession::stepAt(std::size_t index) const {
    if (resetFirst_ && index-- == 0) return Step::rset;
    if (index == 0) return Step::mail;
    return index <= envelope_.recipients.size() ? Step::rcpt : Step::data;
}

void ClientSession::appendStep(std::size_t index) {
    switch (stepAt(index)) {
    case Step::rset: out_ += "RSET"; break;
    case Step::mail: appendMail(); break;
    case Step::rcpt: {
        const auto& recipient = envelope_.recipients[index - (resetFirst_ ? 2 : 1)];
        out_ += "RCPT TO:<" + recipient.mailbox.toText() + ">";
        if (offered_.dsn) out_ += rcptDsnParameters(recipient.notify, originalOf(recipient));
        break;
    }
    case Step::data: out_ += "DATA"; break;
    }
    out_ += "\r\n";
}

void ClientSession::appendMail() {
    out_ += "MAIL FROM:<" + record::toText(envelope_.sender) + ">";
    if (offered_.size && envelope_.declaredBytes) out_ += " SIZE=" + std::to_string(*envelope_.declaredBytes);
    if (offered_.eightBitMime && envelope_.body == record::BodyType::eightBitMime) out_ += " BODY=8BITMIME";
    if (needsUtf8(envelope_)) out_ += " SMTPUTF8";
    const bool isGuarded = envelope_.requireTls != record::RequireTls::no;
    if (isGuarded && takesRequireTls()) out_ += " REQUIRETLS";
    // RFC 8689 §5: a report of it brings back no more than the header, whatever was asked.
    const auto returned = isGuarded ? record::Returned::headers : envelope_.returned;
    if (offered_.dsn) out_ += mailDsnParameters(returned, envelope_.id);
}

ClientAction ClientSession::speakEnvelope() {
    const bool isRefused = answered_ != 0 && !mailAccepted_ && stepAt(answered_ - 1) != Step::rset;
    // With BDAT, too, the text waits for the replies: who refuses all recipients is not shown it.
    const bool isAgreed = dataAccepted_ || (usesChunks_ && mailAccepted_ && answered_ == steps());
    if (isAgreed && accepted_ != 0) {
        state_ = State::body;
        partBegan_ = now_;
        return speakBody();
    }
    if (dataAccepted_) {  // RFC 2920 §3.1: nobody is left to get the text, but the peer waits for its end
        state_ = State::dataEnd;
        repliesDue_ = 1;
        return say(".");
    }
    if (isRefused || answered_ == steps() || (stepAt(sent_) == Step::data && accepted_ == 0)) {
        becomeReady(mailAccepted_ ? Transaction::open : Transaction::closed);
        return Ready{};
    }
    if (sent_ == 0) partBegan_ = now_;
    do
        appendStep(sent_++);
    while (offered_.pipelining && sent_ < steps() && out_.size() < commandBlock);
    repliesDue_ = sent_ - answered_;
    return write();
}

}  // namespace postseal::smtp
