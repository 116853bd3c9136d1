#include "receive/receiver_test.hpp"

namespace postseal::receive {

using namespace std::chrono_literals;
using task::Awaitable;

namespace {

/// A whole session with one message, at whose end comes `reply`.
void sendText(Receiver& receiver, const std::string& text, const char* reply = "250 2.0.0") {
    play(receiver, {{"", "220"},
                    {"EHLO c.example\r\n", "250"},
                    {"MAIL FROM:<>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                    {"DATA\r\n", "354"},
                    {text + ".\r\n", reply},
                    {"QUIT\r\n", "221"}});
}

std::vector<std::string> refusalsOf(store::Engine& store) {
    std::vector<std::string> records;
    const store::Statement all{"SELECT record FROM refusals"};
    REQUIRE(store::query(store, all, {}, [&](const store::Row& row) { records.emplace_back(row.text(0)); }));
    return records;
}

}  // namespace

TEST_CASE("receive: the 250 comes when message and hop record are durable; then it is handed over") {
    Receiver receiver;
    play(receiver, {{"", "220 mx.example.org"},
                    {"EHLO client.example\r\n", "250-mx.example.org"},
                    {"STARTTLS\r\n", "220 "},
                    {"TLS", ""},
                    {"EHLO client.example\r\n", "250-mx.example.org"},
                    {"MAIL FROM:<alice@example.com>\r\n", "250 2.1.0"},
                    {"RCPT TO:<bob@example.org>\r\n", "250 2.1.5"},
                    {"RCPT TO:<eve@example.com>\r\n", "554 5.7.1 <eve@example.com>: Relay access denied"},
                    {"RCPT TO:<nobody@example.org>\r\n", "550 5.1.1"},
                    {"RCPT TO:<carol@example.org>\r\n", "250 2.1.5"},
                    {"DATA\r\n", "354"},
                    {"Message-ID: <1@example.com>\r\n\r\n..dot\r\n.\r\n", "250 2.0.0 Ok: queued as "},
                    {"QUIT\r\n", "221"}});

    REQUIRE(receiver.handedOver.size() == 1);
    const auto& lease = receiver.handedOver.front();
    CHECK(lease.route.text() == "[inner.example.org]:2525");
    CHECK(lease.recipients.size() == 2);
    const auto& prefix = lease.message->prefix;
    CHECK(prefix.starts_with("Transport-Security: localhost; hop=1; assurance=encrypted; protocol=TLSv1.3;"));
    CHECK(prefix.find("\r\nReceived: from client.example (localhost [127.0.0.1])") != std::string::npos);
    CHECK(lease.message->prefix.find("with ESMTPS tls TLS_") != std::string::npos);
    REQUIRE(lease.message->body.bytes() != nullptr);
    CHECK(*lease.message->body.bytes() == "Message-ID: <1@example.com>\r\n\r\n.dot\r\n");

    const auto store = receiver.look();
    CHECK(queue::balance(*store).value().accepted == 2);
    CHECK(queue::balance(*store).value().difference() == 0);
    const auto found = ledger::find(*store, "<1@example.com>").value();
    REQUIRE(found.size() == 1);
    REQUIRE(found.front().hops.size() == 1);
    const auto& hop = found.front().hops.front();
    CHECK(hop.queueId == lease.message->id);
    CHECK(hop.assurance == record::Assurance::encrypted);
    CHECK(hop.tls.has_value());
    CHECK(hop.recipients.size() == 2);
    CHECK(refusalsOf(*store).size() == 2);
    CHECK(receiver.rates.sessions() == 0);
}

TEST_CASE("rule 42: what was sent behind STARTTLS in clear text is never seen again") {
    Receiver receiver;
    play(receiver, {{"", "220"},
                    {"EHLO evil.example\r\n", "250"},
                    {"STARTTLS\r\nMAIL FROM:<eve@example.com>\r\n", "220 "},
                    {"TLS", ""},
                    {"RCPT TO:<bob@example.org>\r\n", "503"},
                    {"QUIT\r\n", "221"}});
    CHECK(receiver.handedOver.empty());
}

TEST_CASE("rules 42, 43: a listener that requires certificates takes no mail without a valid one") {
    const std::string mail = "MAIL FROM:<alice@example.com>\r\n";
    const auto inTls = [&](std::string expected) -> std::vector<Turn> {
        return {{"", "220"},        {"EHLO c.example\r\n", "250"}, {"STARTTLS\r\n", "220 "},
                {"TLS", ""},        {"EHLO c.example\r\n", "250"}, {mail, std::move(expected)},
                {"QUIT\r\n", "221"}};
    };
    Receiver receiver;
    receiver.site->asksForCertificate = receiver.site->needsCertificate = true;
    receiver.site->tls =
        serverContext(receiver.dir, receiver.ends.identity, tls::ClientCertificates::require);
    play(receiver, {{"", "220"}, {"EHLO c.example\r\n", "250"}, {mail, "530 5.7.0"}, {"QUIT\r\n", "221"}});
    play(receiver, inTls("550 5.7.1 This server takes mail only from clients with a certificate"));

    SSL_CTX_use_certificate(receiver.ends.client.get(), receiver.ends.identity.certificate.get());
    SSL_CTX_use_PrivateKey(receiver.ends.client.get(), receiver.ends.identity.key.get());
    play(receiver, inTls("550 5.7.1 Your client certificate is not valid here"));
    receiver.site->tls = serverContext(receiver.dir, receiver.ends.identity, tls::ClientCertificates::require,
                                       receiver.dir / "chain.pem");
    play(receiver, inTls("250 2.1.0"));
}

TEST_CASE("rule 39: what a client sends never continues our Received") {
    Receiver receiver;
    for (const std::string text : {"\twith ESMTPS tls TLS_FORGED id 0;\r\n\r\nx\r\n", "no header\r\n",
                                   "A: b\r\n\r\nx\r\n", "\r\nx\r\n"})
        sendText(receiver, text);
    REQUIRE(receiver.handedOver.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(receiver.handedOver[i].message->prefix.ends_with("\r\n\r\n") == (i < 2));
}

TEST_CASE("rule 40: of the statements in our name none comes in, and nothing else is changed") {
    Receiver receiver;
    receiver.site->settings =
        std::make_shared<Settings>(Settings{.hostname = "mx.example.org",
                                            .statementId = base::DomainName::parse("example.org").value(),
                                            .relayNetworks = {}});
    sendText(receiver, "Transport-Security: (a)\r\n Example.ORG; hop=7; assurance=authenticated\r\n"
                       "Subject: a\r\nTRANSPORT-security : \"example.org\"\r\n"
                       "Transport-Security: other.example; hop=1\r\n\r\nTransport-Security: example.org\r\n");
    sendText(receiver, "Transport-Security: example.org; hop=1\r\n");
    REQUIRE(receiver.handedOver.size() == 2);
    const auto& message = *receiver.handedOver.front().message;
    CHECK(message.prefix.starts_with("Transport-Security: example.org; hop=1; assurance=cleartext"));
    CHECK(*message.body.bytes() == "Subject: a\r\nTransport-Security: other.example; hop=1\r\n\r\n"
                                   "Transport-Security: example.org\r\n");
    CHECK(receiver.handedOver.back().message->body.bytes()->empty());
}

TEST_CASE("RFC 5322 §2.2: the first line of mbox gets a field's name") {
    Receiver receiver;
    for (const std::string text :
         {"From a@sender.example Mon Jan  1 10:00:00 2026\r\nSubject: x\r\n\r\nx\r\n",
          ">From a@sender.example Mon Jan  1 10:00:00 2026\r\nSubject: x\r\n\r\nx\r\n"})
        sendText(receiver, text);
    REQUIRE(receiver.handedOver.size() == 2);
    for (const auto& lease : receiver.handedOver)
        CHECK(lease.message->prefix.ends_with("\r\nX-Mailbox-Line: "));
}

TEST_CASE("RFC 3461: reports are ordered by those on whose behalf we send, unless told otherwise") {
    struct Row {
        DsnFor dsn;
        bool isOwn;
        const char* reply;
    };
    for (const auto& row : {Row{DsnFor::own, false, "555 5.5.4"}, Row{DsnFor::own, true, "250"},
                            Row{DsnFor::all, false, "250"}, Row{DsnFor::none, true, "555 5.5.4"}}) {
        Receiver receiver;
        Settings settings{.hostname = "mx.example.org", .relayNetworks = {}};
        settings.dsn = row.dsn;
        if (row.isOwn) settings.relayNetworks = {base::Network::parse("127.0.0.0/8").value()};
        receiver.site->settings = std::make_shared<Settings>(settings);
        play(receiver, {{"", "220"},
                        {"EHLO c.example\r\n", "250"},
                        {"MAIL FROM:<a@example.com>\r\n", "250"},
                        {"RCPT TO:<bob@example.org> NOTIFY=SUCCESS\r\n", row.reply},
                        {"QUIT\r\n", "221"}});
    }
}

TEST_CASE("rules 47, 53: bare LF and lines that are too long are refused over a socket too") {
    Receiver receiver;
    const std::vector<Turn> begin{{"", "220"}, {"EHLO c.example\r\n", "250"}};
    auto turns = begin;
    turns.push_back({"NOOP " + std::string(3000, 'x') + "\r\n", "500 5.5.2"});
    turns.push_back({"MAIL FROM:<alice@example.com>\r\n", "250"});
    turns.push_back({"RCPT TO:<bob@example.org>\r\n", "250"});
    turns.push_back({"DATA\r\n", "354"});
    turns.push_back({"a\n.\nMAIL FROM:<eve@example.com>\r\n.\r\n", "550 5.6.0"});
    turns.push_back({"QUIT\n", "500 5.5.2"});
    turns.push_back({"", ""});
    play(receiver, turns);
    CHECK(receiver.handedOver.empty());
}

TEST_CASE("receive: a text that is refused is recorded with its sender") {
    Receiver receiver;
    play(receiver, {{"", "220"},
                    {"EHLO c.example\r\n", "250"},
                    {"MAIL FROM:<alice@example.com>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                    {"DATA\r\n", "354"},
                    {"a\nb\r\n.\r\n", "550 5.6.0"},
                    {"QUIT\r\n", "221"}});
    const auto refusals = refusalsOf(*receiver.look());
    REQUIRE(refusals.size() == 1);
    CHECK(refusals.front().find("alice@example.com") != std::string::npos);
}

TEST_CASE("rule 48: a silent client is told so and put out") {
    Receiver receiver;
    receiver.set(smtp::ListenerTls::may, {}, smtp::Deadlines{}.cappedAt(1s));
    play(receiver, {{"", "220"}, {"EHLO c.example\r\n", "250"}, {"MAIL FROM:<a@ex", "421 4.4.2"}, {"", ""}});
}

TEST_CASE("rule 53: one session more than a client may have is answered 421") {
    Receiver receiver;
    const auto taken = receiver.rates.enter(*base::IpAddress::parse("127.0.0.1"), {.sessionsPerClient = 1});
    auto settings = *receiver.site->settings;
    settings.sessions.sessionsPerClient = 1;
    receiver.site->settings = std::make_shared<Settings>(settings);
    play(receiver, {{"", "421 4.7.0"}, {"", ""}});
}

namespace {

Awaitable<void> lingerAfterRefusal(net::Connection connection, task::Core* core) {
    const auto refused = co_await connection.read();
    CHECK(refused.value().starts_with("421 "));
    co_await task::sleepFor(300ms);
    CHECK(core->tasks.counters().running == 1);  // this one
}

}  // namespace

TEST_CASE("rule 53: who is turned away holds no session, however long he lingers") {
    Receiver receiver;
    auto settings = *receiver.site->settings;
    settings.sessions.sessions = 0;
    receiver.site->settings = std::make_shared<Settings>(settings);
    net::test::Pair pair(receiver.world.core);
    receiver.world.start(serve(&receiver.services, receiver.site, std::move(pair.ours)));
    receiver.world.start(lingerAfterRefusal(std::move(pair.theirs), &receiver.world.core));
    receiver.world.run();
}

TEST_CASE("rule 54: without its queue the server says so before the text") {
    Receiver receiver;
    receiver.queueReady = false;
    play(
        receiver,
        {{"", "220"}, {"EHLO c.example\r\n", "250"}, {"MAIL FROM:<>\r\n", "451 4.3.0"}, {"QUIT\r\n", "221"}});
}

TEST_CASE("receive: mail that was received too often is a loop") {
    Receiver receiver;
    std::string header;
    for (int i = 0; i < 51; ++i)
        header += "Received: by x\r\n";
    sendText(receiver, header + "\r\n", "554 5.4.6");
    CHECK(receiver.handedOver.empty());
}

TEST_CASE("receive: a large body goes through a file and comes out the same") {
    Receiver receiver;
    std::string text = "Subject: x\r\n\r\n";
    while (text.size() < 300'000)
        text += "0123456789 abcdefghijklmnopqrstuvwxyz\r\n";
    play(receiver, {{"", "220"},
                    {"EHLO c.example\r\n", "250"},
                    {"MAIL FROM:<>\r\n", "250"},
                    {"RCPT TO:<bob@example.org>\r\n", "250"},
                    {"DATA\r\n", "354"},
                    {text + ".\r\n", "250 2.0.0"},
                    {"QUIT\r\n", "221"}});
    REQUIRE(receiver.handedOver.size() == 1);
    CHECK(receiver.handedOver.front().message->body.sizeBytes() == text.size());
    CHECK(receiver.handedOver.front().message->body.file() != nullptr);
}

}  // namespace postseal::receive
