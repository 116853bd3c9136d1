#include "discover/exceptions.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::discover {
namespace {

using namespace std::chrono_literals;

constexpr base::Timestamp now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

policy::Exception exceptionFor(std::string domain) {
    return {.domain = std::move(domain),
            .level = record::Level::may,
            .requireTls = policy::RequireTlsMode::disable,
            .until = now + 24h,
            .owner = "alice",
            .reason = "it's being moved",
            .made = now};
}

}  // namespace

TEST_CASE("exceptions: what the command line keeps, the server notices") {
    const store::TempDir dir;
    auto opened = store::writerOf(dir.path(), {exceptionsSchema})();
    REQUIRE(opened.has_value());
    auto& engine = **opened;
    store::Readers readers(store::readersOf(dir.path()));
    Exceptions server;
    REQUIRE(server.load(readers)->empty());

    REQUIRE(store::commitNow(engine, putException(exceptionFor("a.example"))).has_value());
    REQUIRE(store::commitNow(engine, putException(exceptionFor("b.example"))).has_value());
    CHECK(server.load(readers)->size() == 2);
    CHECK(server.load(readers)->empty());
    CHECK(server.find("a.example", now) == exceptionFor("a.example"));
    CHECK_FALSE(server.find("c.example", now));
    CHECK_FALSE(server.find("a.example", now + 24h));  // it ends by itself

    auto changed = exceptionFor("a.example");
    changed.level.reset();
    REQUIRE(store::commitNow(engine, putException(changed)).has_value());
    CHECK(server.load(readers)->size() == 1);
    CHECK(server.find("a.example", now) == changed);

    REQUIRE(store::commitNow(engine, endException("a.example", "bob", now + 1h)).has_value());
    CHECK_FALSE(store::commitNow(engine, endException("a.example", "bob", now + 1h)).has_value());
    REQUIRE(server.load(readers)->size() == 1);
    CHECK_FALSE(server.find("a.example", now + 1h));
    CHECK(exceptions(engine)->front().endedBy == "bob");

    auto later = exceptionFor("c.example");
    later.made = now + shownAfterEnd + 48h;
    REQUIRE(store::commitNow(engine, putException(later)).has_value());
    CHECK(exceptions(engine)->size() == 1);
    Exceptions restarted;
    CHECK(restarted.load(readers)->size() == 1);
}

}  // namespace postseal::discover
