// Text that comes by BDAT (RFC 3030).
#include "smtp/server_player.hpp"

#include <doctest/doctest.h>

using namespace postseal::smtp;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

const std::string transaction = "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\n";

std::string chunk(std::string_view octets, bool isLast = false) {
    return "BDAT " + std::to_string(octets.size()) + (isLast ? " LAST\r\n" : "\r\n") + std::string(octets);
}
std::string lastChunk(std::string_view octets) {
    return chunk(octets, true);
}

// A session after EHLO, and after `commands` whose replies are as they should be.
ServerPlayer greeted(const Limits& limits = {}, const Deadlines& deadlines = {}) {
    ServerPlayer player(ListenerTls::may, limits, deadlines);
    player.start();
    player.send("EHLO client.example\r\n");
    player.replies();
    return player;
}
ServerPlayer inTransaction(const Limits& limits = {}, const Deadlines& deadlines = {}) {
    auto player = greeted(limits, deadlines);
    player.send(transaction);
    CHECK(player.replies() == "250 2.1.0, 250 2.1.5");
    return player;
}

}  // namespace

TEST_CASE("RFC 3030 §2: chunks are taken as they are, each with its reply") {
    struct Row {
        std::string why, send, replies, text;
    };
    const Row rows[] = {
        {"one", lastChunk("Subject: x\r\n\r\ny\r\n"), "250 2.0.0", "Subject: x\r\n\r\ny\r\n"},
        {"several", chunk("Subj") + chunk("ect: x\r\n") + lastChunk("\r\ny\r\n"),
         "250 2.0.0, 250 2.0.0, 250 2.0.0", "Subject: x\r\n\r\ny\r\n"},
        {"an empty last one", chunk("x\r\n") + lastChunk(""), "250 2.0.0, 250 2.0.0", "x\r\n"},
        {"an empty one among others", chunk("x\r\n") + chunk("") + lastChunk("y\r\n"),
         "250 2.0.0, 250 2.0.0, 250 2.0.0", "x\r\ny\r\n"},
        {"an empty text", lastChunk(""), "250 2.0.0", ""},
        {"dots are letters", lastChunk(".\r\n..\r\n.x\r\n"), "250 2.0.0", ".\r\n..\r\n.x\r\n"},
        {"what would end a text ends nothing", chunk("\r\n.\r\n") + lastChunk("QUIT\r\n"),
         "250 2.0.0, 250 2.0.0", "\r\n.\r\nQUIT\r\n"},
        {"CRLF may span chunks", chunk("x\r") + lastChunk("\ny\r\n"), "250 2.0.0, 250 2.0.0", "x\r\ny\r\n"},
        {"an unfinished line is finished", lastChunk("x\r\ny"), "250 2.0.0", "x\r\ny\r\n"},
        {"NUL and 8-bit octets pass", lastChunk("\0\xff\r\n"s), "250 2.0.0", "\0\xff\r\n"s},
        {"commands stand between chunks", chunk("x\r\n") + "NOOP\r\n" + lastChunk("y\r\n"),
         "250 2.0.0, 250 2.0.0, 250 2.0.0", "x\r\ny\r\n"},
    };
    for (const auto& row : rows)
        for (const std::size_t piece : {1U, 7U, 10000U}) {
            INFO(row.why);
            INFO(piece);
            auto player = inTransaction();
            for (std::size_t at = 0; at < row.send.size(); at += piece)
                player.send(std::string_view(row.send).substr(at, piece));
            CHECK(player.replies() == row.replies);
            REQUIRE(player.stored.size() == 1);
            CHECK(player.stored[0].text == row.text);
            CHECK(player.stored[0].envelope.recipients.size() == 1);
            player.send(transaction + "DATA\r\n");  // the session goes on, by either command
            CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 354");
        }
}

