#include "receive/lines.hpp"

#include <doctest/doctest.h>

namespace postseal::receive {
namespace {

const Client client{"mail.example.org", *base::IpAddress::parse("192.0.2.1"), 40000};
const auto id = record::QueueId::make(base::fromMicros(1'790'000'000'000'000), 1);

std::string text(const log::Line& line) {
    std::string out;
    log::appendPostfix(out, line);
    return out;
}

}  // namespace

TEST_CASE("log: receiving speaks Postfix's words") {
    CHECK(text(connectLine(client)) == "connect from mail.example.org[192.0.2.1]");
    CHECK(text(disconnectLine(client, "ehlo=1 quit=1 commands=2")) ==
          "disconnect from mail.example.org[192.0.2.1] ehlo=1 quit=1 commands=2");
    CHECK(text(brokenLine("lost connection", "DATA", client)) ==
          "lost connection after DATA from mail.example.org[192.0.2.1]");
    CHECK(text(clientLine(id, client)) == id.text() + ": client=mail.example.org[192.0.2.1]");
    CHECK(text(messageIdLine(id, "<1@example.org>")) == id.text() + ": message-id=<1@example.org>");
    CHECK(text(activeLine(id, std::nullopt, 1234, 2)) ==
          id.text() + ": from=<>, size=1234, nrcpt=2 (queue active)");
    record::TlsFacts tls;
    tls.protocol = "TLSv1.3";
    tls.cipher = "TLS_AES_256_GCM_SHA384";
    tls.cipherBits = 256;
    tls.group = "X25519";
    CHECK(text(tlsLine(client, tls)) ==
          "Anonymous TLS connection established from mail.example.org[192.0.2.1]: TLSv1.3 with cipher "
          "TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519");
}

TEST_CASE("rule 55: what a client says stands behind its address, escaped") {
    const Client nameless{{}, client.address, 1};
    const smtp::Reply reply{554, "5.7.1", "<x@example.com>: Relay access denied"};
    const record::ReversePath sender = record::Mailbox::parse("\"a b\"@example.net").value();
    const auto line =
        text(rejectLine({}, nameless, {"RCPT", reply, sender, "x@example.com", "ESMTP", "evil\n[9.9.9.9]"}));
    CHECK(line ==
          "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <x@example.com>: Relay access denied; "
          "from=<\"a b\"@example.net> to=<x@example.com> proto=ESMTP helo=<evil\\x0a[9.9.9.9]>");
}

}  // namespace postseal::receive
