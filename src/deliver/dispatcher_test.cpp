#include "deliver/dispatcher.hpp"

#include "deliver/house_test.hpp"
#include "deliver/peer_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::deliver;
using namespace postseal::deliver::test;
using namespace std::chrono_literals;

TEST_CASE("a message is delivered byte for byte, recorded, counted and gone") {
    Peer peer;
    House house;
    const auto message = house.message("a@example.com", {"x@example.net", "y@example.net"}, peer.nextHop());
    house.send(message);
    REQUIRE(house.until([&] { return house.balance().delivered == 2; }));

    const auto heard = peer.heard();
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].sender == "a@example.com");
    CHECK(heard[0].recipients == std::vector<std::string>{"x@example.net", "y@example.net"});
    CHECK(heard[0].text == "Received: from a by b; today\r\nSubject: hello\r\n\r\n.dot\r\n");
    const auto hops = house.hops(message.kept.id);
    REQUIRE(hops.size() == 1);
    CHECK(hops[0].result == record::HopResult::delivered);
    CHECK(hops[0].assurance == record::Assurance::cleartext);
    CHECK(house.listed().empty());
    CHECK(house.balance().difference() == 0);
}

TEST_CASE(
    "rules 45, 51: under a demand nothing of the envelope leaves in clear text, and the message waits") {
    Peer peer({{"STARTTLS", {"500 what?"}}});
    House house(peer.nextHop() + " secure match=mx.example.net\n");
    const auto message = house.message("a@example.com", {"x@example.net"}, peer.nextHop());
    house.send(message);
    REQUIRE(house.untilTried(message.kept.id));

    for (const auto& command : peer.commands()) {
        INFO(command);
        CHECK(!command.starts_with("MAIL"));
    }
    REQUIRE(house.until([&] { return house.listed().at(0).recipients.at(0).attempts == 1; }));
    CHECK(house.listed()[0].recipients[0].reason.find("no STARTTLS") != std::string::npos);
    const auto hops = house.hops(message.kept.id);
    CHECK(record::wantedAndGot(hops[0].requirement, hops[0].assurance) == "secure/cleartext");
    CHECK(house.balance().queued == 1);
}

TEST_CASE("each recipient has its own reply: one goes, one waits, one returns with a bounce") {
    Peer peer(
        {{"RCPT TO:<later@", {"450 4.2.1 try later"}}, {"RCPT TO:<never@", {"550 5.1.1 no such user"}}});
    House house;
    house.send(house.message("a@example.com", {"x@example.net", "later@example.net", "never@example.net"},
                             peer.nextHop()));
    // The bounce waits for example.com's MX hosts, which nobody can look up here.
    REQUIRE(house.until([&] { return house.balance().returned == 1 && house.listed().size() == 2; }));

    CHECK(house.balance().delivered == 1);
    CHECK(house.balance().accepted == 4);
    CHECK(house.balance().difference() == 0);
    const auto listed = house.listed();
    CHECK(listed[0].recipients.at(0).address == "later@example.net");
    CHECK(listed[0].recipients.at(0).reason == "450 4.2.1 try later");
    CHECK(listed[1].sender.empty());
    CHECK(listed[1].recipients.at(0).address == "a@example.com");
}

TEST_CASE("a report that can't be delivered is kept for the administrator") {
    Peer peer({{"RCPT", {"550 5.1.1 no such user"}}});
    House house;
    house.send(house.message("", {"x@example.net"}, peer.nextHop()));
    REQUIRE(house.until([&] { return house.balance().keptReports == 1; }));
    const auto listed = house.listed();
    REQUIRE(listed.size() == 1);
    CHECK(queue::reasonText(listed[0].recipients[0]) ==
          "a report that can't be delivered: 550 5.1.1 no such user");
    CHECK(house.balance() == queue::Balance{.accepted = 1, .held = 1, .keptReports = 1});
}

TEST_CASE("one connection serves messages one after the other") {
    Peer peer;
    House house;
    for (std::int64_t sent = 1; sent <= 3; ++sent) {
        house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
        const bool isDelivered = house.until([&] { return house.balance().delivered == sent; });
        CHECK(isDelivered);
    }
    CHECK(peer.connections() == 1);
    CHECK(peer.heard().size() == 3);
}

TEST_CASE("a connection that ended while it was idle costs the message nothing") {
    Peer peer({{".", {"250 2.0.0 Ok!", "250 2.0.0 Ok"}}});
    House house;
    house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
    REQUIRE(house.until([&] { return house.balance().delivered == 1; }));
    const auto second = house.message("a@example.com", {"x@example.net"}, peer.nextHop());
    house.send(second);
    REQUIRE(house.until([&] { return house.balance().delivered == 2; }));
    CHECK(house.hops(second.kept.id).size() == 1);
    CHECK(peer.connections() == 2);
}

TEST_CASE("a destination that can't be reached rests, and nobody else is tried there in vain") {
    std::uint16_t deadPort = 0;
    {
        const Peer gone;
        deadPort = gone.port();
    }
    House house({}, {.first = 3600s});
    const std::string nextHop = "[127.0.0.1]:" + std::to_string(deadPort);
    const auto first = house.message("a@example.com", {"x@example.net"}, nextHop);
    house.send(first);
    REQUIRE(house.untilTried(first.kept.id));
    const auto second = house.message("a@example.com", {"y@example.net"}, nextHop);
    house.send(second);
    REQUIRE(house.until([&] {
        const auto listed = house.listed();
        return listed.size() == 2 && listed[1].recipients.at(0).attempts == 1;
    }));
    CHECK(house.listed()[1].recipients[0].tried == queue::Tried::another);
    CHECK(house.hops(second.kept.id).empty());
}

