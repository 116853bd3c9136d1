#include "store/writer.hpp"

#include "store/fault_vfs_test.hpp"
#include "store/open.hpp"
#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"
#include "task/cores.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>

namespace postseal::store {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 1> steps{"CREATE TABLE t(id INTEGER PRIMARY KEY, bytes BLOB)"};
constexpr Schema schema{"test", steps};
constexpr Statement insert{"INSERT INTO t(id, bytes) VALUES(?1, ?2)"};
constexpr Statement remove{"DELETE FROM t WHERE id = ?1"};
constexpr Statement all{"SELECT id FROM t"};

Batch inserting(std::int64_t id, std::size_t bytes = 100) {
    Batch batch;
    batch.add(insert, id, std::make_shared<const std::string>(bytes, 'b'));
    batch.undo(remove, id);
    return batch;
}

std::set<std::int64_t> rows(const std::filesystem::path& dataDir) {
    std::set<std::int64_t> found;
    const auto engine = openSqlite({.file = databaseFile(dataDir), .access = Access::readOnly});
    REQUIRE(engine.has_value());
    REQUIRE(query(**engine, all, {}, [&](const Row& row) { found.insert(row.integer(0)); }).has_value());
    return found;
}

/// How many transactions there were.
std::int64_t commits(const std::filesystem::path& dataDir) {
    std::int64_t number = 0;
    const auto engine = openSqlite({.file = databaseFile(dataDir), .access = Access::readOnly});
    REQUIRE(engine.has_value());
    const Statement read{"SELECT number FROM commits"};
    REQUIRE(query(**engine, read, {}, [&](const Row& row) { number = row.integer(0); }).has_value());
    return number;
}

struct Fixture {
    TempDir dir;
    FaultVfs vfs{"writer-faults"};
    std::atomic<int> opened = 0;

