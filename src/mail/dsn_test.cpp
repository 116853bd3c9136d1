#include "mail/dsn.hpp"

#include "base/ascii.hpp"
#include "mail/dsn_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::mail;
using record::Language;

namespace {

const auto sender = record::Mailbox::parse("sender@example.org").value();

Dsn sample(Action action = Action::failed) {
    Dsn dsn;
    dsn.host = "mx.example.org";
    dsn.id = record::QueueId::parse("0123456789BCDFG").value();
    dsn.about = record::QueueId::parse("0123456789BCDFF").value();
    dsn.now = base::parseRfc3339("2026-11-23T19:38:44Z").value();
    dsn.arrival = base::parseRfc3339("2026-11-23T19:38:40Z").value();
    dsn.retryUntil = base::parseRfc3339("2026-11-28T19:38:40Z").value();
    dsn.recipients = {{.address = "nobody@example.net",
                       .action = action,
                       .status = "5.1.1",
                       .remote = "mx.example.net",
                       .reply = "550 5.1.1 <nobody@example.net>: unknown user",
                       .time = dsn.now}};
    dsn.original = "From: a\r\nSubject: secret plans\r\n\r\nthe body\r\n";
    return dsn;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

void checkLines(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        REQUIRE(end != std::string::npos);
        CHECK(text[end - 1] == '\r');
        CHECK(end - at < 998);
        at = end + 1;
    }
    CHECK(std::ranges::count(text, '\r') == std::ranges::count(text, '\n'));
}

void checkHasAll(const std::string& text, const std::vector<std::string_view>& parts) {
    INFO(text);
    for (const auto part : parts) {
        INFO(part);
        CHECK(has(text, part));
    }
}

constexpr Situation situations[] = {
    Situation::unknownAddress,
    Situation::noMailServer,
    Situation::takesNoMail,
    Situation::badAddress,
    Situation::senderNotAccepted,
    Situation::mailboxFull,
    Situation::mailboxClosed,
    Situation::tooLarge,
    Situation::serverFull,
    Situation::serverTrouble,
    Situation::loop,
    Situation::noAnswerFromDns,
    Situation::unreachable,
    Situation::tooManyRecipients,
    Situation::misunderstanding,
    Situation::noEightBit,
    Situation::noUtf8,
    Situation::badContent,
    Situation::unprotected,
    Situation::senderNotProven,
    Situation::refused,
    Situation::putOff,
    Situation::unknown,
};

}  // namespace

TEST_CASE("dsn: RFC 3464 in form, headers only") {
    const auto [text, body, smtpUtf8] = writeDsn(sample(), sender);
    checkHasAll(text,
                {
                    "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\n",
                    "To: <sender@example.org>\r\n",
                    "Subject: Undelivered Mail Returned to Sender\r\n",
                    "Message-ID: <0123456789BCDFG@mx.example.org>\r\n",
                    "Auto-Submitted: auto-replied\r\n",
                    "Content-Type: multipart/report; report-type=delivery-status;\r\n",
                    "\r\n\tboundary=\"0123456789BCDFG.report\"\r\n",
                    "Content-Type: text/plain; charset=us-ascii\r\nContent-Language: en\r\n",
                    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n",
                    "Arrival-Date: Mon, 23 Nov 2026 19:38:40 +0000\r\n\r\n",
                    "Final-Recipient: rfc822; nobody@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n",
                    "Remote-MTA: dns; mx.example.net\r\n",
                    "Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.net>: unknown user\r\n",
                    "Content-Type: text/rfc822-headers\r\n\r\nFrom: a\r\nSubject: secret plans\r\n",
                    "--0123456789BCDFG.report--\r\n",
                });
    for (const auto part : {"the body", "Original-", "Will-Retry-Until"})
        CHECK_FALSE(has(text, part));
    CHECK(body == record::BodyType::sevenBit);
    CHECK_FALSE(smtpUtf8);
    checkLines(text);
}

TEST_CASE("dsn: what happened stands before the facts, and what to do before the codes") {
    const auto text = writeDsn(sample(), sender).text;
    const auto happened = text.find("does not know this address");
    const auto todo = text.find("What to do: Check the address");
    const auto facts = text.find("It said: 550");
    CHECK(happened < todo);
    CHECK(todo < facts);
    CHECK(facts < text.find("Reporting-MTA"));
}

