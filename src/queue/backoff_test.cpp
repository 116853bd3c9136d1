#include "queue/backoff.hpp"
#include "queue/schedule.hpp"

#include <doctest/doctest.h>

namespace postseal::queue {
namespace {

using namespace std::chrono_literals;

TEST_CASE("retryDelay: first, doubled up to max, spread by a tenth") {
    const RetrySettings settings{.first = 300s, .max = 4h, .giveUp = 120h};
    struct Row {
        const char* why;
        int failed;
        double random;
        std::chrono::seconds want;
    };
    const Row rows[] = {
        {"the first", 1, 0.5, 300s},      {"the lower end", 1, 0.0, 270s},  {"the upper end", 1, 1.0, 330s},
        {"doubled", 2, 0.5, 600s},        {"again", 5, 0.5, 4800s},         {"not over max", 7, 0.5, 4h},
        {"for ever", 1'000'000, 0.5, 4h}, {"nothing failed", 0, 0.5, 300s},
    };
    for (const Row& row : rows) {
        INFO(row.why);
        CHECK(retryDelay(settings, row.failed, row.random) == row.want);
    }
    CHECK(retryDelay({.first = 0s, .max = 0s, .giveUp = 0s}, 3, 0.5) == 1s);
}

TEST_CASE("rule 54: giving up needs age and attempts, so a clock that jumps expires nothing in bulk") {
    const RetrySettings settings{.first = 5min, .max = 4h, .giveUp = 120h};
    struct Row {
        const char* why;
        std::chrono::seconds age;
        int failed;
        bool want;
    };
    const Row rows[] = {
        {"old and tried", 120h, 36, true},
        {"old, and tried as often as a spread schedule can take", 121h, 30, true},
        {"the clock jumped a year", 24h * 365, 3, false},
        {"the server was off for a week", 24h * 7, 8, false},
        {"often tried, but young", 119h, 500, false},
        {"the clock went back", -1h, 500, false},
    };
    for (const Row& row : rows) {
        INFO(row.why);
        CHECK(isOver(settings, row.age, row.failed) == row.want);
    }
    CHECK(isOver({.first = 1s, .max = 1s, .giveUp = 3s}, 3s, 3));
    CHECK(isOver({.first = 1h, .max = 1h, .giveUp = 1s}, 1s, 1));
    CHECK(isOver({.first = 0s, .max = 0s, .giveUp = 0s}, 0s, 1));
    CHECK(isOver({.first = 0s, .max = 4h, .giveUp = 24h}, 24h, 99));
}

TEST_CASE("isOver: who follows the schedule gives up soon after the age, whatever the spread") {
    for (const double random : {0.0, 0.5, 1.0})
        for (const RetrySettings settings :
             {RetrySettings{}, RetrySettings{.first = 1s, .max = 8s, .giveUp = 60s},
              RetrySettings{.first = 10s, .max = 10s, .giveUp = 35s}}) {
            std::chrono::seconds age{0};
            int failed = 1;
            while (!isOver(settings, age, failed)) {
                age += retryDelay(settings, failed, random);
                ++failed;
                REQUIRE(age < settings.giveUp + 2 * settings.max);
            }
            CHECK(age >= settings.giveUp);
        }
}

TEST_CASE("rule 54: a sender is told of a delay by age and attempts, so a clock that jumps tells nobody") {
    struct Row {
        const char* why;
        std::chrono::seconds warn, age;
        int failed;
        bool want;
    };
    const Row rows[] = {
        {"four hours and the attempts of four hours", 4h, 4h, 5, true},
        {"young", 4h, 239min, 5, false},
        {"the clock jumped", 4h, 24h * 365, 2, false},
        {"switched off", 0s, 24h, 50, false},
        {"before the second attempt", 1s, 1s, 1, true},
    };
    for (const Row& row : rows) {
        INFO(row.why);
        CHECK(isLate({.warn = row.warn}, row.age, row.failed) == row.want);
    }
}

constexpr base::Timestamp at(int seconds) {
    return base::Timestamp(std::chrono::seconds(seconds));
}

TEST_CASE("schedule: a destination is due at its earliest, once, until it is added again") {
    Schedule schedule;
    for (int i = 0; i < 100'000; ++i)
        schedule.add("dead.example", at(100 + i % 7));
    schedule.add("b.example", at(50));
    CHECK(schedule.size() == 2);
    CHECK(schedule.nextDue() == at(50));
    CHECK(schedule.takeDue(at(49), 10).empty());
    CHECK(schedule.takeDue(at(100), 1) == std::vector<std::string>{"b.example"});
    CHECK(schedule.takeDue(at(100), 10) == std::vector<std::string>{"dead.example"});
    CHECK(!schedule.nextDue());
    schedule.add("b.example", at(70));
    CHECK(schedule.nextDue() == at(70));
}

TEST_CASE("schedule: a destination that failed rests, whatever its messages wait for, until it succeeds") {
    Schedule schedule;
    schedule.add("dead.example", at(10));
    CHECK(schedule.failed("dead.example", at(300)) == 1);
    schedule.add("dead.example", at(20));
    CHECK(schedule.nextDue() == at(300));
    CHECK(schedule.restsUntil("dead.example", at(299)) == at(300));
    CHECK(!schedule.restsUntil("dead.example", at(300)));
    CHECK(schedule.takeDue(at(300), 9).size() == 1);
    CHECK(schedule.failed("dead.example", at(900)) == 2);
    schedule.succeeded("dead.example");
    CHECK(schedule.failures("dead.example") == 0);
    schedule.add("dead.example", at(400));
    CHECK(schedule.nextDue() == at(400));
}

TEST_CASE("rule 54: schedule: what is planned moves with a clock that is set") {
    Schedule schedule;
    schedule.add("waits.example", at(100));
    schedule.failed("rests.example", at(200));
    schedule.add("rests.example", at(150));
    constexpr auto year = std::chrono::hours(24 * 365);
    schedule.shift(-year);
    CHECK(schedule.nextDue() == at(100) - year);
    CHECK(schedule.restsUntil("rests.example", at(199) - year) == at(200) - year);
    CHECK(schedule.takeDue(at(199) - year, 10) == std::vector<std::string>{"waits.example"});
    schedule.shift(year);
    CHECK(schedule.takeDue(at(200), 10) == std::vector<std::string>{"rests.example"});
    CHECK(schedule.failures("rests.example") == 1);
}

TEST_CASE("schedule: an administrator's retry forgives one destination, which one connection tries") {
    Schedule schedule;
    for (const auto* nextHop : {"x", "y"}) {
        for (int i = 0; i < 3; ++i)
            schedule.failed(nextHop, at(1000));
        schedule.add(nextHop, at(10));
    }
    schedule.forgive("x", at(20));
    CHECK(schedule.takeDue(at(20), 10) == std::vector<std::string>{"x"});
    CHECK(schedule.failures("x") == 1);
    CHECK(!schedule.restsUntil("x", at(20)).has_value());
    CHECK(schedule.failures("y") == 3);
    schedule.forgive("unknown", at(21));
    CHECK(schedule.takeDue(at(21), 10) == std::vector<std::string>{"unknown"});
    CHECK(schedule.failures("unknown") == 0);
}

TEST_CASE("schedule: wake forgives those that rest, and only those") {
    Schedule schedule;
    schedule.add("well.example", at(500));
    schedule.add("dead.example", at(10));
    schedule.failed("dead.example", at(900));
    schedule.wake(at(20));
    CHECK(schedule.takeDue(at(20), 9) == std::vector<std::string>{"dead.example"});
    CHECK(schedule.nextDue() == at(500));
}

}  // namespace
}  // namespace postseal::queue
