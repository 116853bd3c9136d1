#include "cli/queue_text.hpp"

#include <doctest/doctest.h>

namespace postseal::cli {

TEST_CASE("queue: a message is listed with when and why each recipient waits") {
    const auto now = base::fromMicros(1'790'000'000'000'000);
    queue::Listed message;
    message.id = record::QueueId::make(now, 7);
    message.sender = "alice@example.org";
    message.sizeBytes = 4321;
    message.arrived = now - std::chrono::hours(3);
    queue::ListedRecipient waits;
    waits.address = "bob@example.net";
    waits.nextHop = "example.net";
    waits.nextAttempt = now + std::chrono::minutes(4);
    waits.attempts = 2;
    waits.reason = "TLS is required, but was not offered\n";
    message.recipients.assign(2, waits);
    message.recipients.back().inDelivery = true;
    message.recipients.push_back(waits);
    message.recipients.back().state = queue::State::held;
    message.recipients.push_back(waits);
    message.recipients.back().nextAttempt = now - std::chrono::hours(1);

    const auto text = forPeople(message, now);
    INFO(text);
    for (const auto& words :
         {message.id.text(), std::string("4321 bytes"), std::string("from <alice@example.org>"),
          std::string("(3 h ago)"),
          std::string(
              "to <bob@example.net> by example.net  next attempt in 4 min, 2 failed: TLS is required, but "
              "was not offered\\x0a"),
          std::string("in delivery now"), std::string("held, 2 failed: TLS"),
          std::string("next attempt now, 2")})
        CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("queue: times are told from now") {
    using namespace std::chrono_literals;
    const auto now = base::fromMicros(1'790'000'000'000'000);
    struct Row {
        std::chrono::seconds distance;
        const char* words;
    };
    for (const auto& row : {Row{0s, "now"}, Row{1s, "in 1 s"}, Row{-119s, "119 s ago"}, Row{2min, "in 2 min"},
                            Row{-119min, "119 min ago"}, Row{2h, "in 2 h"}, Row{47h, "in 47 h"},
                            Row{-48h, "2 days ago"}, Row{-24h * 400, "400 days ago"}})
        CHECK(relative(now + row.distance, now) == row.words);
}

TEST_CASE("queue: destinations tell how much waits, since when, why, and until when") {
    using namespace std::chrono_literals;
    const auto now = base::fromMicros(1'790'000'000'000'000);
    CHECK(forPeople(std::vector<queue::ListedDestination>{}, now) == "No message is waiting.\n");
    const auto text = forPeople({{.nextHop = "example.org",
                                  .waiting = 312,
                                  .held = 4,
                                  .oldest = now - 5h,
                                  .reason = "connect to mx.example.org[192.0.2.1]:25: Connection refused",
                                  .nextAttempt = now + 12min},
                                 {.nextHop = "example.net", .inDelivery = 1, .oldest = now - 1s}},
                                now);
    CHECK(text == " waiting  sending     held  oldest       next try     next hop and why\n"
                  "     312        0        4  5 h ago      in 12 min    example.org\n"
                  "         connect to mx.example.org[192.0.2.1]:25: Connection refused\n"
                  "       0        1        0  1 s ago      -            example.net\n");
}

TEST_CASE("queue: what was done is said, and what would be") {
    CHECK(forPeople(queue::Steer::retry, {.messages = 10, .recipients = 12}, false) ==
          "12 recipients of 10 messages are due now.\n");
    CHECK(forPeople(queue::Steer::remove, {.messages = 1, .recipients = 1}, true) ==
          "1 recipient of 1 message would be deleted.\n");
}

TEST_CASE("queue: the balance ends with the difference") {
    queue::Balance balance;
    balance.accepted = 3;
    balance.delivered = 1;
    balance.queued = 1;
    CHECK(forPeople(balance).ends_with("difference            1\n"));
}

}  // namespace postseal::cli
