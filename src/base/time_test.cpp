#include "base/clock_jump.hpp"

#include <doctest/doctest.h>

using namespace postseal::base;
using namespace std::chrono_literals;

TEST_CASE("time: RFC 3339 reads back, in any offset") {
    struct Row {
        std::string_view text, utc;
    };
    const Row rows[] = {
        {"2026-11-23T19:38:44Z", "2026-11-23T19:38:44Z"},
        {"2026-11-23t19:38:44z", "2026-11-23T19:38:44Z"},
        {"2026-11-23 19:38:44.5+01:00", "2026-11-23T18:38:44.500000Z"},
        {"2026-11-23T19:38:44-00:30", "2026-11-23T20:08:44Z"},
        {"2027-01-31", "2027-01-31T00:00:00Z"},
        {"2024-02-29", "2024-02-29T00:00:00Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"2026-11-23T19:38:44.1234567Z", "2026-11-23T19:38:44.123456Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto time = parseRfc3339(row.text);
        REQUIRE(time);
        CHECK(toRfc3339(*time) == row.utc);
        CHECK(parseRfc3339(row.utc) == time);
        CHECK(fromMicros(toMicros(*time)) == *time);
    }
    for (const std::string_view bad :
         {"", "2026", "2026-13-01", "2026-02-29", "2026-11-23T", "2026-11-23T24:00:00Z",
          "2026-11-23T19:60:00Z", "2026-11-23T19:38:44", "2026-11-23T19:38:44.Z", "2026-11-23T19:38:44+0100",
          "2026-11-23T19:38:44Zx", "26-11-23", "2026-1-1"}) {
        INFO(bad);
        CHECK_FALSE(parseRfc3339(bad));
    }
}

TEST_CASE("time: RFC 5322's form of dates") {
    CHECK(toRfc5322(parseRfc3339("2026-11-03T09:08:07Z").value()) == "Tue, 3 Nov 2026 09:08:07 +0000");
    CHECK(toRfc5322(fromMicros(0)) == "Thu, 1 Jan 1970 00:00:00 +0000");
}

TEST_CASE("time: durations") {
    struct Row {
        std::string_view text;
        std::chrono::seconds want;
    };
    const Row rows[] = {{"90", 90s}, {"0", 0s},       {"30s", 30s},     {"5m", 5min},
                        {"4H", 4h},  {"5d", 5 * 24h}, {"2w", 14 * 24h}, {"2y", 730 * 24h}};
    for (const auto& row : rows) {
        INFO(row.text);
        CHECK(parseDuration(row.text) == row.want);
        CHECK(parseDuration(toText(row.want)) == row.want);
    }
    CHECK(toText(std::chrono::seconds(90)) == "90s");
    CHECK(toText(std::chrono::seconds(14 * 24h)) == "14d");
    for (const std::string_view bad : {"", "m", "-1m", "+1", "1.5h", "5 m", "5mm", "5x",
                                       "99999999999999999999", "101y", "9223372036854775807d"}) {
        INFO(bad);
        CHECK_FALSE(parseDuration(bad));
    }
}

TEST_CASE("rule 54: a clock that was set is told by how far, one that is steered is not") {
    struct Row {
        std::chrono::milliseconds later;
        Microseconds calendar, jump;
    };
    const Row rows[] = {
        {1s, 1s, 0s},
        {1s, 1s + 3h, 3h},
        {60s, 60s, 0s},
        {1s, 1s - 26280h, -26280h},
        {1s, 26281h, 26281h - 1s},
        {10s, 10100ms, 0s},
        {1s, 1s - 3h, -3h},
        {0s, 9s, 0s},
    };
    ClockJump clock;
    Timestamp calendar = fromMicros(1'790'000'000'000'000);
    Tick steady{1000h};
    CHECK(clock.look(calendar, steady) == 0s);
    for (const auto& row : rows) {
        INFO(row.later.count() << " ms later");
        CHECK(clock.look(calendar += row.calendar, steady += row.later) == row.jump);
    }
}
