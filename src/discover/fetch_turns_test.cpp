#include "discover/fetch_turns.hpp"

#include "task/cores.hpp"
#include "task/event.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <list>

namespace postseal::discover {
namespace {

using namespace std::chrono_literals;
using policy::MailKind;

/// Fetches that last until they are told to end.
struct Fixture {
    struct Fetch {
        FetchTurns::Turn turn;
        bool isRunning = false;
    };

    static task::Awaitable<void> begin(Fixture* self, Fetch* fetch) {
        co_await self->turns.begin(fetch->turn);
        fetch->isRunning = true;
        self->order += fetch->turn.owner.substr(0, 1);
    }
    Fetch& ask(const std::string& owner, MailKind kind = MailKind::message) {
        auto& fetch = fetches.emplace_back(Fetch{{owner, kind}});
        task::spawn(core, begin(this, &fetch), "test");
        run();
        return fetch;
    }
    void end(Fetch& fetch) {
        fetch.isRunning = false;
        turns.end(fetch.turn);
        run();
    }
    /// One after the other, in the order of their beginning, until all have ended.
    void endAll() {
        for (bool isAny = true; isAny;) {
            isAny = false;
            for (auto& fetch : fetches)
                if (fetch.isRunning) {
                    end(fetch);
                    isAny = true;
                }
        }
    }
    void run() {
        core.context.restart();
        core.context.poll();
    }
    std::size_t running() const {
        return static_cast<std::size_t>(std::ranges::count_if(fetches, &Fetch::isRunning));
    }

    task::Core core{0, {}};
    FetchTurns turns;
    std::list<Fetch> fetches;
    std::string order;
};

}  // namespace

TEST_CASE("fetch turns: few at a time, few of one owner, and of reports the fewest") {
    struct Row {
        const char* why;
        MailKind kind;
        std::size_t most, ofOneOwner;
    };
    const Row rows[] = {
        {"for mail", MailKind::message, 180, 10},
        {"for reports", MailKind::report, 20, 2},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Fixture one;
        for (std::size_t i = 0; i <= row.ofOneOwner; ++i)
            one.ask("evil.example", row.kind);
        CHECK(one.running() == row.ofOneOwner);
        CHECK(one.ask("bank.example", row.kind).isRunning);
        one.endAll();
        CHECK(one.order.size() == row.ofOneOwner + 2);

        Fixture all;
        for (std::size_t i = 0; i <= row.most; ++i)
            all.ask("d" + std::to_string(i) + ".example", row.kind);
        CHECK(all.running() == row.most);
        all.endAll();
        CHECK(all.order.size() == row.most + 1);
    }
}

TEST_CASE("fetch turns: who waits takes turns by what was registered") {
    Fixture fixture;
    auto& first = fixture.ask("0.example");
    for (std::size_t i = 1; i < FetchTurns::forMail.most; ++i)
        fixture.ask(std::to_string(i) + ".example");
    for (int i = 0; i < 5; ++i)
        fixture.ask("evil.example");
    auto& bank = fixture.ask("bank.example");
    fixture.order.clear();
    fixture.end(first);
    CHECK(fixture.order == "e");
    fixture.end(*std::next(fixture.fetches.begin()));
    CHECK(bank.isRunning);  // second, not sixth
    fixture.endAll();
    CHECK(fixture.order == "ebeeee");
}

TEST_CASE("fetch turns: a report's fetch that mail waits for no longer waits among the reports") {
    Fixture fixture;
    for (std::size_t i = 0; i < FetchTurns::forReports.most; ++i)
        fixture.ask("d" + std::to_string(i) + ".example", MailKind::report);
    auto& other = fixture.ask("x.example", MailKind::report);
    auto& wanted = fixture.ask("bank.example", MailKind::report);
    CHECK_FALSE(wanted.isRunning);
    fixture.turns.mailWaits(wanted.turn);
    fixture.run();
    CHECK(wanted.isRunning);
    CHECK_FALSE(other.isRunning);
    fixture.turns.mailWaits(wanted.turn);  // it has begun: nothing is left to hasten
    fixture.endAll();
    CHECK(fixture.order.ends_with("bx"));
}

}  // namespace postseal::discover
