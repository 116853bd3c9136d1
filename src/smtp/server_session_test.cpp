#include "smtp/server_dialogue_test.hpp"

using namespace postseal;
using namespace postseal::smtp;
using namespace postseal::smtp::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

TEST_CASE("RFC 5321 §3.3: a message is stored, and only then comes the 250") {
    ServerPlayer player;
    player.start();
    CHECK(player.said == "220 mx.example.org ESMTP Postseal\r\n");
    player.said.clear();
    player.send(ehlo);
    CHECK(player.said ==
          "250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250-STARTTLS\r\n"
          "250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n");
    player.said.clear();
    player.writes = 0;
    player.send("MAIL FROM:<A@Example.NET> BODY=8BITMIME SIZE=12\r\nRCPT TO:<b@example.org>\r\n"
                "RCPT TO:<refused@example.org>\r\nRCPT TO:<b@EXAMPLE.org>\r\nDATA\r\n");
    CHECK(player.said == "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.7.1 Not you\r\n250 2.1.5 Ok\r\n"
                         "354 End data with <CR><LF>.<CR><LF>\r\n");
    CHECK(player.writes == 1);  // RFC 2920 §3.2: replies are batched
    player.said.clear();
    player.send("Subject: x\r\n\r\n..dot\r\n\xff\r\n");
    CHECK(player.stored.empty());
    player.send(".\r\n");
    REQUIRE(player.stored.size() == 1);
    const auto& [envelope, text] = player.stored[0];
    CHECK(text == "Subject: x\r\n\r\n.dot\r\n\xff\r\n");
    CHECK(record::toText(envelope.sender) == "A@example.net");
    REQUIRE(envelope.recipients.size() == 1);  // a repeated recipient is one
    CHECK(envelope.recipients[0].mailbox.toText() == "b@example.org");
    CHECK(envelope.body == record::BodyType::eightBitMime);
    CHECK(envelope.declaredBytes == 12);
    const auto id = record::QueueId::make(base::fromMicros(1'700'000'000'000'000), 7).text();
    CHECK(player.said == "250 2.0.0 Ok: queued as " + id + "\r\n");
    player.said.clear();
    player.send("QUIT\r\n");
    CHECK(player.said == "221 2.0.0 Bye\r\n");
    CHECK(player.isClosed());
    CHECK(player.session.commandCounts() == "ehlo=1 mail=1 rcpt=2/3 data=1 quit=1 commands=6/7");
}

TEST_CASE("RFC 5321 §4.1.4: commands in and out of order") {
    check({
        {"MAIL needs EHLO or HELO", may, {{mail, "503 5.5.1"}}},
        {"HELO is enough", may, {{"HELO client.example\r\n", "250"}, {mail, "250 2.1.0"}}},
        {"RCPT needs MAIL", may, {{ehlo, "250"}, {rcpt, "503 5.5.1"}}},
        {"DATA needs MAIL", may, {{ehlo, "250"}, {"DATA\r\n", "503 5.5.1"}}},
        {"DATA needs RCPT", may, {{ehlo, "250"}, {mail + "DATA\r\n", "250 2.1.0, 503 5.5.1"}}},
        {"DATA needs a valid one",
         may,
         {{ehlo, "250"},
          {mail + "RCPT TO:<refused@x.example>\r\nDATA\r\n", "250 2.1.0, 550 5.7.1, 554 5.5.1"}}},
        {"nested MAIL", may, {{ehlo, "250"}, {mail + mail, "250 2.1.0, 503 5.5.1"}}},
        {"MAIL after a refused one",
         may,
         {{ehlo, "250"}, {"MAIL FROM:<later@x.example>\r\n" + mail, "451 4.7.1, 250 2.1.0"}}},
        {"RSET ends the transaction",
         may,
         {{ehlo, "250"}, {mail + "RSET\r\n" + rcpt, "250 2.1.0, 250 2.0.0, 503 5.5.1"}}},
        {"so does EHLO", may, {{ehlo, "250"}, {mail, "250 2.1.0"}, {ehlo, "250"}, {rcpt, "503 5.5.1"}}},
        {"but not a refused EHLO",
         may,
         {{ehlo, "250"}, {mail, "250 2.1.0"}, {"EHLO (x)\r\n", "501 5.5.4"}, {rcpt, "250 2.1.5"}}},
        {"others",
         may,
         {{ehlo, "250"},
          {"NOOP\r\nVRFY b\r\nHELP\r\nEXPN x\r\nX\r\n",
           "250 2.0.0, 252 2.5.2, 214 2.0.0, 502 5.5.1, 500 5.5.2"}}},
        {"a failed store takes the transaction with it",
         may,
         {{ehlo, "250"},
          {"MAIL FROM:<full@x.example>\r\n" + rcpt + "DATA\r\n", "250 2.1.0, 250 2.1.5, 354"},
          {"x\r\n.\r\n", "452 4.3.1"},
          {rcpt, "503 5.5.1"}}},
        {"QUIT ends everything", may, {{ehlo, "250"}, {"QUIT\r\nNOOP\r\n", "221 2.0.0"}}, true},
        {"RFC 2920 §3.1: commands may follow the final dot",
         may,
         {{ehlo, "250"},
          {transaction, "250 2.1.0, 250 2.1.5, 354"},
          {".\r\n" + mail + "QUIT\r\n", "250 2.0.0, 250 2.1.0, 221 2.0.0"}},
         true},
    });
}

TEST_CASE("rule 50: who does not wait for the reply is not believed (RFC 2920 §3.1)") {
    check({
        {"behind EHLO", may, {{ehlo + mail, "554 5.5.0"}}, true},
        {"behind DATA",
         may,
         {{ehlo, "250"}, {transaction + "x\r\n.\r\n", "250 2.1.0, 250 2.1.5, 554 5.5.0"}},
         true},
        {"before EHLO nothing is lost by answering in order",
         may,
         {{"NOOP\r\n" + mail, "250 2.0.0, 503 5.5.1"}}},
        {"QUIT without a care", may, {{"QUIT\r\n\r\n", "221 2.0.0"}}, true},
    });
    ServerPlayer player;
    player.start(EarlyInput::seen);
    CHECK(player.replies() == "554");
    CHECK(player.isClosed());
}

TEST_CASE("rule 47: CRLF alone ends a line") {
    check({
        {"a bare LF ends neither line nor session silently",
         may,
         {{ehlo, "250"}, {"NOOP\nNOOP\r\n", "500 5.5.2"}},
         true},
        {"it is refused before its CRLF comes", may, {{ehlo, "250"}, {"NOOP\n", "500 5.5.2"}}, true},
        {"a bare CR within a command",
         may,
         {{ehlo, "250"}, {"NOOP\rRSET\r\nNOOP\r\n", "500 5.5.2, 250 2.0.0"}}},
        {"a bare CR before CRLF", may, {{ehlo, "250"}, {"NOOP\r\r\n", "500 5.5.2"}}},
        {"NUL", may, {{ehlo, "250"}, {"NOOP \0\r\n"s, "500 5.5.2"}}},
        {"a bare CR ends nothing", may, {{ehlo, "250"}, {"NOOP\r", ""}, {"\n", "250 2.0.0"}}},
    });
}

TEST_CASE("rule 47: no smuggled end of a message is one, and none is passed on (CVE-2023-51764)") {
    const std::string smuggled = "MAIL FROM:<evil@example.net>\r\nRCPT TO:<c@example.org>\r\nDATA\r\nx\r\n";
    for (const std::string& end : {"\n.\n"s, "\n.\r\n"s, "\r\n.\n"s, "\r.\r"s, "\r.\r\n"s, "\r\n.\r"s,
                                   "\r.\n"s, "\n.\r"s, "\r\r\n.\r\n"s}) {
        INFO(end);
        auto player = greeted();
        player.send(transaction);
        player.replies();
        player.send("text" + end);
        if (end != "\r\r\n.\r\n") CHECK(player.replies().empty());
        const bool standard = player.isReading() && !player.said.empty();
        if (!standard) player.send(smuggled + ".\r\n");
        CHECK(player.replies() == "550 5.6.0");
        CHECK(player.stored.empty());
        CHECK(player.discards == 1);
        player.send(transaction);  // the session goes on
        CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 354");
    }
}

TEST_CASE("the driver can end a session with a reply of its own") {
    auto player = greeted();
    player.endWith({421, "4.3.2", "Shutting down"});
    CHECK(player.said == "421 4.3.2 Shutting down\r\n");
    CHECK(player.isClosed());

    ServerPlayer full;
    full.session.endWith({421, "4.7.0", "Too many sessions"});
    full.start();
    CHECK(full.said == "421 4.7.0 Too many sessions\r\n");
    CHECK(full.isClosed());

    ServerPlayer implicit(ListenerTls::implicit);
    implicit.session.endWith({421, "4.7.0", "Too many sessions"});
    implicit.start();
    CHECK(implicit.said.empty());  // the client expects TLS
    CHECK(implicit.isClosed());
}

TEST_CASE("the envelope can be looked at until its message is stored or refused") {
    const ServerSettings settings{*base::DomainName::parse("mx.example.org"), may, {}, {}};
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    auto next = session.start({});
    for (const auto& flight : {ehlo, transaction, ".\r\n"s}) {
        for (; !std::holds_alternative<action::Read>(next); next = session.next({}))
            if (std::holds_alternative<action::DecideSender>(next) ||
                std::holds_alternative<action::DecideRecipient>(next))
                session.decided({});
        session.received(flight);
        next = session.next({});
    }
    REQUIRE(std::holds_alternative<action::Store>(next));
    CHECK(std::get<action::Store>(next).envelope == session.envelope());
    CHECK(record::toText(session.envelope().sender) == "a@example.net");
    session.stored(base::fail(Reply{451, "4.3.0", "Not now"}));
    CHECK(session.envelope() == record::Envelope{});
}

TEST_CASE("what is awaited has a deadline, and our own work has none") {
    const ServerSettings settings{*base::DomainName::parse("mx.example.org"), may, {}, {}};
    ServerSession session(std::make_shared<const ServerSettings>(settings));
    const base::Tick now{1h};
    CHECK(std::holds_alternative<action::Write>(session.start(now)));
    CHECK(session.deadline() == now + 300s);
    CHECK(std::holds_alternative<action::Read>(session.next(now + 1s)));
    CHECK(session.deadline() == now + 301s);
    session.received(ehlo);
    CHECK(std::holds_alternative<action::Write>(session.next(now + 2s)));
    CHECK(std::holds_alternative<action::Read>(session.next(now + 2s)));
    session.received(mail);
    CHECK(std::holds_alternative<action::DecideSender>(session.next(now + 3s)));
    CHECK(session.deadline() == base::Tick::max());
    session.decided({});
    CHECK(record::toText(session.envelope().sender) == "a@example.net");
    CHECK(std::holds_alternative<action::Write>(session.next(now + 900s)));
    session.timedOut();  // the client does not read: nothing more can be said
    CHECK(std::holds_alternative<action::Close>(session.next(now + 1200s)));
}

TEST_CASE("RFC 5321 §4.1.1.3: <Postmaster> is that of the domain that the settings name") {
    ServerSettings settings{.hostname = *base::DomainName::parse("mx.example.org")};
    settings.postmasterDomain = *base::DomainName::parse("example.org");
    ServerSession session(std::make_shared<const ServerSettings>(std::move(settings)));
    session.start({});
    session.next({});
    session.received(ehlo);
    session.next({});
    session.next({});
    session.received(mail + "RCPT TO:<POSTMASTER>\r\n");
    session.next({});
    session.decided({});
    const auto asked = session.next({});
    REQUIRE(std::holds_alternative<action::DecideRecipient>(asked));
    CHECK(std::get<action::DecideRecipient>(asked).recipient.mailbox.toText() == "postmaster@example.org");
}

TEST_CASE("RFC 5321 §4.2, rule 55: a refusal names its command, and what of the client's words is wrong") {
    struct Row {
        std::string send;  // after EHLO and MAIL
        std::string_view stage;
        std::string text;  // the reply's
    };
    const Row rows[] = {
        {"EHLO (x)", "EHLO", "\"(x)\" is no domain name and no address literal: say your name"},
        {"RSET\r\nMAIL FROM:<a@b.example> AUTH=<>", "MAIL", "AUTH: parameter not supported"},
        {"RSET\r\nMAIL FROM: <a@b.example>", "MAIL", "No space may stand behind \"FROM:\""},
        {"RSET\r\nMAIL FROM:\t<a@b.example>", "MAIL", "No space may stand behind \"FROM:\""},
        {"RSET\r\nMAIL FROM:a@b.example", "MAIL",
         "Bad address a@b.example: it does not stand in angle brackets"},
        {"RSET\r\nMAIL FROM:<a..b@c.example>", "MAIL",
         "Bad address <a..b@c.example>: the local part has two dots in a row, which only a quoted one may "
         "have, as in \"a..b\"@example.org"},
        {"RCPT TO: <b@example.org>", "RCPT", "No space may stand behind \"TO:\""},
        {"RCPT TO:<b ob@example.org>", "RCPT",
         "Bad address <b ob@example.org>: the local part has a space, which only a quoted one may have, as "
         "in "
         "\"a..b\"@example.org"},
        {"RCPT TO:<b,c@example.org>", "RCPT",
         "Bad address <b,c@example.org>: the local part has the sign ,, which only a quoted one may have, as "
         "in \"a..b\"@example.org"},
        {"RCPT TO:<b@example.org> ORCPT=bob", "RCPT",
         "Syntax: ORCPT=type;xtext of at most 500 characters, once; not ORCPT=bob"},
        {"RCPT TO:<b@example.org> RRVS=2014-04-03T23:01:00Z", "RCPT", "RRVS: parameter not supported"},
        {"RCPT TO:<b@example.org> \x1b[2J", "RCPT", "\\x1b[2J: parameter not supported"},
        {"RCPT TO:<" + std::string(200, 'b') + ">", "RCPT",
         "Bad address <" + std::string(96, 'b') + "...: it has no '@'"},
        {"RCPT TO:<\xc3\xbc@example.org>", "RCPT",
         "<\\xc3\\xbc@example.org> has characters beyond ASCII, which need SMTPUTF8 at MAIL"},
        {"DATA now", "DATA", "DATA takes no argument"},
        {"AUTH PLAIN AGEAYg==", "UNKNOWN", "AUTH is not implemented"},
        {"c2VjcmV0", "UNKNOWN", "Unknown command"},  // it may be a password
        {std::string(3000, 'x'), "UNKNOWN", "Line too long"},
    };
    for (const auto& row : rows) {
        INFO(row.send.substr(0, 60));
        auto player = greeted();
        player.send(mail);
        player.session.takeRefusals();
        player.send(row.send + "\r\n");
        const auto refusals = player.session.takeRefusals();
        REQUIRE(refusals.size() == 1);
        CHECK(refusals.front().stage == row.stage);
        CHECK(refusals.front().reply.text == row.text);
    }
}

TEST_CASE("rule 55: each refusal of a pipeline is told for the log, and none that the driver decided") {
    auto player = greeted();
    player.send(mail +
                "RCPT TO:<refused@example.org>\r\nRCPT TO:<x>\r\nVRFY\r\nRCPT TO:<b@example.org> X\r\n");
    std::string told;
    for (const auto& refusal : player.session.takeRefusals())
        told += std::string(refusal.stage) + ' ' + std::to_string(refusal.reply.code) + ' ';
    CHECK(told == "RCPT 501 VRFY 501 RCPT 555 ");
    CHECK(player.session.takeRefusals().empty());
    CHECK(player.session.stage() == "RCPT");
}

TEST_CASE("RFC 3461: a client that may order no reports is offered none") {
    struct Row {
        const char *why, *send, *replies;
    };
    const Row rows[] = {
        {"RET", "MAIL FROM:<a@example.net> RET=HDRS\r\n", "555 5.5.4"},
        {"ENVID", "MAIL FROM:<a@example.net> ENVID=x\r\n", "555 5.5.4"},
        {"NOTIFY, NEVER included", "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org> NOTIFY=NEVER\r\n",
         "250 2.1.0, 555 5.5.4"},
        {"ORCPT", "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org> orcpt=rfc822;b\r\n",
         "250 2.1.0, 555 5.5.4"},
        {"all others", "MAIL FROM:<a@example.net> SIZE=1 BODY=8BITMIME\r\n", "250 2.1.0"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        ServerPlayer player(may, {}, {}, Dsn::withheld);
        player.start();
        player.send(ehlo);
        CHECK(player.said.find("DSN") == std::string::npos);
        player.replies();
        player.send(row.send);
        CHECK(player.replies() == row.replies);
    }
}
