#include "store/batch.hpp"

#include "store/fault_vfs_test.hpp"
#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::store {
namespace {

constexpr Statement insert{"INSERT INTO t(id, text, bytes) VALUES(?1, ?2, ?3)"};
constexpr Statement update{"UPDATE t SET text = ?2 WHERE id = ?1"};
constexpr Statement count{"SELECT count(*) FROM t"};
constexpr Statement select{"SELECT text, bytes, id IS NULL FROM t WHERE id = ?1"};
constexpr Statement nonsense{"UPDATE nowhere SET nothing = 1"};

struct Fixture {
    TempDir dir;
    FaultVfs vfs{"batch-faults"};
    std::unique_ptr<Engine> engine;

    Fixture() {
        auto opened = openSqlite({.file = dir / "s.db", .vfs = vfs.name()});
        REQUIRE(opened.has_value());
        engine = std::move(*opened);
        REQUIRE(engine->script("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT, bytes BLOB)").has_value());
    }
    std::int64_t rows() {
        std::int64_t found = -1;
        REQUIRE(query(*engine, count, {}, [&](const Row& row) { found = row.integer(0); }).has_value());
        return found;
    }
};

Batch inserting(std::int64_t id) {
    Batch batch;
    batch.add(insert, id, std::string("text"), std::monostate());
    return batch;
}

TEST_CASE_FIXTURE(Fixture, "values come back as they were, NUL and 8-bit bytes included") {
    const std::string bytes("\0\xff\r\n.\r\n", 7);
    Batch batch;
    batch.add(insert, std::int64_t(1), std::string("a\0b", 3), std::make_shared<const std::string>(bytes));
    batch.add(insert, std::int64_t(2), std::monostate(), Blob{bytes});
    REQUIRE(commitNow(*engine, batch).has_value());
    int seen = 0;
    for (const std::int64_t id : {1, 2})
        REQUIRE(query(*engine, select, {id}, [&](const Row& row) {
                    CHECK(row.text(1) == bytes);
                    CHECK(row.isNull(0) == (id == 2));
                    if (id == 1) CHECK(row.text(0) == std::string_view("a\0b", 3));
                    ++seen;
                }).has_value());
    CHECK(seen == 2);
}

TEST_CASE_FIXTURE(Fixture, "one bad batch never takes another with it") {
    const Batch one = inserting(1);
    const Batch again = inserting(1);
    const Batch three = inserting(3);
    Batch guarded = inserting(4);
    guarded.expect(1, update, std::int64_t(99), std::string("nobody"));
    Batch faulty = inserting(5);
    faulty.add(nonsense);
    const Batch* const all[] = {&one, &again, &three, &guarded, &faulty};

    const auto results = applyAll(*engine, all).results;
    REQUIRE(results.size() == 5);
    CHECK(results[0].has_value());
    CHECK(results[1].error().code == Errc::conflict);
    CHECK(results[2].has_value());
    CHECK(results[3].error().code == Errc::conflict);
    CHECK(results[4].error().code == Errc::misuse);
    CHECK(rows() == 2);
}

TEST_CASE_FIXTURE(Fixture, "the changes of each step are told, and hooks run where a row changed") {
    REQUIRE(commitNow(*engine, inserting(1)).has_value());
    Batch batch;
    std::string ran;
    batch.whenChanged(batch.add(update, std::int64_t(1), std::string("new")), [&] { ran += "hit "; });
    batch.whenChanged(batch.add(update, std::int64_t(2), std::string("new")), [&] { ran += "miss "; });
    const auto done = commitNow(*engine, batch);
    REQUIRE(done.has_value());
    CHECK(done->changes == std::vector<std::int64_t>{1, 0});
    CHECK(ran == "hit ");

    Batch failing = inserting(1);
    failing.whenChanged(0, [&] { ran += "failed "; });
    CHECK(!commitNow(*engine, failing).has_value());
    CHECK(ran == "hit ");
}

TEST_CASE_FIXTURE(Fixture, "rule 54: a full disk and a failed fsync are everyone's, and each has its name") {
    const Batch one = inserting(1);
    const Batch two = inserting(2);
    const Batch* const all[] = {&one, &two};
    vfs.faults().full = true;
    CHECK(applyAll(*engine, all).failed->code == Errc::full);
    vfs.faults().full = false;
    CHECK(rows() == 0);
    vfs.faults().failSyncIn = 1;
    CHECK(applyAll(*engine, all).failed->code == Errc::io);
}

TEST_CASE("rule 54: whichever write fails, an unacknowledged batch is whole or not there, never half") {
    bool reachedEnd = false;
    for (int k = 1; !reachedEnd; ++k) {
        REQUIRE(k < 200);
        Fixture fixture;
        Batch batch = inserting(1);
        batch.add(insert, std::int64_t(2), std::string("x"), std::make_shared<const std::string>(20000, 'b'));
        fixture.vfs.faults().failWriteIn = k;
        const auto done = commitNow(*fixture.engine, batch);
        reachedEnd = done.has_value();
        fixture.vfs.faults().failWriteIn = 0;
        fixture.engine->abandon();
        fixture.engine.reset();
        auto opened = openSqlite({.file = fixture.dir / "s.db"});
        REQUIRE(opened.has_value());
        fixture.engine = std::move(*opened);
        const auto rows = fixture.rows();
        CHECK((reachedEnd ? rows == 2 : rows == 0 || rows == 2));
    }
}

}  // namespace
}  // namespace postseal::store
