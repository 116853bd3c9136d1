#include "mail/dsn.hpp"

#include "base/ascii.hpp"
#include "mail/dsn_advice.hpp"
#include "mail/fold.hpp"
#include "mail/header.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

constexpr std::size_t quotedHeaderBytes = 32U << 10U;
constexpr std::size_t longestForeign = 900;  // characters of a reply or reason
constexpr std::size_t paragraphWidth = 74;

void addLine(std::string& text, std::string_view line = {}) {
    text += line;
    text += "\r\n";
}

/// Broken at spaces, each line behind the indent; a longer word stands alone.
void addParagraph(std::string& text, std::string_view words, std::string_view indent = {}) {
    std::string line(indent);
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        const auto word = words.substr(0, end);
        words.remove_prefix(std::min(end + 1, words.size()));
        if (line.size() > indent.size() && line.size() + 1 + word.size() > paragraphWidth) {
            addLine(text, line);
            line = indent;
        }
        if (line.size() > indent.size()) line += ' ';
        line += word;
    }
    addLine(text, line);
}

std::string foreign(std::string_view text) {
    return base::escaped(text, longestForeign);
}

void addFact(std::string& text, std::string_view name, std::string_view value) {
    if (!value.empty()) addParagraph(text, std::string(name) + ": " + std::string(value), "      ");
}

void addAdvice(std::string& text, const FailedRecipient& recipient) {
    const auto advice = adviceFor(recipient);
    addParagraph(text, advice.happened, "  ");
    addParagraph(text, advice.matter, "  ");
    addParagraph(text, "What to do: " + advice.todo, "  ");
}

void addExplanation(std::string& text, std::string_view lines) {
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        const auto line = lines.substr(0, end);
        addLine(text, line.empty() ? std::string() : "  " + std::string(line));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
}

void addRecipient(std::string& text, const FailedRecipient& recipient) {
    addLine(text, "<" + foreign(recipient.address) + ">");
    if (recipient.explanation.empty())
        addAdvice(text, recipient);
    else
        addExplanation(text, recipient.explanation);
    addLine(text);
    addFact(text, "Reason", foreign(recipient.reason));
    addFact(text, "Mail server", foreign(recipient.remote));
    addFact(text, "It said", foreign(recipient.reply));
    addFact(text, "Last tried", base::toRfc5322(recipient.lastAttempt));
    addLine(text);
}

/// A field of the machine's part; its value is escaped already.
void addField(std::string& text, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text += Folded(std::string(name) + ":").words(value).take();
}

/// What was temporary while we tried is permanent now that we have given up: 4.7.x becomes 5.7.x.
std::string finalStatus(std::string_view status) {
    const bool wellFormed = status.size() >= 5 && status[1] == '.' &&
                            std::ranges::all_of(status, [](char c) { return base::isDigit(c) || c == '.'; });
    if (!wellFormed) return "5.0.0";
    return "5" + std::string(status.substr(1));
}

void addMachineRecipient(std::string& text, const FailedRecipient& recipient) {
    addLine(text);
    addField(text, "Final-Recipient", "rfc822; " + foreign(recipient.address));
    addField(text, "Action", "failed");
    addField(text, "Status", finalStatus(recipient.status));
    if (!recipient.remote.empty()) addField(text, "Remote-MTA", "dns; " + foreign(recipient.remote));
    if (!recipient.reply.empty()) {
        addField(text, "Diagnostic-Code", "smtp; " + foreign(recipient.reply));
    } else if (!recipient.reason.empty()) {
        addField(text, "Diagnostic-Code", "x-postseal; " + foreign(recipient.reason));
    }
    addField(text, "Last-Attempt-Date", base::toRfc5322(recipient.lastAttempt));
}

/// Whole lines of the original's header, up to the bound.
std::string_view quotedHeader(std::string_view original) {
    const auto header = headerOf(original);
    if (header.size() <= quotedHeaderBytes) return header;
    const auto end = header.rfind('\n', quotedHeaderBytes);
    return end == std::string_view::npos ? std::string_view() : header.substr(0, end + 1);
}

std::string boundaryFor(const Bounce& bounce, std::string_view header) {
    std::string boundary = bounce.id.text() + ".report";
    while (header.find(boundary) != std::string_view::npos)
        boundary += "-";
    return boundary;
}

void addHeader(std::string& text, const Bounce& bounce, const record::Mailbox& to,
               std::string_view boundary) {
    const std::string host(bounce.host);
    addField(text, "Date", base::toRfc5322(bounce.now));
    addField(text, "From", "Mail Delivery System <MAILER-DAEMON@" + host + ">");
    text += Folded("To:").word("<" + to.toText() + ">").take();
    addField(text, "Subject", "Undelivered Mail Returned to Sender");
    addField(text, "Message-ID", record::makeMessageId(bounce.id, host));
    addField(text, "Auto-Submitted", "auto-replied");  // RFC 3834 §5
    addField(text, "MIME-Version", "1.0");
    addField(text, "Content-Type",
             "multipart/report; report-type=delivery-status; boundary=\"" + std::string(boundary) + "\"");
    addLine(text);
    addLine(text, "This is a report in the form of RFC 3464, in parts for people and for programs.");
    addLine(text);
}

void addWords(std::string& text, const Bounce& bounce) {
    addLine(text, "Content-Type: text/plain; charset=us-ascii");
    addLine(text);
    addParagraph(text, bounce.failed.size() == 1
                           ? "Your message could not be delivered to this recipient:"
                           : "Your message could not be delivered to these recipients:");
    addLine(text);
    for (const auto& recipient : bounce.failed)
        addRecipient(text, recipient);
    addParagraph(text, "The message had reached " + std::string(bounce.host) + " on " +
                           base::toRfc5322(bounce.arrival) + " and was kept there as " + bounce.about.text() +
                           ". Its header is attached; its text is not, so that it stays where it was.");
    addLine(text);
}

void addMachinePart(std::string& text, const Bounce& bounce) {
    addLine(text, "Content-Type: message/delivery-status");
    addLine(text);
    addField(text, "Reporting-MTA", "dns; " + std::string(bounce.host));
    addField(text, "X-Postseal-Queue-ID", bounce.about.text());
    addField(text, "Arrival-Date", base::toRfc5322(bounce.arrival));
    for (const auto& recipient : bounce.failed)
        addMachineRecipient(text, recipient);
    addLine(text);
}

}  // namespace

BounceText writeBounce(const Bounce& bounce, const record::Mailbox& to) {
    const auto header = quotedHeader(bounce.originalHeader);
    const bool has8bit = std::ranges::any_of(header, base::is8bit);
    const auto boundary = boundaryFor(bounce, header);

    std::string text;
    addHeader(text, bounce, to, boundary);
    addLine(text, "--" + boundary);
    addWords(text, bounce);
    addLine(text, "--" + boundary);
    addMachinePart(text, bounce);
    addLine(text, "--" + boundary);
    addLine(text, "Content-Type: text/rfc822-headers");
    if (has8bit) addLine(text, "Content-Transfer-Encoding: 8bit");
    addLine(text);
    text += header;
    addLine(text);
    addLine(text, "--" + boundary + "--");
    return {std::move(text), has8bit ? record::BodyType::eightBitMime : record::BodyType::sevenBit};
}

}  // namespace postseal::mail
