#include "cli/queue_text.hpp"

#include <doctest/doctest.h>

namespace postseal::cli {

TEST_CASE("queue: a message is listed with when and why each recipient waits") {
    const auto now = base::fromMicros(1'790'000'000'000'000);
    queue::Listed message;
    message.id = record::QueueId::make(now, 7);
    message.sender = "alice@example.org";
    message.sizeBytes = 4321;
    message.arrived = now;
    auto& waits = message.recipients.emplace_back();
    waits.address = "bob@example.net";
    waits.nextAttempt = now;
    waits.attempts = 2;
    waits.reason = "TLS is required, but was not offered\n";
    message.recipients.emplace_back(waits).inDelivery = true;

    const auto text = forPeople({message});
    INFO(text);
    for (const auto* words : {message.id.text().c_str(), "4321 bytes", "from <alice@example.org>",
                              "2 failed: TLS is required, but was not offered\\x0a", "in delivery now",
                              "1 messages, 2 recipients"})
        CHECK(text.find(words) != std::string::npos);
    CHECK(forPeople(std::vector<queue::Listed>{}) == "No message is waiting.\n");
}

TEST_CASE("queue: the balance ends with the difference") {
    queue::Balance balance;
    balance.accepted = 3;
    balance.delivered = 1;
    balance.queued = 1;
    CHECK(forPeople(balance).ends_with("difference            1\n"));
}

}  // namespace postseal::cli
