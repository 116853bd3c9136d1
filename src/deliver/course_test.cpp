#include "deliver/course.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace postseal;
using namespace postseal::deliver;
using namespace std::chrono_literals;

namespace {

const base::Timestamp start = base::Timestamp() + 24h * 365 * 50;

/// Plays the driver: tells what happens, and writes down what is to be done.
struct Play {
    Course course;
    base::Timestamp now = start;
    std::vector<WorkerId> handed = {};
    std::int64_t messages = 0;

    explicit Play(course::Limits limits = {}) : course(limits) {}

    queue::Lease lease(const std::string& nextHop, Carries carries = Carries::mail) {
        auto message = std::make_shared<queue::Message>();
        message->id = record::QueueId::make(start + std::chrono::seconds(messages++), 0);
        if (carries == Carries::mail) message->sender = *record::Mailbox::parse("a@example.com");
        return {std::move(message), record::Route::parse(nextHop).value()};
    }
    void arrive(const std::string& nextHop, int count = 1, Carries carries = Carries::mail) {
        for (int i = 0; i < count; ++i)
            course.arrived(lease(nextHop, carries), now);
    }
    void load(const std::string& nextHop, int count, std::optional<base::Timestamp> first = {}) {
        std::vector<queue::Lease> leases;
        leases.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            leases.push_back(lease(nextHop));
        course.loaded(nextHop, std::move(leases), first, now);
    }
    void fail(const std::string& nextHop) {
        course.attempted(nextHop, Reached::no, {.dsn = "4.4.1", .words = "timed out"}, now, 0.5);
    }
    void reach(const std::string& nextHop) { course.attempted(nextHop, Reached::yes, {}, now, 0.5); }

    /// What is to be done since it was asked last, each with its count: "3 start x, 1 load x 20".
    std::string done() {
        std::map<std::string, int> counts;
        std::vector<std::string> order;
        while (auto action = course.next()) {
            const auto name = std::visit([this](const auto& one) { return this->nameOf(one); }, *action);
            if (!name.empty() && ++counts[name] == 1) order.push_back(name);
        }
        std::string text;
        for (const auto& name : order)
            text += (text.empty() ? "" : ", ") + std::to_string(counts[name]) + ' ' + name;
        return text;
    }
    /// The same, after the schedule was looked at.
    std::string loads() {
        course.look(now);
        return done();
    }

private:
    static std::string nameOf(const course::Start& one) {
        return (one.carries == Carries::mail ? "start " : "start report ") + one.nextHop;
    }
    std::string nameOf(const course::Hand& one) {
        handed.push_back(one.worker);
        return "hand " + one.lease.route.text();
    }
    std::string nameOf(const course::Postpone& one) const {
        return "postpone " + one.lease.route.text() + after(one.until) + ": " + one.reason.words;
    }
    std::string nameOf(const course::PostponeStored& one) const {
        return "postpone stored " + one.nextHop + after(one.until);
    }
    std::string nameOf(const course::GiveBack& one) const {
        return "give back " + one.lease.route.text() +
               (one.until == base::Timestamp() ? "" : after(one.until));
    }
    static std::string nameOf(const course::Load& one) {
        return "load " + one.nextHop + ' ' + std::to_string(one.most);
    }
    static std::string nameOf(const course::BringForward& one) { return "forward " + one.nextHop; }
    static std::string nameOf(const course::Look&) { return {}; }

    std::string after(base::Timestamp until) const {
        return " after " + std::to_string(std::chrono::floor<std::chrono::seconds>(until - now).count()) +
               " s";
    }
};

constexpr queue::RetrySettings calm{.first = 300s, .max = 14400s};

}  // namespace