TEST_CASE("dsn: the words name the message by its subject") {
    auto dsn = sample();
    dsn.original = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n";
    CHECK(has(wordsOf(dsn), "\r\n\r\n      Subject: Gr\u00fc\u00dfe\r\n"));
    dsn.languages = {Language::german};
    CHECK(has(wordsOf(dsn), "      Betreff: Gr\u00fc\u00dfe\r\n"));
    dsn.original = "X: y\r\n\r\n";
    CHECK_FALSE(has(wordsOf(dsn), "Betreff"));
}

TEST_CASE("dsn: RFC 3461 §6.3: ENVID and ORCPT come back where they were given") {
    auto dsn = sample();
    dsn.envelopeId = "QQ 314159";
    dsn.recipients[0].original = "rfc822;Bob+x@Example.NET";
    checkHasAll(writeDsn(dsn, sender).text, {"\r\n\r\nOriginal-Envelope-Id: QQ 314159\r\nReporting-MTA:",
                                             "\r\n\r\nOriginal-Recipient: rfc822; Bob+x@Example.NET\r\n"
                                             "Final-Recipient: rfc822; nobody@example.net\r\n"});
}

TEST_CASE("dsn: each action has its words, its class of status, and nothing of the others") {
    struct Row {
        Action action;
        const char* status;
        std::vector<std::string_view> parts;
    };
    const Row rows[] = {
        {Action::delayed,
         "4.1.1",
         {"Subject: Delayed Mail (still being retried)\r\n", "has not reached this recipient yet",
          "What to do: nothing. We go on trying until 2026-11-28, 19:38 UTC", "Action: delayed\r\n",
          "Will-Retry-Until: Sat, 28 Nov 2026 19:38:40 +0000\r\n"}},
        {Action::delivered,
         "2.1.1",
         {"Subject: Successful Mail Delivery Report\r\n", "in the recipient's mailbox",
          "Action: delivered\r\n"}},
        {Action::relayed,
         "2.1.1",
         {"Subject: Mail Handed Over", "handed over to the recipient's mail server", "Action: relayed\r\n"}},
    };
    for (const auto& row : rows) {
        const auto text = writeDsn(sample(row.action), sender).text;
        checkHasAll(text, row.parts);
        CHECK(has(text, std::string("Status: ") + row.status + "\r\n"));
        CHECK_FALSE(has(text, "Check the address"));
        checkLines(text);
    }
}

TEST_CASE("dsn: in German, or in both languages, as UTF-8 in quoted-printable") {
    auto dsn = sample();
    dsn.languages = {Language::german};
    const auto german = writeDsn(dsn, sender);
    CHECK(german.body == record::BodyType::sevenBit);
    checkHasAll(german.text, {"Subject: Ihre Nachricht konnte nicht zugestellt werden\r\n",
                              "charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
                              "Content-Language: de\r\n",
                              "Der Mailserver des Empf=C3=A4ngers kennt diese Adresse nicht."});
    checkHasAll(wordsOf(dsn), {"am 23.11.2026 um 19:38 Uhr UTC bei mx.example.org"});
    dsn.languages = {Language::german, Language::english};
    const auto both = wordsOf(dsn);
    CHECK(both.find("kennt diese Adresse nicht") < both.find("does not know this address"));
    checkHasAll(writeDsn(dsn, sender).text, {"Content-Language: de, en\r\n"});
}