TEST_CASE("RFC 3030 §2, RFC 2920: a whole flight is answered in order") {
    auto player = greeted();
    player.writes = 0;
    player.send(transaction + chunk("x\r\n") + lastChunk("y\r\n") + transaction + lastChunk("z\r\n") +
                "QUIT\r\n");
    CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 250 2.0.0, 250 2.0.0, 250 2.1.0, 250 2.1.5, 250 2.0.0, "
                              "221 2.0.0");
    CHECK(player.writes == 1);
    CHECK(player.stored.size() == 2);
    CHECK(player.session.commandCounts() == "ehlo=1 mail=2 rcpt=2 bdat=3 quit=1 commands=9");
}

TEST_CASE("RFC 3030 §2: out of order, the octets are dropped before the refusal") {
    struct Row {
        std::string why, send, replies;
        bool closed = false;
    };
    const std::string poison = "RSET\r\nQUIT\r\n";  // commands, if they were read as such
    const Row rows[] = {
        {"no MAIL", lastChunk(poison), "503 5.5.1"},
        {"no RCPT", "MAIL FROM:<>\r\n" + lastChunk(poison), "250 2.1.0, 503 5.5.1"},
        {"RCPT after that", "MAIL FROM:<>\r\n" + lastChunk(poison) + "RCPT TO:<b@x>\r\n" + lastChunk("y\r\n"),
         "250 2.1.0, 503 5.5.1, 250 2.1.5, 250 2.0.0"},
        {"no valid RCPT", "MAIL FROM:<>\r\nRCPT TO:<refused@x>\r\n" + chunk(poison) + lastChunk(poison),
         "250 2.1.0, 550 5.7.1, 554 5.5.1, 554 5.5.1"},
        {"after the last one", transaction + lastChunk("x\r\n") + lastChunk(poison),
         "250 2.1.0, 250 2.1.5, 250 2.0.0, 503 5.5.1"},
        {"DATA behind BDAT", transaction + chunk("x\r\n") + "DATA\r\n",
         "250 2.1.0, 250 2.1.5, 250 2.0.0, 503 5.5.1"},
        {"RCPT behind BDAT", transaction + chunk("x\r\n") + "RCPT TO:<c@x>\r\n",
         "250 2.1.0, 250 2.1.5, 250 2.0.0, 503 5.5.1"},
        {"MAIL behind BDAT", transaction + chunk("x\r\n") + "MAIL FROM:<>\r\n",
         "250 2.1.0, 250 2.1.5, 250 2.0.0, 503 5.5.1"},
        {"STARTTLS behind BDAT", transaction + chunk("x\r\n") + "STARTTLS\r\n",
         "250 2.1.0, 250 2.1.5, 250 2.0.0, 503 5.5.1"},
        {"no number", transaction + "BDAT\r\n" + poison, "250 2.1.0, 250 2.1.5, 501 5.5.4", true},
        {"a number beyond 64 bits", transaction + "BDAT 18446744073709551616\r\n" + poison,
         "250 2.1.0, 250 2.1.5, 501 5.5.4", true},
        {"another word than LAST", transaction + "BDAT 5 MORE\r\n" + poison,
         "250 2.1.0, 250 2.1.5, 501 5.5.4", true},
        {"rule 47: a bare CR in the command", transaction + "BDAT 5\r LAST\r\n" + poison,
         "250 2.1.0, 250 2.1.5, 500 5.5.2", true},
        {"rule 53: a number without sense", transaction + "BDAT 18446744073709551615 LAST\r\n" + poison,
         "250 2.1.0, 250 2.1.5, 552 5.3.4", true},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        auto player = greeted();
        player.send(row.send);
        CHECK(player.replies() == row.replies);
        CHECK(player.isClosed() == row.closed);
    }
    ServerPlayer old;
    old.start();
    old.send("HELO x\r\n");
    old.send(transaction + lastChunk(poison));
    CHECK(old.replies() == "220, 250, 250 2.1.0, 250 2.1.5, 503 5.5.1");
    ServerPlayer clear(ListenerTls::encrypt);
    clear.start();
    clear.send("EHLO x\r\n");
    clear.send(lastChunk(poison));
    CHECK(clear.replies() == "220, 250, 530 5.7.0");
}

