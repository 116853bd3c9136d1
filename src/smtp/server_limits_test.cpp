// What a client may take of a session: sizes, counts and time.
#include "smtp/server_player.hpp"

#include <doctest/doctest.h>

using namespace postseal::smtp;
using namespace std::chrono_literals;

namespace {

const std::string transaction = "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";

// A session after EHLO.
ServerPlayer greeted(const Limits& limits = {}, const Deadlines& deadlines = {}) {
    ServerPlayer player(ListenerTls::may, limits, deadlines);
    player.start();
    player.send("EHLO client.example\r\n");
    player.replies();
    return player;
}

}  // namespace

TEST_CASE("rule 53: each limit at one less, equal, one more") {
    const Limits limits{
        .commandLine = 64, .textLine = 10, .messageBytes = 100, .recipients = 3, .commands = 10, .errors = 4};
    struct Row {
        std::string why;
        std::size_t below;  // one less than the limit
        std::string (*play)(ServerPlayer&, std::size_t);
        std::string passes, fails;
    };
    static const auto text = [](ServerPlayer& player, const std::string& octets) {
        player.send(transaction);
        player.replies();
        player.send(octets + ".\r\n");
        return player.replies();
    };
    const Row rows[] = {
        {"a command line", 63,
         [](ServerPlayer& player, std::size_t n) {
             player.send("NOOP " + std::string(n - 7, 'x') + "\r\nRSET\r\n");
             return player.replies();
         },
         "250 2.0.0, 250 2.0.0", "500 5.5.2, 250 2.0.0"},
        {"a line of text", 9,
         [](ServerPlayer& player, std::size_t n) { return text(player, std::string(n, 'x') + "\r\n"); },
         "250 2.0.0", "550 5.6.0"},
        {"SIZE (RFC 1870 §6.1)", 99,
         [](ServerPlayer& player, std::size_t n) {
             player.send("MAIL FROM:<> SIZE=" + std::to_string(n) + "\r\n");
             return player.replies();
         },
         "250 2.1.0", "552 5.3.4"},
        {"errors", 3,
         [](ServerPlayer& player, std::size_t n) {
             for (std::size_t i = 0; i < n; ++i)
                 player.send("X\r\n");
             player.replies();
             player.send("NOOP\r\n");
             return player.replies();
         },
         "250 2.0.0", ""},
        {"commands", 9,
         [](ServerPlayer& player, std::size_t n) {
             for (std::size_t i = 2; i < n; ++i)  // EHLO was the first
                 player.send("NOOP\r\n");
             player.replies();
             player.send("NOOP\r\n");
             return player.replies();
         },
         "250 2.0.0", "421 4.7.0"},
    };
    for (const auto& row : rows)
        for (std::size_t i = 0; i < 3; ++i) {
            INFO(row.why);
            INFO(i);
            auto player = greeted(limits);
            CHECK(row.play(player, row.below + i) == (i < 2 ? row.passes : row.fails));
        }
}

TEST_CASE("rule 53: the size of a message, and far over it") {
    struct Row {
        std::size_t octets;
        std::string replies;
        bool closed;
    };
    const Row rows[] = {{99, "250 2.0.0", false},  {100, "250 2.0.0", false}, {101, "552 5.3.4", false},
                        {199, "552 5.3.4", false}, {200, "552 5.3.4", true},  {5000, "552 5.3.4", true}};
    for (const auto& row : rows)
        for (const std::size_t chunk : {1U, 50U, 10000U}) {
            INFO(row.octets);
            INFO(chunk);
            auto player = greeted({.messageBytes = 100});
            player.send(transaction);
            player.replies();
            const auto wire = std::string(row.octets - 2, 'x') + "\r\n.\r\n";
            for (std::size_t at = 0; at < wire.size(); at += chunk)
                player.send(std::string_view(wire).substr(at, chunk));
            CHECK(player.replies() == row.replies);
            CHECK(player.isClosed() == row.closed);
            CHECK(player.stored.size() == (row.octets <= 100 ? 1 : 0));
        }
}

TEST_CASE("rule 53: recipients") {
    auto player = greeted({.recipients = 3});
    player.send("MAIL FROM:<>\r\n");
    player.replies();
    const std::string want[] = {"250 2.1.5", "250 2.1.5", "250 2.1.5", "452 4.5.3"};
    for (std::size_t i = 0; i < 4; ++i) {
        player.send("RCPT TO:<user" + std::to_string(i) + "@example.org>\r\n");
        CHECK(player.replies() == want[i]);
    }
    player.send("DATA\r\n");
    player.send(".\r\n");
    CHECK(player.stored.at(0).envelope.recipients.size() == 3);
}

TEST_CASE("rule 53: too many errors end the session, and an accepted message forgives them") {
    auto player = greeted({.errors = 2});
    player.send("X\r\nX\r\n" + transaction);
    player.send(".\r\n");
    player.replies();
    player.send("X\r\nX\r\n");
    CHECK(player.replies() == "500 5.5.2, 500 5.5.2");
    player.send("X\r\nNOOP\r\n");
    CHECK(player.replies() == "421 4.7.0");
    CHECK(player.isClosed());
}

TEST_CASE("rule 53: an endless line holds no memory and is answered once") {
    auto player = greeted();
    for (int i = 0; i < 100; ++i)
        player.send(std::string(16384, 'x'));
    CHECK(player.replies() == "500 5.5.2");
    player.send("\rx\n\r\r\nNOOP\r\n");
    CHECK(player.replies() == "250 2.0.0");
}

TEST_CASE("rule 48: an octet now and then holds no session") {
    SUBCASE("a command line has five minutes in all") {
        auto player = greeted();
        for (int i = 0; i < 299; ++i) {
            player.send("x");
            player.passTime(1s);
        }
        CHECK(player.isReading());
        player.passTime(1s);
        CHECK(player.replies() == "421 4.4.2");
        CHECK(player.isClosed());
    }
    SUBCASE("our reply begins the time anew") {
        auto player = greeted();
        for (int i = 0; i < 10; ++i) {
            player.passTime(299s);
            player.send("NOOP\r\n");
        }
        CHECK(player.isReading());
        player.passTime(300s);
        CHECK(player.isClosed());
    }
    SUBCASE("text: no block may take three minutes") {
        auto player = greeted({.textLine = 1 << 20}, {.leastDataRate = 0});
        player.send(transaction);
        for (int i = 0; i < 100; ++i) {
            player.passTime(179s);
            player.send("x");
        }
        CHECK(player.isReading());
        player.passTime(180s);
        CHECK(player.isClosed());
    }
    SUBCASE("text: nor may it come slower than the least rate") {
        auto player = greeted({.textLine = 1 << 20}, {.leastDataRate = 10});
        player.send(transaction);
        std::size_t seconds = 0;
        for (; player.isReading() && seconds < 1000; ++seconds) {
            player.send("x");
            player.passTime(1s);
        }
        CHECK(seconds == 199);  // 180, and the 19 that 199 octets earn
        CHECK(player.stored.empty());
    }
    SUBCASE("text: at the least rate it may go on") {
        auto player = greeted({.textLine = 1 << 20}, {.leastDataRate = 10});
        player.send(transaction);
        for (int i = 0; i < 5000; ++i) {
            player.send("1234567890");
            player.passTime(1s);
        }
        CHECK(player.isReading());
    }
}