TEST_CASE("dsn: every sentence of every language can be written, and none is left out or too wide") {
    constexpr std::string_view codes[] = {"5.1.1", "4.2.2", "5.7.1", "4.4.1"};
    for (const auto language : record::languages) {
        std::vector<std::string_view> said;
        for (const auto situation : situations) {
            const auto& advice = wordsIn(language).advice.in(situation);
            for (const auto& sentence : {advice.happened, advice.matter, advice.todo}) {
                INFO(sentence.text());
                CHECK(base::trim(sentence.text()).size() > 10);
                CHECK(sentence.text().ends_with('.'));
            }
            said.push_back(advice.happened.text());
        }
        std::ranges::sort(said);
        CHECK(std::ranges::adjacent_find(said) == said.end());

        for (const auto action : {Action::failed, Action::delayed, Action::delivered, Action::relayed})
            for (const auto code : codes) {
                auto dsn = sample(action);
                dsn.languages = {language};
                dsn.recipients[0].status = code;
                dsn.recipients[0].expired = true;
                dsn.recipients.resize(60, dsn.recipients[0]);
                const auto text = wordsOf(dsn);
                INFO(text);
                CHECK_FALSE(has(text, "{"));
                CHECK(std::ranges::count(text, '<') == 50 * 2);  // the address, and in the reply
                checkLines(text);
                CHECK_FALSE(has(writeDsn(dsn, sender).text.substr(0, 400), "\xc3"));
            }
        for (const auto attached :
             {Attached::whole, Attached::header, Attached::headerOfGuarded, Attached::headerOfLarge}) {
            auto dsn = sample();
            dsn.languages = {language};
            dsn.attached = attached;
            CHECK_FALSE(has(wordsOf(dsn), "{"));
        }
    }
}

TEST_CASE("dsn: advice by status, and by who said it") {
    struct Row {
        std::string_view status;
        bool remoteSpoke;
        Situation want;
    };
    const Row rows[] = {
        {"5.1.1", true, Situation::unknownAddress},
        {"5.1.2", false, Situation::noMailServer},
        {"5.4.4", false, Situation::noMailServer},
        {"4.4.3", false, Situation::noAnswerFromDns},
        {"5.1.10", false, Situation::takesNoMail},
        {"5.1.3", true, Situation::badAddress},
        {"5.1.8", true, Situation::senderNotAccepted},
        {"5.2.2", true, Situation::mailboxFull},
        {"4.2.2", true, Situation::mailboxFull},
        {"5.2.1", true, Situation::mailboxClosed},
        {"5.3.4", true, Situation::tooLarge},
        {"5.2.3", true, Situation::tooLarge},
        {"4.3.1", true, Situation::serverFull},
        {"5.3.0", true, Situation::serverTrouble},
        {"5.4.6", false, Situation::loop},
        {"4.4.1", false, Situation::unreachable},
        {"4.4.7", true, Situation::unreachable},
        {"5.5.3", true, Situation::tooManyRecipients},
        {"5.5.1", true, Situation::misunderstanding},
        {"5.6.3", false, Situation::noEightBit},
        {"5.6.7", false, Situation::noUtf8},
        {"5.6.0", true, Situation::badContent},
        {"5.7.10", false, Situation::tlsDemanded},
        {"4.7.10", true, Situation::tlsDemanded},
        {"4.7.5", false, Situation::unprotected},
        {"5.7.10", true, Situation::tlsDemanded},
        {"5.7.1", true, Situation::refused},
        {"5.7.26", true, Situation::senderNotProven},
        {"5.7.25", true, Situation::senderNotProven},
        {"4.7.1", true, Situation::putOff},
        {"4.2.0", true, Situation::putOff},
        {"", false, Situation::unknown},
        {"5.0.0", true, Situation::unknown},
        {"nonsense", false, Situation::unknown},
    };
    for (const auto& row : rows) {
        INFO(row.status);
        CHECK(situationOf(row.status, row.remoteSpoke) == row.want);
    }
}

