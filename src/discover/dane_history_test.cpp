#include "discover/dane_history.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::discover {
namespace {

using namespace std::chrono_literals;

constexpr base::Timestamp now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

}  // namespace

TEST_CASE("rule 17: which next hops had DANE is there again after a restart") {
    const store::TempDir dir;
    auto opened = store::writerOf(dir.path(), {daneHistorySchema})();
    REQUIRE(opened.has_value());
    store::Readers readers(store::readersOf(dir.path()));
    const auto write = [&](DaneHistory& history) {
        const auto changes = history.changes();
        REQUIRE(changes.has_value());
        REQUIRE(store::commitNow(**opened, *changes).has_value());
        CHECK_FALSE(history.changes());
    };
    DaneHistory history;
    CHECK_FALSE(history.isLoaded());
    REQUIRE(history.load(readers).has_value());
    CHECK(history.isLoaded());
    CHECK_FALSE(history.lastOf("example.org"));

    history.seen("example.org", now);
    history.seen("[relay.example]:587", now);
    history.seen("example.org", now + 1h);
    CHECK(history.lastOf("example.org") == now);  // once a day is enough
    write(history);
    history.seen("example.org", now + 25h);
    history.givenUp("[relay.example]:587");
    history.givenUp("never.example");
    write(history);

    DaneHistory again;
    REQUIRE(again.load(readers).has_value());
    CHECK(again.lastOf("example.org") == now + 25h);
    CHECK_FALSE(again.lastOf("[relay.example]:587"));
}

TEST_CASE("the history of DANE is bounded, and a stranger's names have one share of it") {
    DaneHistory history(200);  // two names each
    history.startEmpty();
    history.seen("bank.example", now);
    for (int i = 0; i < 100; ++i)
        history.seen("d" + std::to_string(i) + ".stranger.co.uk", now + i * 1s);
    CHECK(history.lastOf("bank.example"));
    CHECK_FALSE(history.lastOf("d97.stranger.co.uk"));
    CHECK(history.lastOf("d98.stranger.co.uk"));
    for (int i = 0; i < 198; ++i)
        history.seen("d" + std::to_string(i) + ".example", now + 1h);
    CHECK_FALSE(history.lastOf("bank.example"));  // the longest unused of all
    CHECK(history.lastOf("d99.stranger.co.uk"));
}

}  // namespace postseal::discover
