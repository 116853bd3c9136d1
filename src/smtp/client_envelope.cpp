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
    const bool usesChunks = offered_.chunking && settings_->chunking;
    transaction_ = {.envelope = std::move(envelope), .usesChunks = usesChunks};
    text_ = {.encoder = DataEncoder(usesChunks ? DataEncoder::Framing::counted : DataEncoder::Framing::dot)};
    peeked_ = false;
    state_ = State::envelope;
}

std::optional<RecipientResult> ClientSession::unfitFor(const record::Envelope& envelope) const {
    using record::Why;
    const auto unfit = [](record::Status status, std::string words, Why why = Why::unfit) {
        return RecipientResult{record::HopResult::bounced, RecipientResult::Source::ours, why, status,
                               std::move(words)};
    };
    // Before all else: of what must be protected a host without it learns nothing (rule 29).
    if (envelope.requireTls == record::RequireTls::must && !takesRequireTls())
        return unfit("5.7.30", "the message must go on with REQUIRETLS, and the host does not offer it",
                     Why::requireTlsMissing);  // RFC 8689 §4.2.1
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
    const std::size_t others = stepOfMail() + 1 + (transaction_.usesChunks ? 0 : 1);  // RSET, MAIL, DATA
    return transaction_.envelope.recipients.size() + others;
}

ClientSession::Step ClientSession::stepAt(std::size_t index) const {
    if (index < stepOfMail()) return Step::rset;
    if (index == stepOfMail()) return Step::mail;
    return index <= stepOfMail() + transaction_.envelope.recipients.size() ? Step::rcpt : Step::data;
}

void ClientSession::appendStep(std::size_t index) {
    switch (stepAt(index)) {
    case Step::rset: out_ += "RSET"; break;
    case Step::mail: appendMail(); break;
    case Step::rcpt: {
        const auto& recipient = transaction_.envelope.recipients[index - stepOfMail() - 1];
        out_ += "RCPT TO:<" + recipient.mailbox.toText() + ">";
        if (offered_.dsn) out_ += rcptDsnParameters(recipient.notify, originalOf(recipient));
        break;
    }
    case Step::data: out_ += "DATA"; break;
    }
    out_ += "\r\n";
}

void ClientSession::appendMail() {
    const auto& envelope = transaction_.envelope;
    out_ += "MAIL FROM:<" + record::toText(envelope.sender) + ">";
    if (offered_.size && envelope.declaredBytes) out_ += " SIZE=" + std::to_string(*envelope.declaredBytes);
    if (offered_.eightBitMime && envelope.body == record::BodyType::eightBitMime) out_ += " BODY=8BITMIME";
    if (needsUtf8(envelope)) out_ += " SMTPUTF8";
    const bool isGuarded = envelope.requireTls != record::RequireTls::no;
    if (isGuarded && takesRequireTls()) out_ += " REQUIRETLS";
    // RFC 8689 §5: a report of it brings back no more than the header, whatever was asked.
    const auto returned = isGuarded ? record::Returned::headers : envelope.returned;
    if (offered_.dsn) out_ += mailDsnParameters(returned, envelope.id);
}

ClientAction ClientSession::speakEnvelope() {
    auto& now = transaction_;
    const bool isRefused = now.answered > stepOfMail() && !now.mailAccepted;
    // With BDAT, too, the text waits for the replies: who refuses all recipients is not shown it.
    const bool isAgreed = now.dataAccepted || (now.usesChunks && now.mailAccepted && now.answered == steps());
    if (isAgreed && now.accepted != 0) {
        state_ = State::body;
        text_.began = now_;
        return speakBody();
    }
    if (now.dataAccepted) {  // RFC 2920 §3.1: nobody is left to get the text, but the peer waits for its end
        state_ = State::dataEnd;
        repliesDue_ = 1;
        return say(".");
    }
    if (isRefused || now.answered == steps() || (stepAt(now.sent) == Step::data && now.accepted == 0)) {
        becomeReady(now.mailAccepted ? Left::open : Left::closed);
        return Ready{};
    }
    if (now.sent == 0) now.began = now_;
    do
        appendStep(now.sent++);
    while (offered_.pipelining && now.sent < steps() && out_.size() < commandBlock);
    repliesDue_ = now.sent - now.answered;
    return write();
}

}  // namespace postseal::smtp
