#include "cli/transport.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace postseal::cli {
namespace {

using namespace std::chrono_literals;
using record::Assurance;
using record::Direction;
using record::HopRecord;
using record::HopResult;

const base::Timestamp start = base::fromMicros(1'790'000'000'000'000);
const auto queueId = record::QueueId::make(start, 1);

HopRecord arrival() {
    HopRecord hop;
    hop.time = start;
    hop.direction = Direction::in;
    hop.queueId = queueId;
    hop.messageId = "<1@example.org>";
    hop.sender = "alice@example.org";
    hop.peer = {"client.example.org", base::IpAddress::parse("192.0.2.1"), 40000};
    hop.recipients = {{"bob@example.net", HopResult::accepted, ""}};
    hop.assurance = Assurance::encrypted;
    auto& tls = hop.tls.emplace();
    tls.protocol = "TLSv1.3";
    tls.cipher = "TLS_AES_256_GCM_SHA384";
    tls.group = "X25519";
    hop.reply = "250 2.0.0 Ok: queued";
    return hop;
}

HopRecord departure(HopResult result, std::optional<Assurance> assurance, std::string words,
                    std::chrono::seconds later = 1s) {
    HopRecord hop;
    hop.time = start + later;
    hop.direction = Direction::out;
    hop.queueId = queueId;
    hop.peer = {"mx.example.net", base::IpAddress::parse("192.0.2.2"), 25};
    hop.recipients = {{"bob@example.net", result, words}};
    hop.assurance = assurance;
    hop.result = result;
    hop.reply = std::move(words);
    return hop;
}

}  // namespace

TEST_CASE("trace: people read who, what was demanded, what was found and what happened") {
    ledger::TransportRecord transport;
    transport.queueId = queueId;
    transport.messageId = "<1@example.org>";
    transport.recipients.emplace_back().address = "bob@example.net";
    transport.recipients.back().state = "delivered";
    transport.hops = {arrival(), departure(HopResult::delivered, Assurance::cleartext, "250 ok\x1b[31m")};
    const auto text = forPeople({transport});
    INFO(text);
    for (const auto* words :
         {queueId.text().c_str(), "<1@example.org>", "to   <bob@example.net>  delivered",
          "from client.example.org[192.0.2.1]:40000", "encrypted: TLSv1.3 TLS_AES_256_GCM_SHA384 X25519",
          "no client certificate", "found     cleartext", "delivered: 250 ok\\x1b"})
        CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("trace: who named the host, and whether what is recorded today can be read later") {
    struct Row {
        record::MxProof proof;
        const char *cipher, *group, *host, *later;
    };
    const Row rows[] = {
        {record::MxProof::dnssec, "TLS_AES_256_GCM_SHA384", "X25519MLKEM768", "named by DNSSEC",
         "X25519MLKEM768 (safe against later decryption)"},
        {record::MxProof::none, "TLS_AES_256_GCM_SHA384", "X25519", "which proves nothing", "X25519, "},
        {record::MxProof::administrator, "AES256-GCM-SHA384", "", "administrator",
         "AES256-GCM-SHA384 (without forward secrecy)"},
    };
    for (const auto& row : rows) {
        auto hop = departure(HopResult::delivered, Assurance::encrypted, "250 ok");
        hop.mxProof = row.proof;
        auto& tls = hop.tls.emplace();
        tls.protocol = row.group[0] == 0 ? "TLSv1.2" : "TLSv1.3";
        tls.cipher = row.cipher;
        tls.group = row.group;
        ledger::TransportRecord transport;
        transport.hops = {hop};
        const auto text = forPeople({transport});
        INFO(text);
        CHECK(text.find(row.host) != std::string::npos);
        CHECK(text.find(row.later) != std::string::npos);
    }
}

TEST_CASE("trace: what no server was found for is not called undemanded") {
    ledger::TransportRecord transport;
    auto unfound = departure(HopResult::deferred, {}, "MX of example.net: SERVFAIL");
    unfound.peer = {};
    transport.hops = {arrival(), unfound};
    const auto text = forPeople({transport});
    INFO(text);
    CHECK(text.find("demanded  nothing\n      found     encrypted") != std::string::npos);  // the arrival
    CHECK(text.find("demanded  not decided: there was no server to demand it of") != std::string::npos);
}

TEST_CASE("trace: a list has a line for each transfer") {
    CHECK(transferLine(arrival()) == "2026-09-21T14:13:20Z " + queueId.text() +
                                         " in  encrypted accepted   <alice@example.org> to bob@example.net "
                                         "from client.example.org[192.0.2.1]:40000\n");
    auto many = departure(HopResult::delivered, Assurance::authenticated, "250 ok");
    for (const auto* one : {"b@x.example", "c@x.example", "d@x.example\n"})
        many.recipients.push_back({one, HopResult::delivered, ""});
    CHECK(transferLine(many) == "2026-09-21T14:13:21Z " + queueId.text() +
                                    " out sealed    delivered  <> to bob@example.net, b@x.example, "
                                    "c@x.example and 1 more by mx.example.net[192.0.2.2]:25\n");
    CHECK(transferHead().starts_with("TIME                 QUEUE ID        WAY FOUND"));
}

}  // namespace postseal::cli