TEST_CASE("course: how many connections a next hop has") {
    struct Row {
        const char* why;
        course::Limits limits;
        std::function<void(Play&)> events;
        const char* want;
    };
    const Row rows[] = {
        {"one for each message", {}, [](Play& play) { play.arrive("x", 3); }, "3 start x"},
        {"but no more than are allowed",
         {.concurrency = 2},
         [](Play& play) { play.arrive("x", 3); },
         "2 start x"},
        {"of all, the last tenth is for those who have none",
         {.connections = 10},
         [](Play& play) {
             play.arrive("x", 20);
             play.arrive("y");
         },
         "9 start x, 1 start y"},
        {"where none is left, who waits gets the first that is free",
         {.concurrency = 1, .connections = 2},
         [](Play& play) {
             for (const char* nextHop : {"x", "y", "z"})
                 play.arrive(nextHop);
             play.course.workerEnded("x", Carries::mail);
         },
         "1 start x, 1 start y, 1 start z"},
        {"an open connection that waits comes before a new one",
         {},
         [](Play& play) {
             play.arrive("x");
             play.course.idle("x", WorkerId{7});
             play.arrive("x", 2);
         },
         "2 start x, 1 hand x"},
        {"a destination that failed is tried by one",
         {.retry = calm},
         [](Play& play) {
             play.arrive("x");
             play.fail("x");
             play.course.workerEnded("x", Carries::mail);
             play.done();
             play.now += 301s;
             play.arrive("x", 3);
         },
         "1 start x"},
        {"and by all again, once it was reached",
         {.retry = calm},
         [](Play& play) {
             play.arrive("x");
             play.fail("x");
             play.course.workerEnded("x", Carries::mail);
             play.now += 301s;
             play.arrive("x", 3);
             play.reach("x");
             play.done();
             play.course.settled("x", std::nullopt, play.now);
         },
         "2 start x"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Play play(row.limits);
        row.events(play);
        CHECK(play.done() == row.want);
    }
}

TEST_CASE("course: a host that takes fewer connections than we opened is not dead") {
    Play play;
    play.arrive("x", 4);
    CHECK(play.done() == "4 start x");
    CHECK_FALSE(play.course.isForOthers("x", Reached::no, play.now));  // it has never been reached
    play.reach("x");
    CHECK_FALSE(play.course.isForOthers("x", Reached::yes, play.now));
    CHECK(play.course.isForOthers("x", Reached::no, play.now));
    CHECK_FALSE(play.course.isForOthers("x", Reached::no, play.now + 60s));  // too long ago
    play.course.leftToOthers("x", play.lease("x"));
    play.course.workerEnded("x", Carries::mail);
    play.arrive("x", 3);
    CHECK(play.done().empty());  // three are enough
    for (int i = 0; i < 3; ++i)
        play.reach("x");
    play.course.settled("x", std::nullopt, play.now);
    CHECK(play.done() == "1 start x");  // perhaps it takes one more again
}

TEST_CASE("course: a destination that failed rests, and nobody else is tried in vain") {
    Play play({.retry = calm, .concurrency = 2});
    play.arrive("x", 4);
    CHECK(play.done() == "2 start x");
    play.fail("x");
    CHECK(play.done() == "2 postpone x after 300 s: timed out, 1 postpone stored x after 300 s");
    play.now += 100s;
    play.fail("x");  // it began before: one failure, not another
    CHECK(play.done().empty());
    play.course.workerEnded("x", Carries::mail);
    play.course.workerEnded("x", Carries::mail);
    play.arrive("x");
    CHECK(play.done() == "1 postpone x after 200 s: timed out");
    CHECK(play.loads().empty());
    play.now += 200s;
    CHECK(play.loads() == "1 load x 1");  // one finds out
    play.load("x", 1, play.now);
    CHECK(play.done() == "1 start x");
    play.fail("x");
    CHECK(play.done() == "1 postpone stored x after 600 s");
}

TEST_CASE("course: who steers or reloads has those tried that rest") {
    Play play({.retry = calm});
    play.arrive("x");
    play.fail("x");
    play.course.workerEnded("x", Carries::mail);
    play.done();
    play.course.steered("x", play.now);
    CHECK(play.loads() == "1 load x 1");
    play.load("x", 1, std::nullopt);
    play.fail("x");
    play.course.workerEnded("x", Carries::mail);
    play.done();
    play.course.reloaded(play.now);
    CHECK(play.done() == "1 forward x");
    CHECK(play.loads() == "1 load x 20");
}

TEST_CASE("course: what is taken from the store") {
    struct Row {
        const char* why;
        course::Limits limits;
        std::function<void(Play&)> events;
        const char* want;
    };
    const Row rows[] = {
        {"who is due, as many as connections can take",
         {},
         [](Play& play) { play.course.waits("x", start, start); },
         "1 load x 20"},
        {"not who is due later", {}, [](Play& play) { play.course.waits("x", start + 1s, start); }, ""},
        {"rule 54: later than any retry of ours: the clock went back",
         {.retry = calm},
         [](Play& play) { play.course.waits("x", start + 24h, start); },
         "1 load x 20"},
        {"as many as there is room for where somebody delivers",
         {},
         [](Play& play) {
             play.arrive("x");
             play.course.waits("x", start, start);
         },
         "1 start x, 1 load x 100"},
        {"nothing while memory is full",
         {.concurrency = 1, .waitingLeases = 40},
         [](Play& play) {
             for (const char* nextHop : {"a", "b", "c", "d"})
                 play.arrive(nextHop, 5);
             play.course.waits("x", start, start);
         },
         "1 start a, 1 start b, 1 start c, 1 start d"},
        {"more, once few are left",
         {.concurrency = 1},
         [](Play& play) {
             play.course.waits("x", start, start);
             play.loads();
             play.load("x", 20, start);
         },
         "1 start x, 1 load x 100"},
        {"again after a while where the store could not tell",
         {},
         [](Play& play) {
             play.course.waits("x", start, start);
             play.loads();
             play.course.loadFailed("x", play.now);
             play.now += 5s;
         },
         "1 load x 20"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Play play(row.limits);
        row.events(play);
        CHECK(play.loads() == row.want);
    }
}

TEST_CASE("course: what finds no room in memory goes back to the store, and the others keep theirs") {
    Play play({.concurrency = 1, .waitingLeases = 100});
    play.arrive("slow", 20);
    CHECK(play.done() == "1 start slow, 9 give back slow");  // a tenth is its share
    play.arrive("other");
    CHECK(play.done() == "1 start other");
    play.course.gaveBack("slow", {}, play.now);
    CHECK(play.course.take("slow").has_value());
    CHECK(play.loads() == "1 load slow 5");  // sooner than planned: there is room
}

TEST_CASE("course: reports have a tenth of connections and memory, and mail goes before them") {
    SUBCASE("connections") {
        Play play({.connections = 200});
        for (int i = 0; i < 30; ++i)
            play.arrive("hop" + std::to_string(i), 1, Carries::report);
        int started = 0;
        while (auto action = play.course.next())
            started += std::holds_alternative<course::Start>(*action) ? 1 : 0;
        CHECK(started == 20);
        CHECK(play.course.isAnyoneStarved(Carries::report));
        CHECK_FALSE(play.course.isAnyoneStarved(Carries::mail));
        play.arrive("x", 3);
        CHECK(play.done() == "3 start x");
        play.course.workerEnded("hop0", Carries::report);
        CHECK(play.done() == "1 start report hop20");
    }
    SUBCASE("memory") {
        Play play({.concurrency = 1, .waitingLeases = 200});
        for (int i = 0; i < 30; ++i)
            play.arrive("hop" + std::to_string(i % 3), 1, Carries::report);
        CHECK(play.done() ==
              "1 start report hop0, 1 start report hop1, 1 start report hop2, "
              "3 give back hop2 after 60 s, 2 give back hop0 after 60 s, 2 give back hop1 after 60 s");
    }
    SUBCASE("order: while mail waits, one report in ten") {
        Play play({.concurrency = 1});
        play.arrive("x", 1, Carries::report);
        play.arrive("x", 3, Carries::report);
        play.arrive("x", 20);
        play.done();
        std::string order;
        while (const auto lease = play.course.take("x"))
            order += lease->reversePath() ? 'm' : 'r';
        CHECK(order == "mmmmmmmmmrmmmmmmmmmrmmr");
    }
}