    Opener opener() {
        return [this]() -> base::Result<std::unique_ptr<Engine>> {
            auto engine = openSqlite({.file = databaseFile(dir.path()), .vfs = vfs.name()});
            if (!engine) return engine;
            if (auto migrated = migrate(**engine, std::span(&schema, 1)); !migrated)
                return base::fail(migrated.error());
            ++opened;
            return engine;
        };
    }
    WriterSettings settings() { return {.dataDir = dir.path(), .retry = 20ms}; }
};

task::Awaitable<void> produce(Writer* writer, std::int64_t from, int count, std::atomic<int>* done) {
    for (std::int64_t id = from; id < from + count; ++id) {
        Batch batch = inserting(id);
        const auto result = co_await writer->commit(std::move(batch));
        if (result) ++*done;
    }
}

TEST_CASE_FIXTURE(Fixture, "group commit: many coroutines on two cores, each batch durable, few commits") {
    std::atomic<int> done = 0;
    Writer writer(opener(), settings());
    task::Cores cores(2, {});
    cores.start();
    for (std::int64_t i = 0; i < 50; ++i)
        task::spawn(cores[static_cast<std::size_t>(i % 2)], produce(&writer, 1000 * (i + 1), 20, &done),
                    "producer");
    REQUIRE(cores.waitUntilEmpty(60s));
    CHECK(done == 1000);
    CHECK(rows(dir.path()).size() == 1000);
    CHECK(commits(dir.path()) < 1000);
    writer.stop();
    CHECK(writer.commitBlocking(inserting(1)).error().code == Errc::closed);
}

TEST_CASE_FIXTURE(Fixture, "a batch that conflicts fails alone") {
    Writer writer(opener(), settings());
    CHECK(writer.commitBlocking(inserting(1)).has_value());
    CHECK(writer.commitBlocking(inserting(1)).error().code == Errc::conflict);
    CHECK(writer.commitBlocking(inserting(2)).has_value());
    CHECK(!writer.trouble());
    CHECK(rows(dir.path()) == std::set<std::int64_t>{1, 2});
}

TEST_CASE_FIXTURE(Fixture,
                  "rule 54: after a failed write or fsync the store is reopened, and 451 means not there") {
    Writer writer(opener(), settings());
    REQUIRE(writer.commitBlocking(inserting(1)).has_value());
    std::set<std::int64_t> acknowledged{1};
    int reopened = 0;
    for (std::int64_t id = 2; id < 40; ++id) {
        auto& countdown = id % 2 == 0 ? vfs.faults().failSyncIn : vfs.faults().failWriteIn;
        countdown = static_cast<int>(id % 5);
        const auto result = writer.commitBlocking(inserting(id, 10000));
        countdown = 0;
        if (result) {
            acknowledged.insert(id);
            continue;
        }
        CHECK(result.error().code == Errc::io);
        CHECK(writer.trouble().has_value());
        REQUIRE(writer.commitBlocking(inserting(1000 + id)).has_value());
        acknowledged.insert(1000 + id);
        CHECK(!writer.trouble().has_value());
        CHECK(opened == 1 + ++reopened);
    }
    CHECK(reopened > 5);
    writer.stop();
    CHECK(rows(dir.path()) == acknowledged);
}

TEST_CASE_FIXTURE(
    Fixture, "rule 54: a full disk has a name of its own, and no new mail is taken until there is room") {
    Writer writer(opener(), settings());
    REQUIRE(writer.commitBlocking(inserting(1)).has_value());
    CHECK(writer.hasRoom());
    vfs.faults().full = true;
    CHECK(writer.commitBlocking(inserting(2)).error().code == Errc::full);
    CHECK(!writer.hasRoom());
    vfs.faults().full = false;
    CHECK(writer.commitBlocking(inserting(3)).has_value());
    CHECK(rows(dir.path()) == std::set<std::int64_t>{1, 3});

    auto greedy = settings();
    greedy.reserveBytes = std::uint64_t(1) << 60U;
    Writer poor(
        []() -> base::Result<std::unique_ptr<Engine>> { return base::fail(makeError(Errc::io, "never")); },
        greedy);
    CHECK(!poor.commitBlocking(inserting(1)).has_value());
    CHECK(!poor.hasRoom());
}

TEST_CASE_FIXTURE(Fixture,
                  "rule 54: a store whose mail has left gives its room back, where it is small enough") {
    const auto opened = opener()();
    REQUIRE(opened.has_value());
    Engine& engine = **opened;
    for (std::int64_t id = 0; id < 100; ++id)
        REQUIRE(commitNow(engine, inserting(id, 20000)).has_value());
    Batch removing;
    for (std::int64_t id = 1; id < 100; ++id)
        removing.add(remove, id);
    REQUIRE(commitNow(engine, removing).has_value());
    REQUIRE(engine.checkpoint(Checkpoint::truncate).has_value());
    const auto fileBytes = [&] { return std::filesystem::file_size(databaseFile(dir.path())); };
    CHECK(engine.reusableBytes() > 1'900'000);
    REQUIRE(engine.compact(10'000).has_value());
    CHECK(fileBytes() > 2'000'000);
    REQUIRE(engine.compact(1'000'000).has_value());
    CHECK(fileBytes() < 100'000);
    CHECK(engine.reusableBytes() == 0);
    CHECK(rows(dir.path()) == std::set<std::int64_t>{0});
}

TEST_CASE_FIXTURE(Fixture, "what has happened is written once the store is well again, exactly once") {
    for (const bool inCommit : {true, false}) {
        Writer writer(opener(), settings());
        const std::int64_t base = inCommit ? 100 : 200;
        REQUIRE(writer.commitBlocking(inserting(base)).has_value());
        int hooks = 0;
        Batch batch;
        batch.whenChanged(batch.expect(1, remove, base), [&] { ++hooks; });
        batch.add(insert, base + 1, std::monostate());
        batch.persist();
        if (inCommit)
            vfs.faults().failSyncIn = 1;  // it is on disk, and nobody knows
        else
            vfs.faults().full = true;
        std::thread later([&] {
            std::this_thread::sleep_for(60ms);
            vfs.faults().full = false;
        });
        const auto done = writer.commitBlocking(std::move(batch));
        later.join();
        REQUIRE(done.has_value());
        CHECK(done->changes == std::vector<std::int64_t>{1, 1});
        CHECK(hooks == 1);
        CHECK(rows(dir.path()).contains(base + 1));
        CHECK(!rows(dir.path()).contains(base));
    }
}

TEST_CASE_FIXTURE(Fixture,
                  "rule 56: a store that can't be opened is trouble with a reason, and served once it can") {
    bool isBroken = true;
    std::mutex mutex;
    Writer writer(
        [&]() -> base::Result<std::unique_ptr<Engine>> {
            const std::scoped_lock lock(mutex);
            if (isBroken) return base::fail(makeError(Errc::corrupt, "postseal.db: file is not a database"));
            return opener()();
        },
        settings());
    CHECK(writer.commitBlocking(inserting(1)).error().code == Errc::corrupt);
    CHECK(writer.trouble()->detail.find("not a database") != std::string::npos);
    {
        const std::scoped_lock lock(mutex);
        isBroken = false;
    }
    CHECK(writer.commitBlocking(inserting(1)).has_value());
    CHECK(!writer.trouble());
}

TEST_CASE_FIXTURE(Fixture, "a checkpoint that fails makes the store prove itself before the next commit") {
    auto eager = settings();
    eager.checkpointIdleBytes = 1;
    eager.checkpointBytes = 1;
    Writer writer(opener(), eager);
    REQUIRE(writer.commitBlocking(inserting(1)).has_value());
    vfs.faults().databaseBroken = true;
    static_cast<void>(
        writer.commitBlocking(inserting(1)));  // the checkpoint after the first may have been in time
    for (const std::int64_t id : {2, 3}) {
        const auto refused = writer.commitBlocking(inserting(id));
        REQUIRE(!refused.has_value());
        CHECK(refused.error().code == Errc::io);
    }
    vfs.faults().databaseBroken = false;
    CHECK(writer.commitBlocking(inserting(4)).has_value());
    CHECK(opened > 1);
    CHECK(rows(dir.path()) == std::set<std::int64_t>{1, 4});
}

/// Writes until it is killed, telling each durable id by one write to the pipe.
[[noreturn]] void writeUntilKilled(const std::filesystem::path& dataDir, std::int64_t from, int pipe) {
    Writer writer(writerOf(dataDir, {schema}), {.dataDir = dataDir, .checkpointBytes = 1U << 20U});
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (std::int64_t t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (std::int64_t id = from + t * 100000;; ++id)
                if (writer.commitBlocking(inserting(id, 4096)))
                    if (::write(pipe, &id, sizeof id) != sizeof id) ::_exit(1);
        });
    for (auto& thread : threads)
        thread.join();
    ::_exit(1);
}

TEST_CASE("kill -9 while eight threads write: everything acknowledged is there") {
    const TempDir dir;
    std::set<std::int64_t> acknowledged;
    for (std::int64_t round = 0; round < 4; ++round) {
        std::array<int, 2> pipe{};
        REQUIRE(::pipe(pipe.data()) == 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(pipe[0]);
            writeUntilKilled(dir.path(), (round + 1) * 10'000'000, pipe[1]);
        }
        ::close(pipe[1]);
        std::int64_t id = 0;
        int told = 0;
        while (::read(pipe[0], &id, sizeof id) == sizeof id) {
            acknowledged.insert(id);
            if (++told == 300 + 111 * round) ::kill(child, SIGKILL);
        }
        ::close(pipe[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        CHECK(told >= 300);
    }
    Writer reopened(writerOf(dir.path(), {schema}), {.dataDir = dir.path()});
    CHECK(reopened.commitBlocking(inserting(1)).has_value());
    const auto found = rows(dir.path());
    CHECK(std::ranges::includes(found, acknowledged));
}

}  // namespace
}  // namespace postseal::store
