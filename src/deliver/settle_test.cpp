#include "deliver/house_test.hpp"
#include "deliver/peer_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

using namespace postseal;
using namespace postseal::deliver;
using namespace postseal::deliver::test;

namespace {

constexpr record::Notify never{.isAsked = true, .failure = false, .delay = false};
constexpr record::Notify ofSuccess{.isAsked = true, .success = true, .failure = true, .delay = false};
constexpr record::Notify ofFailure{.isAsked = true, .failure = true, .delay = false};

/// A port on which nobody listens.
std::uint16_t deadPort() {
    const Peer gone;
    return gone.port();
}

/// The senders' mail host hears the reports; recipients are on `[127.0.0.9]:port`.
struct Stage {
    Peer senders;
    House house;

    explicit Stage(queue::RetrySettings retry = {}, std::string_view policyMap = {},
                   const std::string& missing = {}, ReportLimits reports = {})
        : house(policyMap, retry, {{{"mail.example.com", "127.0.0.1"}}, senders.port(), missing}, reports) {}

    queue::NewMessage message(const std::string& nextHop, const std::vector<std::string>& recipients,
                              record::Notify notify = {}, std::chrono::hours age = 0h) {
        auto message = house.message("a@example.com", recipients, nextHop, age);
        for (auto& recipient : message.recipients)
            recipient.notify = notify;
        return message;
    }
    /// Of all that waits.
    int leastAttempts() {
        int least = std::numeric_limits<int>::max();
        for (const auto& one : house.listed())
            least = std::min(least, one.recipients.at(0).attempts);
        return least;
    }
    /// The messages of whose delay was told.
    std::set<std::string> delayed() {
        std::set<std::string> ids;
        for (const auto& heard : senders.heard())
            if (heard.text.find("Action: delayed\r\n") != std::string::npos)
                ids.insert(heard.text.substr(heard.text.find("X-Postseal-Queue-ID: "), 40));
        return ids;
    }
    /// The text of the only report that comes.
    std::string report() {
        REQUIRE(senders.untilHeard(1));
        return senders.heard().front().text;
    }
};

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

std::size_t times(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

/// The report on a message that asked for RET=FULL, where nobody listens.
std::string reportOnWhole(std::string_view policyMap, std::size_t bytes) {
    Stage stage({.first = 1s, .max = 1s, .giveUp = 1s, .warn = 0s}, policyMap);
    const std::string nextHop =
        policyMap.empty() ? "[127.0.0.1]:" + std::to_string(deadPort()) : std::string("[127.0.0.1]");
    auto message = stage.message(nextHop, {"x@example.net"});
    message.kept.returned = record::Returned::whole;
    std::string body = "Subject: hello\r\n\r\n.dot\r\n";
    while (body.size() < bytes)
        body += "more of it\r\n";
    message.kept.body = queue::Body::inMemory(body);
    stage.house.send(message);
    return stage.report();
}

}  // namespace

TEST_CASE("RFC 3461 §5.2.6: several failed recipients are told in one report, with ENVID and ORCPT") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    Stage stage;
    auto message = stage.message(peer.nextHop(), {"x@example.net", "y@example.net"});
    message.kept.envelopeId = "env-17";
    message.recipients[0].original = "rfc822;first@example.net";
    stage.house.send(message);
    const auto text = stage.report();
    CHECK(times(text, "Action: failed\r\n") == 2);
    CHECK(has(text, "Original-Envelope-Id: env-17\r\n"));
    CHECK(times(text, "Original-Recipient: ") == 1);
    CHECK(has(text, "Original-Recipient: rfc822; first@example.net\r\n"));
    CHECK(has(text, "Remote-MTA: dns; 127.0.0.9\r\n"));
    CHECK_FALSE(has(text, ".dot"));
    CHECK(stage.house.balance().returned == 2);
    CHECK(stage.house.balance().difference() == 0);
}

