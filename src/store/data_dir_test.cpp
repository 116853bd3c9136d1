#include "store/data_dir.hpp"

#include "store/error.hpp"
#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <fstream>
#include <string>

namespace postseal::store {
namespace {

TEST_CASE("a data directory has one owner, and the second is told who it is") {
    const TempDir dir;
    const auto place = dir / "data";
    CHECK(!Ownership::isTaken(place));
    {
        const auto first = Ownership::take(place);
        REQUIRE(first.has_value());
        CHECK((std::filesystem::status(place).permissions() & std::filesystem::perms::mask) ==
              std::filesystem::perms::owner_all);
        CHECK(Ownership::isTaken(place));
        const auto second = Ownership::take(place);
        REQUIRE(!second.has_value());
        CHECK(second.error().code == Errc::owned);
        CHECK(second.error().detail.find("process " + std::to_string(::getpid())) != std::string::npos);
    }
    CHECK(!Ownership::isTaken(place));
    CHECK(Ownership::take(place).has_value());
}

TEST_CASE("a place that can't be a data directory gives its reason") {
    const TempDir dir;
    std::ofstream(dir / "file") << "x";
    const auto taken = Ownership::take(dir / "file");
    REQUIRE(!taken.has_value());
    CHECK(taken.error().detail.find("file") != std::string::npos);
    CHECK(freeBytes(dir.path()) > 0);
    CHECK(freeBytes(dir / "missing") == 0);
}

TEST_CASE("rule 56: rubbish in place of the database is told apart from a missing one") {
    const TempDir dir;
    std::ofstream(dir / "s.db") << std::string(8192, 'x');
    const auto rubbish = openSqlite({.file = dir / "s.db"});
    REQUIRE(!rubbish.has_value());
    CHECK(rubbish.error().code == Errc::corrupt);
    const auto missing = openSqlite({.file = dir / "none.db", .access = Access::readOnly});
    REQUIRE(!missing.has_value());
    CHECK(missing.error().code == Errc::io);
}

TEST_CASE("a reader sees what is committed, writes nothing, and does not hinder the writer") {
    constexpr static Statement insert{"INSERT INTO t VALUES(1)"};
    constexpr static Statement count{"SELECT count(*) FROM t"};
    const TempDir dir;
    auto writer = openSqlite({.file = dir / "s.db"});
    REQUIRE(writer.has_value());
    REQUIRE((*writer)->script("CREATE TABLE t(id INTEGER)").has_value());
    auto reader = openSqlite({.file = dir / "s.db", .access = Access::readOnly});
    REQUIRE(reader.has_value());
    CHECK(run(**writer, insert).has_value());
    CHECK(!run(**reader, insert).has_value());
    std::int64_t seen = 0;
    CHECK(query(**reader, count, {}, [&](const Row& row) { seen = row.integer(0); }).has_value());
    CHECK(seen == 1);
    CHECK((*writer)->logBytes() > 0);
    CHECK((*writer)->checkpoint(Checkpoint::truncate).has_value());
    CHECK((*writer)->logBytes() == 0);
}

}  // namespace
}  // namespace postseal::store
