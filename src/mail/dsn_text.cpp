#include "mail/dsn_text.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "mail/dsn_situation.hpp"
#include "mail/field.hpp"
#include "mail/header.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postseal::mail {
namespace {

using record::Sentence;

constexpr std::size_t longestForeign = 900;  // characters of a reply or reason
constexpr std::size_t paragraphWidth = 74;
constexpr std::size_t toldInFull = 50;  // recipients; the machine's part has them all
constexpr std::string_view indent = "  ";
constexpr std::string_view factIndent = "      ";

template <class... Values>
std::string filled(const Sentence& sentence, const Values&... values) {
    return fmt::format(fmt::runtime(sentence.text()), values...);
}

/// Characters, as far as they take a column each.
std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Writer {
public:
    Writer(const Dsn& dsn, record::Language language)
        : dsn_(dsn), language_(language), words_(wordsIn(language)) {}

    std::string write();

private:
    void line(std::string_view text = {}) {
        text_ += text;
        text_ += "\r\n";
    }
    void paragraph(std::string_view words, std::string_view indentation = {});
    void fact(const Sentence& name, std::string_view value) {
        if (!value.empty()) paragraph(fmt::format("{}: {}", name.text(), value), factIndent);
    }
    void opening();
    void recipient(const DsnRecipient& recipient);
    void advice(const DsnRecipient& recipient);
    void explanation(std::string_view paragraphs);
    void outcome(const DsnRecipient& recipient);
    void message();
    std::string date(base::Timestamp time) const;

    const Dsn& dsn_;
    const record::Language language_;
    const DsnWords& words_;
    std::string text_;
};

std::string Writer::write() {
    opening();
    line();
    const auto told = std::min(toldInFull, dsn_.recipients.size());
    for (std::size_t i = 0; i < told; ++i)
        recipient(dsn_.recipients[i]);
    if (told < dsn_.recipients.size()) {
        paragraph(filled(words_.more, dsn_.recipients.size() - told));
        line();
    }
    message();
    return std::move(text_);
}

/// Broken at spaces, each line behind the indentation; a longer word stands alone.
void Writer::paragraph(std::string_view words, std::string_view indentation) {
    if (words.empty()) return line();
    std::string current(indentation);
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        const auto word = words.substr(0, end);
        words.remove_prefix(std::min(end + 1, words.size()));
        if (current.size() > indentation.size() && columns(current) + 1 + columns(word) > paragraphWidth) {
            line(current);
            current = indentation;
        }
        if (current.size() > indentation.size()) current += ' ';
        current += word;
    }
    line(current);
}

void Writer::opening() {
    const auto action = dsn_.recipients.front().action;
    const auto& opening = action == Action::failed    ? words_.failed
                          : action == Action::delayed ? words_.delayed
                                                      : words_.succeeded;
    paragraph((dsn_.recipients.size() == 1 ? opening.one : opening.several).text());
}

/// An address in UTF-8 as it is written, anything else escaped.
std::string shown(std::string_view address) {
    const bool isReadable = base::isUtf8(address) && std::ranges::none_of(address, base::isControl) &&
                            address.size() <= longestForeign;
    return isReadable ? std::string(address) : foreign(address);
}

void Writer::recipient(const DsnRecipient& recipient) {
    line("<" + shown(recipient.address) + ">");
    outcome(recipient);
    line();
    if (recipient.explanation.in(language_).empty()) fact(words_.reason, foreign(recipient.reason));
    fact(words_.server, foreign(recipient.remote));
    fact(words_.reply, foreign(recipient.reply));
    const bool isDone = recipient.action == Action::delivered || recipient.action == Action::relayed;
    fact(isDone ? words_.doneAt : words_.lastTried, date(recipient.time));
    line();
}

void Writer::outcome(const DsnRecipient& recipient) {
    switch (recipient.action) {
    case Action::delivered: return paragraph(words_.delivered.text(), indent);
    case Action::relayed: return paragraph(words_.relayed.text(), indent);
    case Action::failed:
    case Action::delayed: break;
    }
    const auto& explained = recipient.explanation.in(language_);
    if (explained.empty())
        advice(recipient);
    else
        explanation(explained);
    if (recipient.action == Action::delayed) {
        line();
        paragraph(filled(words_.goesOn, date(dsn_.retryUntil)), indent);
    }
}

void Writer::advice(const DsnRecipient& recipient) {
    const auto& advice = words_.advice.in(situationOf(recipient.status, !recipient.reply.empty()));
    paragraph(advice.happened.text(), indent);
    if (recipient.expired) paragraph(filled(words_.expired, date(dsn_.arrival), date(dsn_.now)), indent);
    paragraph(advice.matter.text(), indent);
    if (recipient.action != Action::failed) return;
    line();
    paragraph(filled(words_.whatToDo, advice.todo.text()), indent);
}

void Writer::explanation(std::string_view paragraphs) {
    while (!paragraphs.empty()) {
        const auto end = std::min(paragraphs.find('\n'), paragraphs.size());
        paragraph(paragraphs.substr(0, end), indent);
        paragraphs.remove_prefix(std::min(end + 1, paragraphs.size()));
    }
}

void Writer::message() {
    const auto arrival = filled(words_.arrival, dsn_.host, date(dsn_.arrival), dsn_.about.text());
    const auto& attached = dsn_.attached == Attached::whole             ? words_.wholeAttached
                           : dsn_.attached == Attached::headerOfGuarded ? words_.headerOfGuarded
                           : dsn_.attached == Attached::headerOfLarge   ? words_.headerOfLarge
                                                                        : words_.headerAttached;
    paragraph(arrival + " " + std::string(attached.text()));
    if (const auto subject = readable(fieldOf(headerOf(dsn_.original), "Subject")); !subject.empty()) {
        line();
        fact(words_.subject, subject);
    }
}

std::string Writer::date(base::Timestamp time) const {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::minutes>(time - day));
    return filled(words_.date, static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count());
}

}  // namespace

const DsnWords& wordsIn(record::Language language) {
    switch (language) {
    case record::Language::english: return englishWords;
    case record::Language::german: return germanWords;
    }
    return englishWords;
}

std::string wordsOf(const Dsn& dsn) {
    std::string text;
    for (const auto language : dsn.languages) {
        if (!text.empty()) text += "\r\n" + std::string(paragraphWidth, '-') + "\r\n\r\n";
        text += Writer(dsn, language).write();
    }
    return text;
}

std::string foreign(std::string_view text) {
    return base::escaped(text, longestForeign);
}

}  // namespace postseal::mail
