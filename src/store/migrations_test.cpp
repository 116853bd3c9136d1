#include "store/migrations.hpp"

#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <array>

namespace postseal::store {
namespace {

constexpr std::array<std::string_view, 3> steps{
    "CREATE TABLE mail(id INTEGER PRIMARY KEY); INSERT INTO mail VALUES(7)",
    "ALTER TABLE mail ADD COLUMN sender TEXT; UPDATE mail SET sender = 'old'",
    "CREATE INDEX by_sender ON mail(sender)",
};
constexpr std::array<std::string_view, 2> spoilt{steps[0], "CREATE TABLE more(id INTEGER); CREATE nonsense"};
constexpr Statement readSender{"SELECT sender FROM mail WHERE id = 7"};
constexpr Statement countMore{"SELECT count(*) FROM sqlite_schema WHERE name IN ('mail', 'more')"};

std::unique_ptr<Engine> open(const TempDir& dir) {
    auto engine = openSqlite({.file = dir / "m.db"});
    REQUIRE(engine.has_value());
    return std::move(*engine);
}

TEST_CASE("migrate: from each version to the newest, and again, with what was there") {
    for (std::size_t from = 0; from <= steps.size(); ++from) {
        INFO("from version " << from);
        const TempDir dir;
        const auto engine = open(dir);
        const Schema old{"queue", std::span(steps).first(from)};
        CHECK(migrate(*engine, std::span(&old, 1)).has_value());
        const Schema newest{"queue", steps};
        const bool isMigrated = migrate(*engine, std::span(&newest, 1)).has_value();
        const bool isMigratedAgain = migrate(*engine, std::span(&newest, 1)).has_value();
        CHECK((isMigrated && isMigratedAgain));
        std::string sender;
        const auto read = query(*engine, readSender, {}, [&](const Row& row) { sender = row.text(0); });
        CHECK((read.has_value() && sender == "old"));
    }
}

TEST_CASE("rule 56: a store of a newer version is refused with its reason, untouched") {
    const TempDir dir;
    const auto engine = open(dir);
    const Schema newest{"queue", steps};
    REQUIRE(migrate(*engine, std::span(&newest, 1)).has_value());
    const Schema old{"queue", std::span(steps).first(1)};
    const auto refused = migrate(*engine, std::span(&old, 1));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == Errc::newer);
    CHECK(refused.error().detail.find("version 3") != std::string::npos);
}

TEST_CASE("migrate: a step that fails leaves nothing of itself nor of other rooms") {
    const TempDir dir;
    const auto engine = open(dir);
    const Schema all[] = {{"ledger", std::span(steps).first(1)}, {"queue", spoilt}};
    CHECK(!migrate(*engine, all).has_value());
    std::int64_t tables = -1;
    REQUIRE(query(*engine, countMore, {}, [&](const Row& row) { tables = row.integer(0); }).has_value());
    CHECK(tables == 0);
}

}  // namespace
}  // namespace postseal::store
