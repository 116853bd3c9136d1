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

}  // namespace postseal::cli