TEST_CASE("RFC 3030 §2: what takes a text back, and that the driver learns it") {
    for (const std::string& command : {"RSET\r\n"s, "EHLO again.example\r\n"s, "HELO again.example\r\n"s}) {
        INFO(command);
        auto player = inTransaction();
        player.send(chunk("gone\r\n"));
        player.send(command);
        CHECK(player.discards == 1);
        CHECK(player.body.empty());
        player.replies();
        player.send("RCPT TO:<b@x>\r\n");
        CHECK(player.replies() == "503 5.5.1");
        player.send("EHLO x\r\n");
        player.send(transaction + lastChunk("new\r\n"));
        CHECK(player.stored.at(0).text == "new\r\n");
        CHECK(player.discards == 1);
    }
}

TEST_CASE("rule 47: bare CR and LF are refused in chunks as in DATA, wherever the cut is") {
    for (const std::string& text : {"a\nb\r\n"s, "a\rb\r\n"s, "a\r\r\n"s, "\n"s, "\r"s, "a\r\n\r"s, "a\n.\n"s,
                                    "\r\n.\n"s, "a\n\r\nb"s, "\n\r"s})
        for (std::size_t cut = 0; cut <= text.size(); ++cut) {
            INFO(text);
            INFO(cut);
            auto player = inTransaction();
            player.send(chunk(text.substr(0, cut)) + lastChunk(text.substr(cut)));
            CHECK(player.replies().ends_with("550 5.6.0"));
            CHECK(player.stored.empty());
            CHECK(player.body.empty());
            player.send(transaction + lastChunk("good\r\n"));
            CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 250 2.0.0");
        }
    auto player = inTransaction();
    player.send(chunk("a\nb\r\n"));
    CHECK(player.replies() == "550 5.6.0");  // at once, not only at the end
    for (int i = 0; i < 100; ++i)            // what was pipelined behind it is dropped, and no new error
        player.send(chunk("x\r\n"));
    player.replies();
    player.send(lastChunk("x\r\n"));
    CHECK(player.replies() == "550 5.6.0");
    CHECK(player.stored.empty());
    CHECK(player.discards == 1);
    CHECK_FALSE(player.isClosed());
}

TEST_CASE("rule 53: the size of a text is that of all its chunks") {
    struct Row {
        std::string why;
        std::vector<std::size_t> chunks;
        std::string replies;
        bool closed = false;
    };
    const Row rows[] = {
        {"one less", {50, 49}, "250 2.0.0, 250 2.0.0"},
        {"equal", {50, 50}, "250 2.0.0, 250 2.0.0"},
        {"one more", {50, 51}, "250 2.0.0, 552 5.3.4"},
        {"told at once", {101, 10}, "552 5.3.4, 552 5.3.4"},
        {"one less than twice", {150, 49}, "552 5.3.4, 552 5.3.4"},
        {"twice, announced", {150, 50}, "552 5.3.4, 552 5.3.4", true},
        {"twice at once", {200}, "552 5.3.4", true},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        auto player = inTransaction({.messageBytes = 100});
        for (std::size_t i = 0; i < row.chunks.size(); ++i) {
            std::string octets(row.chunks[i], 'x');
            const bool isLast = i + 1 == row.chunks.size();
            if (isLast) octets.replace(octets.size() - 2, 2, "\r\n");
            player.send(chunk(octets, isLast));
        }
        CHECK(player.replies() == row.replies);
        CHECK(player.isClosed() == row.closed);
    }
    auto player = inTransaction({.textLine = 10});
    player.send(chunk("123456") + chunk("7890\r\n") + chunk("1234567890") + lastChunk("1\r\n"));
    CHECK(player.replies() == "250 2.0.0, 250 2.0.0, 250 2.0.0, 550 5.6.0");  // a line may span chunks
}