TEST_CASE("rule 31: a report on a REQUIRETLS message brings back its header alone, and is tagged as it was") {
    struct Row {
        const char* why;
        record::TlsDemand tls;
        bool isWhole;
    };
    using enum record::TlsDemand;
    const Row rows[] = {{"RFC 8689 §5: RET=FULL is disregarded", required, false},
                        {"§6: a report needs TLS no more than what it is about", optional, true},
                        {"neither", none, true}};
    for (const auto& row : rows) {
        INFO(row.why);
        // Twice, so that the ledger knows how it was tried before.
        Peer peer({{"RCPT", {"450 4.2.0 greylisted", "550 5.1.1 no such user"}}});
        Stage stage({.first = 1s, .max = 1s},
                    "example.com encrypt\n");  // the senders' host has no TLS: the report waits
        auto message = stage.message(peer.nextHop(), {"x@example.net"});
        message.kept.returned = record::Returned::whole;
        message.kept.tls = row.tls;
        stage.house.send(message);
        const auto isReturned = [&] { return stage.house.balance().returned == 1; };
        REQUIRE(stage.house.until(isReturned));
        const auto waiting = stage.house.listed();
        REQUIRE(waiting.size() == 1);
        CHECK(waiting[0].sender.empty());
        CHECK(waiting[0].tls == row.tls);
        const auto text = stage.house.text(waiting[0].id);
        CHECK(has(text, ".dot") == row.isWhole);
        CHECK(has(text, "was to travel protected") == (row.tls == required));
        CHECK(has(text, "TLS-Required: No\r\n") == (row.tls == optional));
        // No word of it left: the peer has no TLS.
        CHECK(peer.heard().empty());
        CHECK(has(text, "Status: 5.7.10\r\n") == (row.tls == required));
    }
}

TEST_CASE("RFC 3461 §5.2.6: a sender who wants no report gets none, and the ledger says why") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    Stage stage;
    const auto message = stage.message(peer.nextHop(), {"x@example.net"}, never);
    stage.house.send(message);
    REQUIRE(stage.house.until([&] { return stage.house.balance().discarded == 1; }));
    CHECK(stage.house.listed().empty());
    CHECK(stage.house.fate(message.kept.id) == "550 5.1.1 no such user (the sender wants no report: NOTIFY)");
    CHECK(stage.house.balance().accepted == 1);
}

TEST_CASE("RFC 3461 §5.2.8: a report tells only of those for whom it was asked") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    Stage stage;
    auto message = stage.message(peer.nextHop(), {"told@example.net", "untold@example.net"});
    message.recipients[1].notify = never;
    stage.house.send(message);
    const auto text = stage.report();
    CHECK(times(text, "Final-Recipient: ") == 1);
    CHECK_FALSE(has(text, "untold@"));
    CHECK(stage.house.balance().returned == 1);
    CHECK(stage.house.balance().discarded == 1);
}

TEST_CASE(
    "RFC 3461 §5.2.2: a peer without DSN: the sender who asked of success hears 'relayed', nobody else") {
    Peer peer;
    Stage stage;
    auto message = stage.message(peer.nextHop(), {"told@example.net", "untold@example.net"}, ofSuccess);
    message.recipients[1].notify = {};
    message.kept.returned = record::Returned::whole;
    stage.house.send(message);
    const auto text = stage.report();
    CHECK(times(text, "Action: relayed\r\nStatus: 2.") == 1);
    CHECK_FALSE(has(text, "untold@"));
    CHECK_FALSE(has(text, ".dot"));  // §6.2: only failures bring the whole back
    CHECK(stage.house.balance().difference() == 0);
}

