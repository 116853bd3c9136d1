#include "store/data_dir.hpp"

#include "store/error.hpp"
#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
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

TEST_CASE("a data directory that others may enter is closed to them, and so are the files of its database") {
    const TempDir dir;
    const auto place = dir / "data";
    const auto modeOf = [](const std::filesystem::path& path) {
        struct stat found{};
        REQUIRE(::lstat(path.c_str(), &found) == 0);
        return found.st_mode & 07777U;
    };
    std::filesystem::create_directory(place);
    for (const auto* name : {"postseal.db", "postseal.db-wal", "postseal.db-shm"}) {
        std::ofstream(place / name) << "x";
        REQUIRE(::chmod((place / name).c_str(), 0644) == 0);
    }
    for (const ::mode_t mode : {0755U, 0701U, 0710U, 0770U, 01777U}) {
        REQUIRE(::chmod(place.c_str(), mode) == 0);
        const auto taken = Ownership::take(place);
        REQUIRE(taken.has_value());
        CHECK(modeOf(place) == 0700);
        CHECK(taken->corrected().starts_with(place.string() + " had mode "));
    }
    for (const auto* name : {"postseal.db", "postseal.db-wal", "postseal.db-shm", "lock"})
        CHECK(modeOf(place / name) == 0600);
    CHECK(Ownership::take(place)->corrected().empty());
}

TEST_CASE("no link in the data directory leads to another's database, but its folder may be a link") {
    const TempDir dir;
    std::filesystem::create_directory(dir / "data");
    REQUIRE(openSqlite({.file = dir / "theirs.db"}).has_value());
    std::filesystem::create_symlink(dir / "theirs.db", dir / "data/postseal.db");
    CHECK_FALSE(openSqlite({.file = dir / "data/postseal.db"}).has_value());
    CHECK_FALSE(openSqlite({.file = dir / "data/postseal.db", .access = Access::readOnly}).has_value());
    std::filesystem::create_symlink(dir / "data", dir / "link");
    CHECK(openSqlite({.file = dir / "link/another.db"}).has_value());
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
