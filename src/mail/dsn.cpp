#include "mail/dsn.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "base/xtext.hpp"
#include "mail/dsn_text.hpp"
#include "mail/fold.hpp"
#include "mail/header.hpp"
#include "mail/quoted_printable.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

constexpr std::size_t quotedHeaderBytes = 32U << 10U;
constexpr std::size_t longestCoded = 900;  // of an address beyond ASCII: a line has room for it

bool has8bit(std::string_view text) {
    return std::ranges::any_of(text, base::is8bit);
}

void addLine(std::string& text, std::string_view line = {}) {
    text += line;
    text += "\r\n";
}

/// A field whose value is escaped already.
void addField(std::string& text, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text += Folded(std::string(name) + ":").words(value).take();
}

/// Whole lines of the original's header, up to the bound.
std::string_view quotedHeader(std::string_view original) {
    const auto header = headerOf(original);
    if (header.size() <= quotedHeaderBytes) return header;
    const auto end = header.rfind('\n', quotedHeaderBytes);
    return end == std::string_view::npos ? std::string_view() : header.substr(0, end + 1);
}

/// RFC 6533 §4: an internationalized report goes only to who sent by SMTPUTF8, and only where an address
/// can't be written in ASCII.
bool needsUtf8(const Dsn& dsn, const record::Mailbox& to) {
    return dsn.smtpUtf8 && (has8bit(to.toText()) || std::ranges::any_of(dsn.recipients, [](const auto& one) {
                                return has8bit(one.address) || has8bit(one.original);
                            }));
}

std::string_view actionText(Action action) {
    switch (action) {
    case Action::failed: return "failed";
    case Action::delayed: return "delayed";
    case Action::delivered: return "delivered";
    case Action::relayed: return "relayed";
    }
    return {};
}

/// Of the class that belongs to the action: what was temporary while we tried is permanent now that we have
/// given up.
std::string statusFor(Action action, std::string_view status) {
    const std::string statusClass = action == Action::failed ? "5" : action == Action::delayed ? "4" : "2";
    const bool isWellFormed =
        status.size() >= 5 && status[1] == '.' &&
        std::ranges::all_of(status, [](char c) { return base::isDigit(c) || c == '.'; });
    return statusClass + (isWellFormed ? std::string(status.substr(1)) : ".0.0");
}

const DsnWords& firstWords(const Dsn& dsn) {
    return wordsIn(dsn.languages.empty() ? record::Language::english : dsn.languages.front());
}

const record::Sentence& subjectIn(const DsnWords& words, const Dsn& dsn) {
    const auto isDelivered = [](const DsnRecipient& one) { return one.action == Action::delivered; };
    switch (dsn.recipients.front().action) {
    case Action::failed: return words.failedSubject;
    case Action::delayed: return words.delayedSubject;
    case Action::delivered:
    case Action::relayed: break;
    }
    return std::ranges::any_of(dsn.recipients, isDelivered) ? words.deliveredSubject : words.relayedSubject;
}

/// The whole report while it is written.
class Report {
public:
    Report(const Dsn& dsn, const record::Mailbox& to)
        : dsn_(dsn), to_(to), isUtf8_(needsUtf8(dsn, to)),
          quoted_(dsn.attached == Attached::whole ? dsn.original : quotedHeader(dsn.original)) {
        boundary_ = dsn.id.text() + ".report";
        while (quoted_.find(boundary_) != std::string_view::npos)
            boundary_ += "-";
    }

    DsnText write() {
        header();
        part();
        words();
        part();
        machinePart();
        part();
        message();
        addLine(text_, "--" + boundary_ + "--");
        const auto body = has8bit(text_) ? record::BodyType::eightBitMime : record::BodyType::sevenBit;
        return {std::move(text_), body, isUtf8_};
    }

private:
    void part() { addLine(text_, "--" + boundary_); }
    void header();
    void words();
    void machinePart();
    void recipient(const DsnRecipient& recipient);
    void message();
    std::string typed(std::string_view type, std::string_view address) const;

    const Dsn& dsn_;
    const record::Mailbox& to_;
    const bool isUtf8_;
    const std::string_view quoted_;
    std::string boundary_;
    std::string text_;
};