TEST_CASE("connections that fail together are one failure of their destination") {
    constexpr int together = 10;
    std::vector<std::string> answers(together, "~421 4.3.2 too busy");
    answers.emplace_back("250 Ok");
    Peer peer({{"EHLO", answers}});
    House house({}, {.first = 1s});
    for (int i = 0; i < together; ++i)
        house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
    // Ten failures in a row would rest it for a quarter of an hour.
    REQUIRE(house.until([&] { return house.balance().delivered == together; }));
}

TEST_CASE("what was deferred is taken from the store when its time comes") {
    Peer peer({{"RCPT", {"451 4.3.0 not now", "250 2.1.5 Ok"}}});
    House house({}, {.first = 1s});
    house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
    REQUIRE(house.until([&] { return house.balance().delivered == 1; }));
    CHECK(peer.heard().size() == 1);
}

TEST_CASE("giving up needs age and attempts, and the sender is told") {
    Peer peer({{"RCPT", {"451 4.3.0 not now"}}});
    House house({}, {.first = 1s, .max = 1s, .giveUp = 2s});
    house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
    REQUIRE(house.until([&] { return house.balance().returned == 1; }));
    const auto listed = house.listed();
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].sender.empty());
    CHECK(house.balance().difference() == 0);
}

TEST_CASE("what a new policy may have cured is tried at once, whatever it waited for") {
    Peer peer;
    House house(peer.nextHop() + " encrypt\n", {.first = 3600s});
    const auto message = house.message("a@example.com", {"x@example.net"}, peer.nextHop());
    house.send(message);
    REQUIRE(house.untilTried(message.kept.id));
    const auto attempts = [&] { return house.listed().at(0).recipients.at(0).attempts; };
    REQUIRE(house.until([&] { return attempts() == 1; }));
    house.dispatchers->reloaded();
    CHECK(house.until([&] { return attempts() == 2; }));
}

TEST_CASE("RFC 5321 §5.1: an MX host that has no address returns nothing while another one may take it") {
    Peer peer({{"RCPT", {"450 4.2.0 greylisted"}}});
    House house({}, {}, {{{"good.example.net", "127.0.0.1"}, {"gone.example.net", ""}}, peer.port()});
    const auto message = house.message("a@example.com", {"x@example.net"}, "example.net");
    house.send(message);
    REQUIRE(house.until([&] { return house.listed().at(0).recipients.at(0).attempts == 1; }));
    CHECK(house.listed()[0].recipients[0].reason == "450 4.2.0 greylisted");
    CHECK(house.hops(message.kept.id).size() == 2);
    CHECK(house.balance().returned == 0);
}

TEST_CASE("a host that may have the message is believed to: no other one gets it in the same attempt") {
    Peer peer({{".", {"!"}}});
    House house({}, {}, {{{"a.example.net", "127.0.0.1"}, {"b.example.net", "127.0.0.1"}}, peer.port()});
    house.send(house.message("a@example.com", {"x@example.net"}, "example.net"));
    REQUIRE(house.until([&] { return house.listed().at(0).recipients.at(0).attempts == 1; }));
    CHECK(peer.heard().size() == 1);
}

TEST_CASE("where policy refused one host and another is dead, the sender is told of the policy") {
    Peer peer;
    House house("example.net encrypt\n", {.first = 1s, .max = 1s, .giveUp = 1s},
                {{{"a.example.net", "127.0.0.1"}, {"b.example.net", "127.0.0.3"}}, peer.port()});
    const auto message = house.message("a@example.com", {"x@example.net"}, "example.net");
    house.send(message);
    REQUIRE(house.until([&] { return house.balance().returned == 1; }));
    const auto fate = house.fate(message.kept.id);
    INFO(fate);
    CHECK(fate.find("STARTTLS") != std::string::npos);
}

TEST_CASE("told to stop, the server hears the answer to a text that the peer has") {
    Peer peer({{".", {"~250 2.0.0 taken"}}});
    House house;
    house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
    REQUIRE(peer.untilAsked("."));
    house.stop();
    CHECK(house.balance().delivered == 1);
}

TEST_CASE("told to stop, the server holds an attempt that it broke off against nobody") {
    Peer peer({{"CONNECT", {"~220 peer.example"}}});
    House house;
    const auto message = house.message("a@example.com", {"x@example.net"}, peer.nextHop());
    house.send(message);
    REQUIRE(peer.untilAsked("CONNECT"));
    house.stop();
    CHECK(house.listed().at(0).recipients.at(0).attempts == 0);
    CHECK(house.hops(message.kept.id).empty());
}

TEST_CASE("who has waited too long for a dead destination is returned with the rest, however many they are") {
    std::uint16_t deadPort = 0;
    {
        const Peer gone;
        deadPort = gone.port();
    }
    House house({}, {.first = 1s, .max = 1s, .giveUp = 2s});
    const std::string nextHop = "[127.0.0.1]:" + std::to_string(deadPort);
    for (int i = 0; i < 5; ++i)
        house.send(house.message("", {"x@example.net"}, nextHop, 24h));
    CHECK(house.until([&] { return house.balance().keptReports == 5; }));
    CHECK(house.balance().difference() == 0);
}

TEST_CASE("what finds no room in memory waits in the store and is delivered all the same") {
    Peer peer({{"CONNECT", {"~220 peer.example"}}});
    House house;
    for (int i = 0; i < 60; ++i)
        house.send(house.message("a@example.com", {"x@example.net"}, peer.nextHop()));
    CHECK(house.until([&] { return house.balance().delivered == 60; }));
    CHECK(peer.heard().size() == 60);
}
