#include "companion/questions.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::companion {
namespace {

using namespace std::chrono_literals;
using Kind = MapReply::Kind;

constexpr std::chrono::sys_days day = std::chrono::year(2026) / 11 / 24;
constexpr base::Timestamp noon = day + 12h;
constexpr std::chrono::days kept{30};

struct Fixture {
    store::TempDir dir;
    std::unique_ptr<store::Engine> engine = open();

    std::unique_ptr<store::Engine> open() {
        auto opened = store::writerOf(dir.path(), {questionsSchema})();
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }
    void write(Questions& questions, base::Timestamp now) {
        const auto changes = questions.changes(kept, now);
        REQUIRE(changes.has_value());
        REQUIRE(store::commitNow(*engine, *changes).has_value());
        CHECK_FALSE(questions.changes(kept, now));
    }
    std::vector<AnsweredDay> all() { return answeredSince(*engine, day, 100).value(); }
};

}  // namespace

TEST_CASE("what a Postfix was told in a word") {
    CHECK(wordOf({Kind::ok, "secure match=a.example servername=hostname"}) == "secure");
    CHECK(wordOf({Kind::ok, "dane-only"}) == "dane-only");
    CHECK(wordOf({}) == "no entry");
    CHECK(wordOf({Kind::temporary, "no answer"}) == "wait");
    CHECK(wordOf({Kind::permanent, "no such map"}) == "invalid");
}

TEST_CASE_FIXTURE(Fixture, "questions and answers are counted by day, next hop and answer") {
    Questions questions;
    questions.add("a.example", {Kind::ok, "dane"}, noon);
    questions.add("a.example", {Kind::ok, "dane"}, noon + 1s);
    questions.add("[relay.example]:587", {}, noon + 2s);
    write(questions, noon + 2s);
    questions.add("a.example", {Kind::ok, "dane"}, noon + 3s);
    questions.add("a.example", {Kind::temporary, "no answer"}, noon + 4s);
    write(questions, noon + 4s);
    CHECK(all() == std::vector<AnsweredDay>{{day, "[relay.example]:587", "no entry", 1, noon + 2s},
                                            {day, "a.example", "dane", 3, noon + 3s},
                                            {day, "a.example", "wait", 1, noon + 4s}});
    questions.add("a.example", {Kind::ok, "dane"}, noon + 24h);
    write(questions, noon + 24h);
    CHECK(all().front() == AnsweredDay{day + std::chrono::days(1), "a.example", "dane", 1, noon + 24h});
    questions.add("b.example", {}, noon + 24h * 31);
    write(questions, noon + 24h * 31);
    CHECK(all().size() == 2);  // the first day has gone
}

TEST_CASE_FIXTURE(Fixture, "the rows of a day are bounded, and the rest is counted together") {
    Questions questions(2);
    for (int i = 0; i < 10; ++i)
        questions.add("d" + std::to_string(i) + ".example", {}, noon);
    questions.add("d0.example", {}, noon);
    write(questions, noon);
    CHECK(all() == std::vector<AnsweredDay>{{day, "*", "no entry", 8, noon},
                                            {day, "d0.example", "no entry", 2, noon},
                                            {day, "d1.example", "no entry", 1, noon}});
}

}  // namespace postseal::companion
