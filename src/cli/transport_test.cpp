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
    hop.tls = record::TlsFacts{.protocol = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384", .group = "X25519"};
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

TEST_CASE("trace: state and verdict of a recipient follow its hops from our server on") {
    struct Row {
        const char* why;
        std::vector<HopRecord> hops;
        std::vector<Waiting> waiting;
        const char *state, *verdict, *reason;
    };
    const auto deferred = departure(HopResult::deferred, std::nullopt, "451 later");
    const Row rows[] = {
        {"just accepted", {arrival()}, {}, "queued", "waits", ""},
        {"authenticated is sealed",
         {arrival(), departure(HopResult::delivered, Assurance::authenticated, "250 ok")},
         {},
         "delivered",
         "sealed",
         ""},
        {"how it came in does not count",
         {arrival(), departure(HopResult::delivered, Assurance::cleartext, "250 ok")},
         {},
         "delivered",
         "open",
         ""},
        {"what delayed it is forgotten once it is there",
         {departure(HopResult::delivered, Assurance::encrypted, "250 ok", 9s), deferred, arrival()},
         {},
         "delivered",
         "encrypted",
         ""},
        {"deferred", {arrival(), deferred}, {}, "queued", "waits", "451 later"},
        {"the queue knows best why",
         {arrival(), deferred},
         {{queueId, "bob@example.net", "no STARTTLS"}},
         "queued",
         "waits",
         "no STARTTLS"},
        {"returned",
         {arrival(), departure(HopResult::bounced, Assurance::encrypted, "550 no such user")},
         {},
         "returned",
         "returns",
         "550 no such user"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto transports = transportsOf(row.hops, row.waiting);
        REQUIRE(transports.size() == 1);
        CHECK(transports[0].messageId == "<1@example.org>");
        CHECK(transports[0].hops.front().direction == Direction::in);
        REQUIRE(transports[0].recipients.size() == 1);
        CHECK(transports[0].recipients[0].state == row.state);
        CHECK(transports[0].recipients[0].verdict == row.verdict);
        CHECK(transports[0].recipients[0].reason == row.reason);
    }
}

TEST_CASE("trace: people read who, what was demanded, what was found and what happened") {
    const auto transports = transportsOf(
        {arrival(), departure(HopResult::delivered, Assurance::cleartext, "250 ok\x1b[31m")}, {});
    const auto text = forPeople(transports);
    INFO(text);
    for (const auto* words :
         {queueId.text().c_str(), "<1@example.org>", "to   <bob@example.net>  delivered, open",
          "from client.example.org[192.0.2.1]:40000", "encrypted: TLSv1.3 TLS_AES_256_GCM_SHA384 X25519",
          "no client certificate", "found     cleartext", "delivered: 250 ok\\x1B"})
        CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("trace: refused hops without a queue id are separate stories") {
    HopRecord refused = arrival();
    refused.queueId = {};
    refused.result = HopResult::refused;
    refused.recipients[0].result = HopResult::refused;
    const auto transports = transportsOf({refused, refused}, {});
    CHECK(transports.size() == 2);
    CHECK(toJson(transports).starts_with("[\n{ \"queue_id\": \"\", \"message_id\": \"<1@example.org>\""));
}

}  // namespace postseal::cli
