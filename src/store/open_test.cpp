#include "store/open.hpp"

#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::store {
namespace {

constexpr std::array<std::string_view, 1> good{"CREATE TABLE t(id INTEGER PRIMARY KEY)"};
constexpr std::array<std::string_view, 1> bad{"CREATE NONSENSE"};
constexpr std::array<std::string_view, 1> lost{"CREATE TABLE lost(id INTEGER PRIMARY KEY)"};

std::set<std::string> namesIn(const std::filesystem::path& dir) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir))
        names.insert(entry.path().filename().string());
    return names;
}

bool hasTable(Engine& engine, const std::string& name) {
    bool isThere = false;
    const Statement find{"SELECT 1 FROM sqlite_master WHERE name = ?1"};
    REQUIRE(query(engine, find, {name}, [&](const Row&) { isThere = true; }).has_value());
    return isThere;
}

}  // namespace

TEST_CASE("store: a database has its name only once its tables are there") {
    const TempDir dir;
    const auto failed = writerOf(dir.path(), {Schema{"first", good}, Schema{"second", bad}})();
    REQUIRE_FALSE(failed);
    CHECK_FALSE(std::filesystem::exists(databaseFile(dir.path())));

    auto made = writerOf(dir.path(), {Schema{"first", good}})();
    REQUIRE(made);
    CHECK(hasTable(**made, "t"));
    CHECK((*made)->check().has_value());
    const auto read = readersOf(dir.path())();
    REQUIRE(read);
    CHECK(hasTable(**read, "t"));
    for (const auto& name : namesIn(dir.path()))
        CHECK(name.find(".new") == std::string::npos);
}

TEST_CASE("store: what a database that was lost left beside it is not written into a new one") {
    const TempDir dir;
    const auto file = databaseFile(dir.path());
    auto old = writerOf(dir.path(), {Schema{"old", lost}})();
    REQUIRE(old);
    REQUIRE((*old)->script("INSERT INTO lost VALUES(1)").has_value());
    (*old)->abandon();  // its log stays
    old->reset();
    REQUIRE(std::filesystem::file_size(file.string() + "-wal") > 0);
    std::filesystem::remove(file);

    const auto made = writerOf(dir.path(), {Schema{"first", good}})();
    REQUIRE(made);
    CHECK(hasTable(**made, "t"));
    CHECK_FALSE(hasTable(**made, "lost"));
    CHECK((*made)->check().has_value());
}

TEST_CASE("store: a link in the place of the database is not followed, nor replaced") {
    const TempDir dir;
    const auto file = databaseFile(dir.path());
    std::filesystem::create_symlink(dir / "elsewhere", file);
    CHECK_FALSE(writerOf(dir.path(), {Schema{"first", good}})().has_value());
    CHECK(std::filesystem::is_symlink(file));
    CHECK_FALSE(std::filesystem::exists(dir / "elsewhere"));
}

}  // namespace postseal::store