TEST_CASE("rule 53: pieces of some size are no commands too many") {
    auto player = inTransaction({.commands = 10});
    for (int i = 0; i < 100; ++i)
        player.send(chunk(std::string(254, 'x') + "\r\n"));
    CHECK_FALSE(player.isClosed());
    player.replies();
    for (int i = 0; i < 20; ++i)
        player.send(chunk("x"));
    CHECK(player.replies().ends_with("421 4.7.0"));
    CHECK(player.isClosed());
}

TEST_CASE("rule 48: chunks must come at the least rate, on the whole") {
    SUBCASE("an octet now and then") {
        auto player = inTransaction({}, {.leastDataRate = 10});
        player.send("BDAT 1000000\r\n");
        std::size_t seconds = 0;
        for (; player.isReading() && seconds < 1000; ++seconds) {
            player.send("x");
            player.passTime(1s);
        }
        CHECK(seconds == 199);  // 180, and the 19 that 199 octets earn
        CHECK(player.stored.empty());
    }
    SUBCASE("small chunks and the time between them") {
        auto player = inTransaction({.commands = 100000}, {.leastDataRate = 10});
        std::size_t seconds = 0;
        for (; player.isReading() && seconds < 1000; ++seconds) {
            player.send(chunk("x"));
            player.passTime(1s);
        }
        CHECK(seconds == 199);
    }
    SUBCASE("at the least rate it may go on") {
        auto player = inTransaction({.commands = 100000}, {.leastDataRate = 10});
        for (int i = 0; i < 3000; ++i) {
            player.send(chunk("12345678\r\n"));
            player.passTime(1s);
        }
        CHECK(player.isReading());
        player.send(lastChunk(""));
        CHECK(player.replies().ends_with("250 2.0.0"));
    }
}

TEST_CASE("rule 54: a text that can't be kept is told of as soon as its chunk is read") {
    auto player = greeted();
    player.send("MAIL FROM:<nospace@x>\r\nRCPT TO:<b@x>\r\n" + chunk("x\r\n") + lastChunk("y\r\n"));
    CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 452 4.3.1, 452 4.3.1");
    CHECK(player.stored.empty());
    player.send("MAIL FROM:<nospace@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n");
    player.send("x\r\n.\r\n");
    CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 354, 452 4.3.1");
    player.send("MAIL FROM:<full@x>\r\nRCPT TO:<b@x>\r\n" + chunk("x\r\n") + lastChunk("y\r\n") +
                transaction);
    CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 250 2.0.0, 452 4.3.1, 250 2.1.0, 250 2.1.5");
}

TEST_CASE("RFC 6531, RFC 3461: what the envelope is told") {
    auto player = greeted();
    player.send("MAIL FROM:<\xc3\xa4@example.net> SMTPUTF8 RET=HDRS ENVID=QQ+20314\r\n"
                "RCPT TO:<\xc3\xb6@example.org> NOTIFY=SUCCESS ORCPT=utf-8;\xc3\xb6@example.org\r\n");
    CHECK(player.session.protocol() == "UTF8SMTP");
    player.send(lastChunk("x\r\n"));
    CHECK(player.session.protocol() == "ESMTP");
    const auto& envelope = player.stored.at(0).envelope;
    CHECK(envelope.smtpUtf8);
    CHECK(envelope.id == "QQ 314");
    CHECK(envelope.returned == postseal::record::Returned::headers);
    CHECK(envelope.recipients.at(0).mailbox.toText() == "\xc3\xb6@example.org");
    CHECK(envelope.recipients.at(0).original == "utf-8;\xc3\xb6@example.org");
    CHECK(envelope.recipients.at(0).notify.success);
    player.replies();
    player.send("MAIL FROM:<\xc3\xa4@example.net>\r\nMAIL FROM:<>\r\nRCPT TO:<\xc3\xb6@example.org>\r\n");
    CHECK(player.replies() == "553 5.6.7, 250 2.1.0, 553 5.6.7");
    ServerPlayer old;
    old.start();
    old.send("HELO x\r\n");
    old.send("MAIL FROM:<> SIZE=5\r\nMAIL FROM:<>\r\n");
    CHECK(old.replies() == "220, 250, 555 5.5.4, 250 2.1.0");
}
