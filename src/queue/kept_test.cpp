#include "queue/kept.hpp"

#include "queue/filter.hpp"
#include "queue/fixture_test.hpp"
#include "queue/steer.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace postseal::queue {
namespace {

enum class From { us, others };

struct KeptFixture : QueueFixture {
    std::unique_ptr<store::Engine> engine = std::move(*store::writerOf(dir.path(), {schema})());

    /// A report that can't be delivered, since then.
    void kept(std::int64_t since, From from = From::us) {
        auto report = message(since, {{"a@x.example", "x"}});
        report.kept.sender = std::nullopt;
        if (from == From::us) report.kept.prefix.clear();
        const auto leases = stored(report);
        store::Batch batch;
        keep(batch, leases[0], leases[0].recipients, {"550 no such user"}, at(since));
        REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
    }
    std::vector<std::int64_t> beyond(const KeptLimits& limits, std::int64_t now) {
        const auto found = keptBeyond(*engine, limits, at(now), 100);
        REQUIRE(found.has_value());
        std::vector<std::int64_t> since;
        for (const auto& one : *found)
            since.push_back(base::toMicros(one.arrived) / 1'000'000);
        std::ranges::sort(since);
        return since;
    }
};

}  // namespace

TEST_CASE_FIXTURE(KeptFixture, "a report that can't be delivered is held, is never due, and says why") {
    kept(start);
    CHECK(due("x", start + 1'000'000).empty());
    const auto listed = *list(*engine, {}, 10);
    REQUIRE(listed.size() == 1);
    CHECK(reasonText(listed[0].recipients[0]) == "a report that can't be delivered: 550 no such user");
    CHECK(toJson(listed[0]).find(R"("state":"held")") != std::string::npos);
    CHECK(matches({.state = State::held}, listed[0], listed[0].recipients[0]));
    const auto balance = *queue::balance(*engine);
    CHECK(balance == Balance{.accepted = 1, .held = 1, .keptReports = 1});
    CHECK(balance.difference() == 0);
}

TEST_CASE_FIXTURE(KeptFixture, "an administrator has it tried again, or deletes it") {
    kept(start);
    kept(start + 1);
    const auto listed = *list(*engine, {}, 10);
    const Order again{.steer = Steer::release, .now = at(start + 10), .dataDir = dir.path()};
    REQUIRE(steer(*engine, again, {listed[0]}).has_value());
    CHECK(due("x", start + 10).size() == 1);
    const Order gone{.steer = Steer::remove, .now = at(start + 10), .dataDir = dir.path()};
    REQUIRE(steer(*engine, gone, {listed[1]}).has_value());
    CHECK(*balance(*engine) == Balance{.accepted = 2, .queued = 1, .deleted = 1});
}

TEST_CASE_FIXTURE(KeptFixture,
                  "kept reports are bounded in time and number: others' go first, then the oldest") {
    kept(start);
    kept(start + 1, From::others);
    kept(start + 2);
    kept(start + 3, From::others);
    using Since = std::vector<std::int64_t>;
    const std::int64_t day = 86400;
    CHECK(beyond({}, start + day).empty());
    CHECK(beyond({}, start + 30 * day + 2) == Since{start, start + 1});
    CHECK(beyond({.most = 4}, start + day).empty());
    CHECK(beyond({.most = 3}, start + day) == Since{start + 1});
    CHECK(beyond({.most = 1}, start + day) == Since{start, start + 1, start + 3});
}

}  // namespace postseal::queue