TEST_CASE("RFC 3461 §4.3: RET=FULL brings the message back as it was, unless it is large or was guarded") {
    struct Row {
        const char* why;
        std::string_view map;
        std::size_t bytes;
        bool isWhole;
        const char* words;
    };
    const Row rows[] = {
        {"small, and nothing demanded", "", 0, true, "Content-Type: message/rfc822\r\n"},
        {"too large", "", 60'000, false, "too large for a report"},
        {"the policy demands encryption", "[127.0.0.1] encrypt\n", 0, false, "was to travel protected"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto text = reportOnWhole(row.map, row.bytes);
        CHECK(has(text, row.words));
        CHECK(has(text, "\r\n\r\n.dot\r\n") == row.isWhole);
        CHECK(has(text, "Received: from a by b; today\r\nSubject: hello\r\n"));
    }
}

TEST_CASE("RFC 3461 §4.3: a domain that is said not to exist is guarded by what the map demands of it") {
    for (const bool isGuarded : {true, false}) {
        INFO(isGuarded);
        Stage stage({}, isGuarded ? "bank.example secure\n" : "", "bank.example");
        auto message = stage.message("bank.example", {"x@bank.example"});
        message.kept.returned = record::Returned::whole;
        record::HopRecord arrival;  // nothing was demanded on its way in
        arrival.time = message.kept.arrived;
        arrival.queueId = message.kept.id;
        store::Batch batch;
        ledger::append(batch, arrival);
        REQUIRE(stage.house.writer.commitBlocking(std::move(batch)).has_value());
        stage.house.send(message);
        CHECK(has(stage.report(), "\r\n\r\n.dot\r\n") != isGuarded);
    }
}

TEST_CASE("a delay is told once, and not to those who asked only of failures") {
    Peer peer({{"RCPT", {"450 4.2.0 greylisted"}}});
    Stage stage({.first = 1s, .max = 1s, .warn = 1s});
    auto message = stage.message(peer.nextHop(), {"told@example.net", "untold@example.net"});
    message.recipients[1].notify = ofFailure;
    stage.house.send(message);
    const auto text = stage.report();
    CHECK(times(text, "Action: delayed\r\nStatus: 4.2.0\r\n") == 1);
    CHECK(has(text, "Will-Retry-Until: "));
    CHECK_FALSE(has(text, "untold@"));
    REQUIRE(stage.house.until([&] { return stage.house.listed().at(0).recipients.at(0).attempts >= 5; }));
    CHECK(stage.senders.heard().size() == 1);
}

TEST_CASE("a delay is told once though the destination is dead, and never of a report") {
    const std::string nextHop = "[127.0.0.1]:" + std::to_string(deadPort());
    Stage stage({.first = 1s, .max = 2s, .giveUp = 120h, .warn = 2s});
    for (int i = 0; i < 5; ++i)
        stage.house.send(stage.message(nextHop, {"x@example.net"}));
    stage.house.send(stage.house.message("", {"x@example.net"}, nextHop));
    REQUIRE(stage.senders.untilHeard(5));
    REQUIRE(stage.house.until([&] { return stage.leastAttempts() >= 5; }));
    CHECK(stage.delayed().size() == 5);
    CHECK(stage.senders.heard().size() == 5);
    CHECK(stage.house.balance().queued == 6);
}

TEST_CASE("rule 54: a clock that jumped tells nobody of a delay before the attempts of that time were made") {
    Peer peer({{"RCPT", {"450 4.2.0 greylisted"}}});
    Stage stage({.first = 3600s, .max = 3600s, .warn = 4h});
    stage.house.send(stage.message(peer.nextHop(), {"x@example.net"}, {}, 24h * 365));
    REQUIRE(stage.house.until([&] { return stage.house.listed().at(0).recipients.at(0).attempts == 1; }));
    CHECK(stage.senders.heard().empty());
}

TEST_CASE("a report is written in the language that the author reads") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    Stage stage;
    auto message = stage.message(peer.nextHop(), {"x@example.net"});
    message.kept.body = queue::Body::inMemory("Subject: hello\r\nAccept-Language: de-DE\r\n\r\n.dot\r\n");
    stage.house.send(message);
    const auto text = stage.report();
    CHECK(has(text, "Subject: Ihre Nachricht konnte nicht zugestellt werden\r\n"));
    CHECK(has(text, "kennt diese Adresse nicht."));
}

TEST_CASE("reports to strangers: beyond an hour's share a failure's waits in the queue, and is not lost") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    Stage stage({}, {}, {}, {.toDomain = 2});
    for (int i = 0; i < 3; ++i) {
        stage.house.send(stage.message(peer.nextHop(), {"x@example.net"}));
        const auto isReturned = [&stage, i] { return stage.house.balance().returned == i + 1; };
        REQUIRE(stage.house.until(isReturned));
    }
    REQUIRE(stage.senders.untilHeard(2));
    REQUIRE(stage.house.until([&] { return stage.house.listed().size() == 1; }));
    const auto waiting = stage.house.listed();
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].sender.empty());
    CHECK(waiting[0].recipients.at(0).attempts == 0);
    CHECK(waiting[0].recipients.at(0).nextAttempt > task::timeNow() + 3min);
    CHECK(stage.house.balance().difference() == 0);
}

TEST_CASE(
    "reports to strangers: who has waited as long as mail may leaves, though others have used the share") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    Stage stage({.first = 1s, .max = 1s, .giveUp = 3s}, {}, {}, {.toDomain = 1});
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 2; ++i)
        stage.house.send(stage.message(peer.nextHop(), {"x@example.net"}));
    REQUIRE(stage.senders.untilHeard(2));
    CHECK(std::chrono::steady_clock::now() - begun >= 3s);
    CHECK(stage.house.balance().difference() == 0);
}

TEST_CASE("reports to strangers: beyond an hour's share one of success is let go, the mail is not") {
    Peer peer;
    Stage stage({}, {}, {}, {.toDomain = 2});
    for (int i = 0; i < 3; ++i) {
        stage.house.send(stage.message(peer.nextHop(), {"x@example.net"}, ofSuccess));
        const auto isDelivered = [&stage, i] { return stage.house.balance().delivered >= i + 1; };
        REQUIRE(stage.house.until(isDelivered));
    }
    REQUIRE(stage.house.until([&] { return stage.house.listed().empty(); }));
    CHECK(stage.senders.heard().size() == 2);
    CHECK(peer.heard().size() == 3);
    CHECK(stage.house.balance().difference() == 0);
}
