#include "mail/dsn.hpp"

#include "base/ascii.hpp"
#include "mail/dsn_advice.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::mail;

namespace {

const auto sender = record::Mailbox::parse("sender@example.org").value();

Bounce sample() {
    Bounce b;
    b.host = "mx.example.org";
    b.id = record::QueueId::parse("0123456789BCDFG").value();
    b.about = record::QueueId::parse("0123456789BCDFF").value();
    b.now = base::parseRfc3339("2026-11-23T19:38:44Z").value();
    b.arrival = base::parseRfc3339("2026-11-23T19:38:40Z").value();
    b.failed = {{"nobody@example.net", "5.1.1", "mx.example.net",
                 "550 5.1.1 <nobody@example.net>: unknown user", "the mail server refused the recipient", "",
                 b.now, false}};
    b.originalHeader = "From: a\r\nSubject: secret plans\r\n\r\nthe body\r\n";
    return b;
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

}  // namespace

TEST_CASE("bounce: RFC 3464 in form, headers only") {
    const auto [text, body] = writeBounce(sample(), sender);
    INFO(text);
    for (const std::string_view part : {
             "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\n",
             "To: <sender@example.org>\r\n",
             "Message-ID: <0123456789BCDFG@mx.example.org>\r\n",
             "Auto-Submitted: auto-replied\r\n",
             "Content-Type: multipart/report; report-type=delivery-status;\r\n",
             "\r\n\tboundary=\"0123456789BCDFG.report\"\r\n",
             "Content-Type: text/plain; charset=us-ascii\r\n",
             "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n",
             "Arrival-Date: Mon, 23 Nov 2026 19:38:40 +0000\r\n\r\n",
             "Final-Recipient: rfc822; nobody@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n",
             "Remote-MTA: dns; mx.example.net\r\n",
             "Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.net>: unknown user\r\n",
             "Content-Type: text/rfc822-headers\r\n\r\nFrom: a\r\nSubject: secret plans\r\n",
             "--0123456789BCDFG.report--\r\n",
         }) {
        INFO(part);
        CHECK(has(text, part));
    }
    CHECK_FALSE(has(text, "the body"));
    CHECK(body == record::BodyType::sevenBit);
    checkLines(text);
}

TEST_CASE("bounce: what happened stands before the facts, and what to do before the codes") {
    const auto [text, body] = writeBounce(sample(), sender);
    const auto happened = text.find("does not know this address");
    const auto todo = text.find("What to do: Check the address");
    const auto facts = text.find("It said: 550");
    CHECK(happened < todo);
    CHECK(todo < facts);
    CHECK(facts < text.find("Reporting-MTA"));
}

TEST_CASE("bounce: advice by status") {
    struct Row {
        std::string_view status;
        bool remoteSpoke;
        std::string_view part;
    };
    const Row rows[] = {
        {"5.1.1", true, "does not know this address"},
        {"5.1.2", false, "no mail server"},
        {"5.1.10", false, "takes no mail"},
        {"5.1.3", true, "not accepted"},
        {"5.2.2", true, "mailbox is full"},
        {"5.3.4", true, "larger than"},
        {"5.4.6", false, "in circles"},
        {"4.4.1", false, "could not be reached"},
        {"5.7.10", false, "not protected"},
        {"4.7.5", false, "not protected"},
        {"5.7.1", true, "refused the message"},
        {"5.7.10", true, "not protected"},
        {"", false, "could not be delivered"},
        {"nonsense", false, "could not be delivered"},
    };
    for (const auto& row : rows) {
        INFO(row.status);
        FailedRecipient recipient;
        recipient.status = row.status;
        recipient.reply = row.remoteSpoke ? "550 no" : "";
        CHECK(has(adviceFor(recipient).happened, row.part));
    }
}

TEST_CASE("bounce: foreign text is escaped and bounded (rule 55)") {
    auto b = sample();
    b.failed[0].reply = "550 evil\r\n--0123456789BCDFG.report--\r\nX: \xff" + std::string(100'000, 'x');
    b.failed[0].remote = "mx\r\nStatus: 2.0.0";
    b.failed[0].reason = std::string(5000, 'y') + "\n.\n";
    b.failed[0].status = "2\r\nX";
    const auto [text, body] = writeBounce(b, sender);
    checkLines(text);
    CHECK(text.size() < 10'000);
    CHECK(has(text, "Status: 5.0.0\r\n"));
    CHECK_FALSE(has(text, "\nStatus: 2"));
    CHECK(std::ranges::none_of(text, base::is8bit));
}

TEST_CASE("bounce: a header that knows our boundary, or is huge, or 8-bit") {
    auto b = sample();
    b.originalHeader = "Subject: --0123456789BCDFG.report--\r\n\r\n";
    CHECK(has(writeBounce(b, sender).text, "boundary=\"0123456789BCDFG.report-"));

    std::string huge;
    for (int i = 0; i < 5000; ++i)
        huge += "X-Field: something\r\n";
    b.originalHeader = huge;
    const auto cut = writeBounce(b, sender);
    CHECK(cut.text.size() < 40'000);
    checkLines(cut.text);

    b.originalHeader = "Subject: \xe9\r\n";
    const auto eight = writeBounce(b, sender);
    CHECK(eight.body == record::BodyType::eightBitMime);
    CHECK(has(eight.text, "Content-Transfer-Encoding: 8bit\r\n"));
}

TEST_CASE("bounce: after the last try a temporary status has become permanent") {
    auto b = sample();
    b.failed[0].status = "4.7.5";
    b.failed[0].reply = "";
    b.failed[0].expired = true;
    const auto text = writeBounce(b, sender).text;
    CHECK(has(text, "Status: 5.7.5\r\n"));
    CHECK(has(text, "Diagnostic-Code: x-postseal; the mail server refused the recipient\r\n"));
    CHECK(has(text, "as long as we"));
}

TEST_CASE("bounce: an explanation of policy takes the place of the advice") {
    auto b = sample();
    b.failed[0].explanation = "Your demand.\nIts second line.\n\nWhat you can do.\n";
    const auto text = writeBounce(b, sender).text;
    CHECK(has(
        text,
        "<nobody@example.net>\r\n  Your demand.\r\n  Its second line.\r\n\r\n  What you can do.\r\n\r\n"));
    CHECK_FALSE(has(text, "does not know this address"));
    checkLines(text);
}
