#include "mail/received.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::mail;

namespace {

const auto someTime = base::parseRfc3339("2026-11-23T19:38:44Z").value();
const auto someId = record::QueueId::parse("0123456789BCDFG").value();
const auto someMailbox = record::Mailbox::parse("user@example.org").value();

record::TlsFacts tls13() {
    record::TlsFacts tls;
    tls.protocol = "TLSv1.3";
    tls.cipher = "TLS_AES_256_GCM_SHA384";
    tls.cipherBits = 256;
    tls.group = "X25519";
    return tls;
}

Arrival arrival() {
    Arrival a;
    a.helo = "mail.example.net";
    a.clientName = "mail.example.net";
    a.client = base::IpAddress::parse("192.0.2.1").value();
    a.host = "mx.example.org";
    a.protocol = "ESMTPS";
    a.id = someId;
    a.time = someTime;
    return a;
}

}  // namespace

TEST_CASE("rule 39: Received with the tls clause, the keyword and the certificate's verdict") {
    auto tls = tls13();
    tls.peer.emplace();
    tls.peer->subject = "client.example.net";
    auto a = arrival();
    a.tls = &tls;
    a.recipient = &someMailbox;
    CHECK(received(a) == "Received: from mail.example.net (mail.example.net [192.0.2.1])\r\n"
                         "\tby mx.example.org with ESMTPS tls TLS_AES_256_GCM_SHA384 group X25519\r\n"
                         "\t(TLSv1.3, 256 bits, client certificate \"client.example.net\" verified)\r\n"
                         "\tid 0123456789BCDFG for <user@example.org>;\r\n"
                         "\tMon, 23 Nov 2026 19:38:44 +0000\r\n");

    a.host = "a-long-name-of-a-mail-server.example.org";
    CHECK(received(a).find("\r\n\tby a-long-name-of-a-mail-server.example.org\r\n"
                           "\twith ESMTPS tls TLS_AES_256_GCM_SHA384 group X25519\r\n") != std::string::npos);
    a.host = "mx.example.org";

    tls.peer->chainFault = "self-signed certificate";
    tls.group.clear();
    tls.resumed = true;
    a.recipient = nullptr;
    CHECK(received(a) == "Received: from mail.example.net (mail.example.net [192.0.2.1])\r\n"
                         "\tby mx.example.org with ESMTPS tls TLS_AES_256_GCM_SHA384\r\n"
                         "\t(TLSv1.3, 256 bits, resumed session, client certificate\r\n"
                         "\t\"client.example.net\" not verified: self-signed certificate)\r\n"
                         "\tid 0123456789BCDFG; Mon, 23 Nov 2026 19:38:44 +0000\r\n");

    tls.peer.reset();
    a.askedForCertificate = true;
    CHECK(received(a).find("no client certificate)") != std::string::npos);
    a.askedForCertificate = false;
    CHECK(received(a).find("no client certificate asked for)") != std::string::npos);
}

TEST_CASE("rule 39: Received without TLS has no tls clause") {
    auto a = arrival();
    a.protocol = "ESMTP";
    a.clientName = "";
    a.client = base::IpAddress::parse("2001:db8::1").value();
    CHECK(received(a) == "Received: from mail.example.net (unknown [IPv6:2001:db8::1])\r\n"
                         "\tby mx.example.org with ESMTP\r\n"
                         "\tid 0123456789BCDFG; Mon, 23 Nov 2026 19:38:44 +0000\r\n");
}

TEST_CASE("rule 39: nothing that a client chooses ends the field or poses as a clause") {
    const std::string_view helos[] = {
        "",          "a b",         "x) by evil.example (",   "evil\r\nX-Injected: yes",
        "\\",        "[192.0.2.9",  "\"quoted\" with ESMTPS", "\xff\xfe",
        "192.0.2.9", "[127.0.0.1]",
    };
    for (const auto helo : helos) {
        INFO(helo);
        auto tls = tls13();
        tls.cipher = "evil) with X\r\n";
        tls.peer.emplace();
        tls.peer->subject = helo;
        tls.peer->chainFault = helo.empty() ? "" : std::string(helo);
        auto a = arrival();
        a.helo = helo;
        a.clientName = helo;
        a.tls = &tls;
        const auto text = received(a);
        INFO(text);
        int depth = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\')
                ++i;
            else if (text[i] == '(')
                ++depth;
            else if (text[i] == ')')
                --depth;
            CHECK(depth >= 0);
            CHECK(depth <= 1);
            // Each line break is followed by our tab, or ends the field.
            if (text[i] == '\n' && i + 1 < text.size()) CHECK(text[i + 1] == '\t');
        }
        CHECK(depth == 0);
        CHECK(std::ranges::count(text, '\n') <= 8);
        CHECK(text.find(" tls ") == std::string::npos);
    }
}

TEST_CASE("Received: lines stay short, whatever the lengths") {
    auto tls = tls13();
    tls.peer.emplace();
    tls.peer->subject = std::string(5000, '(');
    tls.peer->chainFault = std::string(5000, 'x');
    const std::string helo(600, 'h');
    const auto mailbox =
        record::Mailbox::parse(std::string(64, 'l') + "@" + std::string(60, 'd') + ".example").value();
    auto a = arrival();
    a.helo = helo;
    a.tls = &tls;
    a.recipient = &mailbox;
    const auto text = received(a);
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\r\n", at);
        REQUIRE(end != std::string::npos);
        CHECK(end - at < 998);
        at = end + 2;
    }
}

TEST_CASE("rule 39: a hidden submitter leaves neither name, address nor certificate") {
    auto tls = tls13();
    tls.peer.emplace();
    tls.peer->subject = "laptop.example.net";
    auto a = arrival();
    a.tls = &tls;
    a.isHidden = true;
    CHECK(received(a) == "Received: from localhost (submitter not shown)\r\n"
                         "\tby mx.example.org with ESMTPS tls TLS_AES_256_GCM_SHA384 group X25519\r\n"
                         "\t(TLSv1.3, 256 bits, client certificate not shown)\r\n"
                         "\tid 0123456789BCDFG; Mon, 23 Nov 2026 19:38:44 +0000\r\n");
    a.helo = "(evil) [192.0.2.66]";
    CHECK(received(a).find("192.0.2") == std::string::npos);
}