void Report::header() {
    const std::string host(dsn_.host);
    addField(text_, "Date", base::toRfc5322(dsn_.now));
    addField(text_, "From", "Mail Delivery System <MAILER-DAEMON@" + host + ">");
    text_ += Folded("To:").word("<" + to_.toText() + ">").take();
    addField(text_, "Subject", subjectIn(firstWords(dsn_), dsn_).text());
    addField(text_, "Message-ID", record::makeMessageId(dsn_.id, host));
    addField(text_, "Auto-Submitted", "auto-replied");  // RFC 3834 §5
    if (dsn_.tlsOptional) addField(text_, "TLS-Required", "No");
    addField(text_, "MIME-Version", "1.0");
    addField(text_, "Content-Type",
             std::string("multipart/report; report-type=") + (isUtf8_ ? "global-" : "") +
                 "delivery-status; boundary=\"" + boundary_ + "\"");
    addLine(text_);
    addLine(text_, "This is a report in the form of RFC 3464, in parts for people and for programs.");
    addLine(text_);
}

void Report::words() {
    const auto words = wordsOf(dsn_);
    const bool isAscii = !has8bit(words);
    addLine(text_, std::string("Content-Type: text/plain; charset=") + (isAscii ? "us-ascii" : "utf-8"));
    if (!isAscii) addLine(text_, "Content-Transfer-Encoding: quoted-printable");
    std::string tags;
    for (const auto language : dsn_.languages)
        tags += (tags.empty() ? "" : ", ") + std::string(wordsIn(language).tag.text());
    addField(text_, "Content-Language", tags);
    addLine(text_);
    text_ += isAscii ? words : toQuotedPrintable(words);
    addLine(text_);
}

void Report::machinePart() {
    addLine(text_, std::string("Content-Type: message/") + (isUtf8_ ? "global-" : "") + "delivery-status");
    if (isUtf8_) addLine(text_, "Content-Transfer-Encoding: 8bit");
    addLine(text_);
    addField(text_, "Original-Envelope-Id", foreign(dsn_.envelopeId));
    addField(text_, "Reporting-MTA", "dns; " + std::string(dsn_.host));
    addField(text_, "X-Postseal-Queue-ID", dsn_.about.text());
    addField(text_, "Arrival-Date", base::toRfc5322(dsn_.arrival));
    for (const auto& one : dsn_.recipients)
        recipient(one);
    addLine(text_);
}

void Report::recipient(const DsnRecipient& recipient) {
    addLine(text_);
    if (const auto semicolon = recipient.original.find(';'); semicolon != std::string::npos)
        addField(text_, "Original-Recipient",
                 typed(std::string_view(recipient.original).substr(0, semicolon),
                       base::trim(std::string_view(recipient.original).substr(semicolon + 1))));
    addField(text_, "Final-Recipient", typed("rfc822", recipient.address));
    addField(text_, "Action", actionText(recipient.action));
    addField(text_, "Status", statusFor(recipient.action, recipient.status));
    if (!recipient.remote.empty()) addField(text_, "Remote-MTA", "dns; " + foreign(recipient.remote));
    if (!recipient.reply.empty()) {
        addField(text_, "Diagnostic-Code", "smtp; " + foreign(recipient.reply));
    } else if (!recipient.reason.empty()) {
        addField(text_, "Diagnostic-Code", "x-postseal; " + foreign(recipient.reason));
    }
    addField(text_, "Last-Attempt-Date", base::toRfc5322(recipient.time));
    if (recipient.action == Action::delayed)
        addField(text_, "Will-Retry-Until", base::toRfc5322(dsn_.retryUntil));
}

/// `rfc822; bob@example.org`. Beyond ASCII the type is `utf-8` (RFC 6533 §3), in letters only where the
/// report may have them.
std::string Report::typed(std::string_view type, std::string_view address) const {
    const bool isReadable = base::isUtf8(address) && std::ranges::none_of(address, base::isControl);
    const auto coded = isUtf8_ ? std::string(address) : base::toUtf8Xtext(address);
    if (!has8bit(address) || !isReadable || coded.size() > longestCoded)
        return foreign(type) + "; " + foreign(address);
    return "utf-8; " + coded;
}

void Report::message() {
    const bool isWhole = dsn_.attached == Attached::whole;
    const std::string_view type = isUtf8_ ? (isWhole ? "message/global" : "message/global-headers")
                                          : (isWhole ? "message/rfc822" : "text/rfc822-headers");
    addLine(text_, "Content-Type: " + std::string(type));
    if (has8bit(quoted_)) addLine(text_, "Content-Transfer-Encoding: 8bit");
    addLine(text_);
    text_ += quoted_;
    addLine(text_);
}

}  // namespace

DsnText writeDsn(const Dsn& dsn, const record::Mailbox& to) {
    return Report(dsn, to).write();
}

}  // namespace postseal::mail
