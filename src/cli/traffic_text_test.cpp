#include "cli/traffic_text.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::cli;
using ledger::TrafficBy;
using ledger::TrafficRow;
using record::Direction;

TEST_CASE("report traffic: people read a line each, and what it comes to in a hundred") {
    const std::vector<TrafficRow> rows{
        {.direction = Direction::out, .name = "bank.example", .sealed = 15, .encrypted = 4, .waiting = 2},
        {.direction = Direction::out, .name = "x\n", .open = 1, .local = 7, .returned = 1},
        {.direction = Direction::in, .name = "bank.example", .encrypted = 3}};
    const auto since = base::parseRfc3339("2026-11-01").value();
    CHECK(
        forPeople(rows, TrafficBy::domain, since, {{"no entry", 2}, {"secure", 10}}) ==
        "Since 2026-11-01T00:00:00Z, counted by recipient\n"
        "\n"
        "     DOMAIN                              SEALED ENCRYPTED      OPEN     LOCAL   WAITING  RETURNED\n"
        "out  bank.example                            15         4         0         0         2         0\n"
        "out  x\\x0a                                    0         0         1         7         0         1\n"
        "in   bank.example                             0         3         0         0         0         0\n"
        "\n"
        "Of 20 that left over a network 75 % were sealed, 20 % encrypted, 5 % in clear text.\n"
        "Of 3 that came over a network 0 % were sealed, 100 % encrypted, 0 % in clear text.\n"
        "A Postfix asked for policies 12 times: 2 no entry, 10 secure.\n");
    CHECK(forPeople({}, TrafficBy::all, {}, {}).ends_with("RETURNED\nnothing yet\n"));
    CHECK(forPeople({}, TrafficBy::all, {}, {}).starts_with("All that is recorded"));
}
