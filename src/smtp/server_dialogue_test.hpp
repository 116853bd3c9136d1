// For tests: what a client sends, step by step, and what our server answers.
#pragma once

#include "smtp/server_player.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace postseal::smtp::test {

struct Step {
    std::string send, replies;
};
struct Dialogue {
    std::string why;
    ListenerTls tls;
    std::vector<Step> steps;
    bool closed = false;
};

inline void play(const Dialogue& row) {
    INFO(row.why);
    ServerPlayer player(row.tls);
    player.start();
    player.replies();
    for (const auto& step : row.steps) {
        INFO(step.send);
        player.send(step.send);
        CHECK(player.replies() == step.replies);
    }
    CHECK(player.isClosed() == row.closed);
}

inline void check(const std::vector<Dialogue>& rows) {
    for (const auto& row : rows)
        play(row);
}

inline constexpr auto none = ListenerTls::none;
inline constexpr auto may = ListenerTls::may;
inline const std::string ehlo = "EHLO client.example\r\n";
inline const std::string mail = "MAIL FROM:<a@example.net>\r\n";
inline const std::string rcpt = "RCPT TO:<b@example.org>\r\n";
inline const std::string transaction = mail + rcpt + "DATA\r\n";

/// A session after EHLO.
inline ServerPlayer greeted() {
    ServerPlayer player;
    player.start();
    player.send(ehlo);
    player.replies();
    return player;
}

}  // namespace postseal::smtp::test