TEST_CASE("dsn: foreign text is escaped and bounded (rule 55)") {
    auto dsn = sample();
    dsn.envelopeId = "x\r\nAction: delivered";
    auto& one = dsn.recipients[0];
    one.reply = "550 evil\r\n--0123456789BCDFG.report--\r\nX: \xff" + std::string(100'000, 'x');
    one.remote = "mx\r\nStatus: 2.0.0";
    one.reason = std::string(5000, 'y') + "\n.\n";
    one.status = "2\r\nX";
    one.address = "b\xc3\r\nX: y@example.org";
    one.original = "rfc822;\xff\r\nX: y";
    const auto text = writeDsn(dsn, sender).text;
    checkLines(text);
    CHECK(text.size() < 10'000);
    CHECK(has(text, "Status: 5.0.0\r\n"));
    for (const auto part : {"\nStatus: 2", "\nX: ", "\nAction: delivered"})
        CHECK_FALSE(has(text, part));
    CHECK(std::ranges::none_of(text, base::is8bit));
}

TEST_CASE("dsn: a header that knows our boundary, or is huge, or 8-bit") {
    auto dsn = sample();
    dsn.original = "Subject: --0123456789BCDFG.report--\r\n\r\n";
    CHECK(has(writeDsn(dsn, sender).text, "boundary=\"0123456789BCDFG.report-"));

    std::string huge;
    for (int i = 0; i < 5000; ++i)
        huge += "X-Field: something\r\n";
    dsn.original = huge;
    const auto cut = writeDsn(dsn, sender);
    CHECK(cut.text.size() < 40'000);
    checkLines(cut.text);

    dsn.original = "Subject: \xe9\r\n";
    const auto eight = writeDsn(dsn, sender);
    CHECK(eight.body == record::BodyType::eightBitMime);
    CHECK(has(eight.text, "Content-Transfer-Encoding: 8bit\r\n"));
}

TEST_CASE("dsn: RFC 3461 §6.2: the message comes back as a whole where it may, and the words say why not") {
    struct Row {
        Attached attached;
        bool isWhole;
        std::string_view words;
    };
    const Row rows[] = {
        {Attached::whole, true, "It is attached as it was."},
        {Attached::header, false, "Its header is attached"},
        {Attached::headerOfGuarded, false, "was to travel protected"},
        {Attached::headerOfLarge, false, "too large for a report"},
    };
    for (const auto& row : rows) {
        auto dsn = sample();
        dsn.attached = row.attached;
        const auto text = writeDsn(dsn, sender).text;
        CHECK(has(text, "\r\n\r\nthe body\r\n") == row.isWhole);
        CHECK(has(text, "Content-Type: message/rfc822\r\n\r\nFrom: a\r\n") == row.isWhole);
        CHECK(has(wordsOf(dsn), row.words));
    }
}

TEST_CASE(
    "dsn: RFC 6533: addresses beyond ASCII, as letters where the sender knows them, else as utf-8 xtext") {
    auto dsn = sample();
    dsn.recipients[0].address = "j\xc3\xbcrgen@example.net";
    const auto plain = writeDsn(dsn, sender);
    CHECK_FALSE(plain.smtpUtf8);
    checkHasAll(plain.text, {"Content-Type: message/delivery-status\r\n",
                             "Final-Recipient: utf-8; j\\x{FC}rgen@example.net\r\n",
                             "<j=C3=BCrgen@example.net>", "Content-Type: text/rfc822-headers\r\n"});
    dsn.smtpUtf8 = true;
    const auto global = writeDsn(dsn, sender);
    CHECK(global.smtpUtf8);
    CHECK(global.body == record::BodyType::eightBitMime);
    checkHasAll(global.text, {"report-type=global-delivery-status;",
                              "Content-Type: message/global-delivery-status\r\n"
                              "Content-Transfer-Encoding: 8bit\r\n\r\n",
                              "Final-Recipient: utf-8; j\xc3\xbcrgen@example.net\r\n",
                              "Content-Type: message/global-headers\r\n"});
    dsn.recipients[0].address = "juergen@example.net";
    CHECK_FALSE(writeDsn(dsn, sender).smtpUtf8);
}

TEST_CASE("dsn: after the last try a temporary status has become permanent") {
    auto dsn = sample();
    dsn.recipients[0].status = "4.7.5";
    dsn.recipients[0].reply = "";
    dsn.recipients[0].reason = "no STARTTLS";
    dsn.recipients[0].expired = true;
    checkHasAll(writeDsn(dsn, sender).text,
                {"Status: 5.7.5\r\n", "Diagnostic-Code: x-postseal; no STARTTLS\r\n", "have given up."});
}

TEST_CASE("dsn: an explanation of policy takes the place of the advice, in the reader's language") {
    auto dsn = sample();
    dsn.recipients[0].explanation = {"Your demand.\n\nWhat you can do.", "Ihre Forderung."};
    dsn.recipients[0].reason = "in words for logs";
    const auto text = writeDsn(dsn, sender).text;
    CHECK(has(text, "<nobody@example.net>\r\n  Your demand.\r\n\r\n  What you can do.\r\n\r\n"));
    CHECK_FALSE(has(text, "does not know this address"));
    checkLines(text);
    dsn.languages = {Language::german};
    CHECK(has(wordsOf(dsn), "  Ihre Forderung.\r\n"));
    CHECK_FALSE(has(wordsOf(dsn), "in words for logs"));
}
