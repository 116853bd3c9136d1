#include "queue/body.hpp"

#include "queue/fixture_test.hpp"
#include "queue/steer.hpp"

#include <fstream>

namespace postseal::queue {
namespace {

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>(i * 7 + i / 251);
    return text;
}

struct BodyFixture : QueueFixture {
    std::size_t files() const {
        const std::filesystem::directory_iterator all(bodies.folder());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }
    base::Result<Body> arrived(const std::string& bytes, std::size_t chunk) {
        return wait(receive(&bodies, bytes, chunk));
    }
    static task::Awaitable<base::Result<Body>> receive(Bodies* bodies, std::string bytes, std::size_t chunk) {
        IncomingBody incoming(*bodies, record::QueueId::make(at(start), 0));
        for (std::size_t i = 0; i < bytes.size(); i += chunk)
            if (const auto taken = co_await incoming.append(std::string_view(bytes).substr(i, chunk)); !taken)
                co_return base::fail(taken.error());
        co_return co_await incoming.finish();
    }
};

TEST_CASE_FIXTURE(BodyFixture,
                  "bodies of every size come back byte for byte, over 64 KiB from a file (rule 53)") {
    for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 131072U, 131073U, 1000000U})
        for (const std::size_t chunk : {1000U, 16384U, 2000000U}) {
            INFO("size " << size << " in chunks of " << chunk);
            const auto bytes = pattern(size);
            const auto body = arrived(bytes, chunk);
            REQUIRE(body.has_value());
            CHECK(body->sizeBytes() == size);
            CHECK((body->file() != nullptr) == (size > inlineBodyBytes));
            CHECK(text(*body) == bytes);
        }
    CHECK(files() == 0);  // none was stored
}

TEST_CASE_FIXTURE(BodyFixture,
                  "a body's file stays while its message is queued, and goes with its last recipient") {
    const auto bytes = pattern(200'000);
    std::optional<Body> body = *arrived(bytes, 16384);
    auto leases = stored(message(start, {{"a@x.example", "x"}, {"b@y.example", "y"}}, *body));
    body.reset();
    CHECK(settled(leases[0]).has_value());
    CHECK(text(leases[1].message->body) == bytes);
    deferred(leases[1], start + 1);
    leases.clear();
    CHECK(files() == 1);
    CHECK(bodies.sweepOrphans().has_value());
    CHECK(files() == 1);

    auto again = due("y", start + 1);
    CHECK(text(again[0].message->body) == bytes);
    CHECK(settled(again[0]).has_value());
    again.clear();
    writer.stop();  // its last handles are gone
    CHECK(files() == 0);
}

TEST_CASE_FIXTURE(BodyFixture,
                  "a body whose message is refused leaves no file, and orphans are swept at start") {
    stored(message(start, {{"a@x.example", "x"}}));
    {
        store::Batch batch;
        const auto leases =
            put(batch, message(start, {{"a@x.example", "x"}}, *arrived(pattern(100'000), 4096)));
        CHECK(files() == 1);
        CHECK(writer.commitBlocking(std::move(batch)).error().code == store::Errc::conflict);
    }
    CHECK(files() == 0);
    std::ofstream(bodies.folder() / "orphan") << "x";
    CHECK(bodies.sweepOrphans().has_value());
    CHECK(files() == 0);
}

TEST_CASE_FIXTURE(BodyFixture, "rule 56: beside a database that was lost, texts are put aside, not swept") {
    std::ofstream(bodies.folder() / "text") << "x";
    const auto aside = bodies.sweepOrphans();
    REQUIRE(aside.has_value());
    REQUIRE(aside->has_value());
    CHECK(std::filesystem::exists(**aside / "text"));
    CHECK(files() == 0);
    CHECK(bodies.sweepOrphans() == std::nullopt);
}

TEST_CASE_FIXTURE(BodyFixture, "rule 54: files of bodies leave the reserve, and are gone at once") {
    Bodies poor({.dataDir = dir.path(), .reserveBytes = std::uint64_t{1} << 60U}, pool, readers);
    const auto refused = wait(receive(&poor, pattern(200'000), 16384));
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code == store::Errc::full);
    CHECK(files() == 0);
    CHECK(wait(receive(&poor, pattern(60'000), 16384)).has_value());
}

TEST_CASE_FIXTURE(BodyFixture,
                  "above the bound for all, a stored body is read back in place of kept in memory") {
    std::vector<std::vector<Lease>> all;
    all.reserve(5);
    for (int i = 0; i < 5; ++i)
        all.push_back(stored(message(start + i, {{"a@x.example", "x"}}, *arrived(pattern(60'000), 60'000))));
    int kept = 0;
    for (const auto& leases : all) {
        kept += leases[0].message->body.bytes() != nullptr;
        CHECK(text(leases[0].message->body) == pattern(60'000));
    }
    CHECK(kept == 3);
    all.clear();
    writer.stop();
    CHECK(bodies.hold(pattern(60'000)).stored({}).bytes() != nullptr);
}

TEST_CASE_FIXTURE(BodyFixture, "an administrator's delete takes the file too") {
    deferred(stored(message(start, {{"a@x.example", "x"}}, *arrived(pattern(100'000), 4096)))[0], start + 1);
    CHECK(files() == 1);
    const auto engine = store::writerOf(dir.path(), {schema})();
    const Order order{.steer = Steer::remove, .now = at(start + 2), .dataDir = dir.path()};
    CHECK(steer(**engine, order, listed()).has_value());
    CHECK(files() == 0);
}

TEST_CASE_FIXTURE(BodyFixture,
                  "rule 54: a folder that can't be written is an error of the file, not a crash") {
    std::filesystem::remove_all(bodies.folder());
    const auto body = arrived(pattern(100'000), 4096);
    REQUIRE(!body.has_value());
    CHECK(body.error().phase == base::Phase::file);
}

}  // namespace
}  // namespace postseal::queue
