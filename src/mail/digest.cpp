#include "mail/digest.hpp"

#include "base/ascii.hpp"
#include "mail/fold.hpp"
#include "mail/quoted_printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::mail {
namespace {

using record::Language;
using record::Sentence;

struct Words {
    Sentence subject, opening, refused, taken, more, noSender, end;
};

constexpr record::InLanguages<Words> words{
    .english =
        {.subject = "Mail to you without protection on {}",
         .opening =
             "On {} (UTC) these senders tried to write to you, and their mail was not protected as the rules "
             "of "
             "this mail server demand. The addresses are what the other side said; they may be forged.",
         .refused = "refused",
         .taken = "delivered, since the rule is being tested",
         .more = "and {} more attempts of others.",
         .noSender = "a report without a sender",
         .end = "Please don't answer this message. If you know one of them, tell him by another way; the "
                "administrator of "
                "his mail server finds the reason in the error message."},
    .german = {
        .subject = "Ungeschützte Post an Sie am {}",
        .opening = "Am {} (UTC) haben diese Absender versucht, Ihnen zu schreiben, und ihre Post war nicht "
                   "so geschützt, "
                   "wie es die Regeln dieses Mailservers verlangen. Die Adressen sind die Angaben der "
                   "Gegenseite; sie "
                   "können gefälscht sein.",
        .refused = "abgewiesen",
        .taken = "zugestellt, da die Regel erst erprobt wird",
        .more = "und {} weitere Versuche anderer.",
        .noSender = "ein Bericht ohne Absender",
        .end = "Bitte antworten Sie nicht auf diese Nachricht. Kennen Sie einen davon, so sagen Sie es ihm "
               "auf einem "
               "anderen Weg; der Administrator seines Mailservers findet den Grund in der Fehlermeldung."}};

std::string dayText(std::chrono::sys_days day) {
    return base::toRfc3339(day).substr(0, 10);
}

void addLine(std::string& text, std::string_view line = {}) {
    text.append(line).append("\r\n");
}

std::string lineOf(const DigestLine& line, const Words& said) {
    constexpr std::size_t longest = 200;
    const auto sender = line.sender.empty() ? std::string(said.noSender.text())
                                            : '<' + base::escaped(line.sender, longest) + '>';
    const auto& fate = line.fate == DigestLine::Fate::taken ? said.taken : said.refused;
    return fmt::format("{:>6} x {}, {} ({})", line.count, sender, base::escaped(line.client, longest),
                       fate.text());
}

std::string textIn(Language language, const Digest& digest) {
    const auto& said = words.in(language);
    std::string text;
    addLine(text, fmt::format(fmt::runtime(said.opening.text()), dayText(digest.day)));
    addLine(text);
    std::int64_t rest = 0;
    for (std::size_t i = 0; i < digest.lines.size(); ++i) {
        if (i < Digest::mostLines)
            addLine(text, lineOf(digest.lines[i], said));
        else
            rest += digest.lines[i].count;
    }
    if (rest > 0) addLine(text, fmt::format(fmt::runtime(said.more.text()), rest));
    addLine(text);
    addLine(text, said.end.text());
    return text;
}

/// RFC 2047 §4.2 where it is not ASCII; our own words are short.
std::string subjectOf(Language language, const Digest& digest) {
    auto text = fmt::format(fmt::runtime(words.in(language).subject.text()), dayText(digest.day));
    if (std::ranges::none_of(text, base::is8bit)) return text;
    std::string coded = "=?utf-8?q?";
    for (const char c : text) {
        if (base::isAlnum(c))
            coded += c;
        else
            coded += c == ' ' ? "_" : fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
    return coded + "?=";
}

}  // namespace

std::string writeDigest(const Digest& digest, const record::Mailbox& to) {
    const std::string host(digest.host);
    const auto first = digest.languages.empty() ? Language::english : digest.languages.front();
    std::string text;
    addLine(text, "Date: " + base::toRfc5322(digest.now));
    addLine(text, "From: Mail Delivery System <MAILER-DAEMON@" + host + ">");
    text += Folded("To:").word("<" + to.toText() + ">").take();
    addLine(text, "Subject: " + subjectOf(first, digest));
    addLine(text, "Message-ID: " + record::makeMessageId(digest.id, host));
    addLine(text, "Auto-Submitted: auto-generated");  // RFC 3834 §5
    addLine(text, "MIME-Version: 1.0");
    addLine(text, "Content-Type: text/plain; charset=utf-8");
    addLine(text, "Content-Transfer-Encoding: quoted-printable");
    addLine(text);
    std::string body;
    for (const auto language : digest.languages)
        body += (body.empty() ? "" : "\r\n") + textIn(language, digest);
    return text + toQuotedPrintable(body);
}

}  // namespace postseal::mail
