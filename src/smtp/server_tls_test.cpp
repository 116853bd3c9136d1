#include "smtp/server_dialogue_test.hpp"

using namespace postseal;
using namespace postseal::smtp;
using namespace postseal::smtp::test;
using namespace std::string_literals;

TEST_CASE("rule 42: nothing said before the handshake survives it (RFC 3207 §4.2, CVE-2011-0411)") {
    ServerPlayer player;
    player.start();
    player.send("EHLO before.example\r\n");
    player.replies();
    player.send("STARTTLS\r\nMAIL FROM:<injected@example.net>\r\nRSET\r\n");
    CHECK(player.replies() == "220 2.0.0");  // what was injected is answered neither before nor after
    CHECK(player.handshakes == 1);
    CHECK(player.session.clientName().empty());
    CHECK(player.session.tls()->protocol == "TLSv1.3");
    player.send(mail);
    CHECK(player.replies() == "503 5.5.1");  // the EHLO is forgotten
    player.send("EHLO after.example\r\n");
    CHECK(player.said.find("STARTTLS") == std::string::npos);
    player.replies();
    CHECK(player.session.clientName() == "after.example");
    CHECK(player.session.protocol() == "ESMTPS");
    player.send("STARTTLS\r\n");
    CHECK(player.replies() == "503 5.5.1");

    for (const std::string& behind : {"R"s, "\r\n"s, std::string(5000, 'x'), "EHLO x\r\n"s + transaction}) {
        ServerPlayer again;
        again.start();
        again.send(ehlo);
        again.replies();
        again.send("STARTTLS\r\n" + behind);
        CHECK(again.replies() == "220 2.0.0");
        again.send("NOOP\r\n");
        CHECK(again.replies() == "250 2.0.0");
        CHECK(again.session.envelope() == record::Envelope{});
    }
}

TEST_CASE("rule 28: REQUIRETLS is offered and taken in TLS only (RFC 8689 §2, §4.1)") {
    const std::string required = "MAIL FROM:<a@example.net> REQUIRETLS\r\n";
    const Step start{"STARTTLS\r\n", "220 2.0.0"};
    check({
        {"not in clear", may, {{ehlo, "250"}, {required + rcpt, "530 5.7.10, 503 5.5.1"}}},
        {"nor where TLS is never", none, {{ehlo, "250"}, {required, "530 5.7.10"}}},
        {"where TLS is a must, that comes first",
         ListenerTls::encrypt,
         {{ehlo, "250"}, {required, "530 5.7.0"}}},
        {"in TLS", may, {{ehlo, "250"}, start, {ehlo, "250"}, {required, "250 2.1.0"}}},
        {"in TLS from the first octet (RFC 8314 §3)",
         ListenerTls::implicit,
         {{ehlo, "250"}, {required, "250 2.1.0"}}},
        {"parameters need EHLO", may, {{ehlo, "250"}, start, {"HELO c\r\n", "250"}, {required, "555 5.5.4"}}},
        {"once",
         may,
         {{ehlo, "250"}, start, {ehlo, "250"}, {"MAIL FROM:<> REQUIRETLS REQUIRETLS\r\n", "501 5.5.4"}}},
    });
    auto player = greeted();
    player.send("STARTTLS\r\n");
    player.replies();
    player.send(ehlo);
    CHECK(player.said.find("250 REQUIRETLS\r\n") != std::string::npos);
    player.replies();
    player.send(required + rcpt + "DATA\r\n");
    player.send(".\r\n");
    CHECK(player.replies() == "250 2.1.0, 250 2.1.5, 354, 250 2.0.0");
    REQUIRE(player.stored.size() == 1);
    CHECK(player.stored[0].envelope.requireTls == record::RequireTls::must);

    const auto quiet = std::make_shared<const ServerSettings>(
        ServerSettings{.hostname = *base::DomainName::parse("mx.example.org"), .requireTls = false});
    ServerPlayer without(quiet);
    without.start();
    without.send(ehlo + "");
    without.send("STARTTLS\r\n");
    without.replies();
    without.send(ehlo);
    CHECK(without.said.find("REQUIRETLS") == std::string::npos);
    without.replies();
    without.send(required);
    CHECK(without.replies() == "555 5.5.4");
}

TEST_CASE("RFC 3207: where STARTTLS may stand, and where TLS must") {
    check({
        {"not offered, not taken", none, {{ehlo, "250"}, {"STARTTLS\r\n", "502 5.5.1"}}},
        {"not before EHLO", may, {{"STARTTLS\r\n", "503 5.5.1"}}},
        {"within a transaction, which is forgotten",
         may,
         {{ehlo, "250"},
          {mail + "STARTTLS\r\n", "250 2.1.0, 220 2.0.0"},
          {ehlo, "250"},
          {rcpt, "503 5.5.1"}}},
        {"§4: 530 for all but EHLO, NOOP, QUIT",
         ListenerTls::encrypt,
         {{ehlo, "250"},
          {mail + rcpt + "DATA\r\n", "530 5.7.0, 530 5.7.0, 530 5.7.0"},
          {"VRFY x\r\nRSET\r\nNOOP\r\n", "530 5.7.0, 530 5.7.0, 250 2.0.0"},
          {"STARTTLS\r\n", "220 2.0.0"},
          {mail, "503 5.5.1"},
          {ehlo, "250"},
          {mail, "250 2.1.0"}}},
    });
    ServerPlayer player(none);
    player.start();
    player.send(ehlo);
    CHECK(player.said.find("STARTTLS") == std::string::npos);
    CHECK(player.session.protocol() == "ESMTP");
}

TEST_CASE("RFC 8314 §3: implicit TLS shakes hands before the greeting") {
    ServerPlayer player(ListenerTls::implicit);
    player.start(EarlyInput::seen);  // the ClientHello is no early talk
    CHECK(player.handshakes == 1);
    CHECK(player.replies() == "220");
    player.send(ehlo);
    CHECK(player.said.find("STARTTLS") == std::string::npos);
    CHECK(player.session.protocol() == "ESMTPS");
}
