// How SQLite carries out what the queue asks while it serves: from an index, however much is deferred.
#include "queue/fixture_test.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace postseal::queue {
namespace {

using store::Statement;

/// The plans of all statements that ran, by their SQL.
struct Plans {
    std::mutex mutex;
    std::map<std::string, std::string> found;
};

class Explaining : public store::Engine {
public:
    Explaining(std::unique_ptr<store::Engine> engine, Plans* plans)
        : engine_(std::move(engine)), plans_(plans) {}

    base::Result<std::int64_t> run(const Statement& statement,
                                   std::span<const store::Value> values) override {
        explain(statement);
        return engine_->run(statement, values);
    }
    base::Result<void> query(const Statement& statement, std::span<const store::Value> values,
                             const store::OnRow& onRow) override {
        explain(statement);
        return engine_->query(statement, values, onRow);
    }
    base::Result<void> script(std::string_view sql) override { return engine_->script(sql); }
    base::Result<void> checkpoint(store::Checkpoint how) override { return engine_->checkpoint(how); }
    std::uint64_t logBytes() const override { return engine_->logBytes(); }
    base::Result<void> check() override { return engine_->check(); }
    std::uint64_t reusableBytes() override { return engine_->reusableBytes(); }
    base::Result<void> compact(std::uint64_t most) override { return engine_->compact(most); }
    void abandon() override { engine_->abandon(); }

private:
    void explain(const Statement& statement) {
        const std::string_view sql = statement.sql;
        constexpr std::string_view planned[] = {"SELECT", "INSERT", "UPDATE", "DELETE"};
        if (std::ranges::none_of(planned, [&](auto word) { return sql.starts_with(word); })) return;
        const auto& text = texts_.emplace_back("EXPLAIN QUERY PLAN " + std::string(sql));
        const auto& explaining = statements_.emplace_back(Statement{text.c_str()});
        std::string plan;
        const auto addLine = [&](const store::Row& row) { plan += std::string(row.text(3)) + '\n'; };
        const bool isExplained = engine_->query(explaining, {}, addLine).has_value();
        const std::scoped_lock lock(plans_->mutex);
        plans_->found[std::string(sql)] = isExplained ? plan : "SCAN: it could not be explained";
    }

    std::unique_ptr<store::Engine> engine_;
    Plans* plans_;
    std::deque<std::string> texts_;  // their addresses are the statements' identity
    std::deque<Statement> statements_;
};

struct PlansFixture {
    Plans plans;
    QueueFixture house{[this](std::unique_ptr<store::Engine> engine) {
        return std::make_unique<Explaining>(std::move(engine), &plans);
    }};
};

TEST_CASE_FIXTURE(PlansFixture, "with many deferred, nothing on the way of a message reads them all") {
    constexpr auto start = QueueFixture::start;
    {
        const std::scoped_lock lock(plans.mutex);
        plans.found.clear();  // what is done once, at the start, may read all
    }
    house.deferred(house.stored(house.message(start, {{"a@x.example", "x"}}))[0], start + 10);
    const auto leases = house.due("x", start + 10);
    REQUIRE(leases.size() == 1);
    store::Batch back;
    release(back, leases[0], at(start));
    bringForward(back, "x", at(start), 100);
    defer(back,
          DeadDestination{.nextHop = "x", .now = at(start), .reason = "refused", .tellBefore = at(start)});
    REQUIRE(house.writer.commitBlocking(std::move(back)).has_value());
    const auto again = house.due("x", start + 10);
    REQUIRE(again.size() == 1);
    CHECK(house.settled(again[0]).has_value());
    CHECK(house.wait(firstDue(house.bodies, "x")).has_value());
    CHECK(waitingBacklogs(house.readers).has_value());

    const std::scoped_lock lock(plans.mutex);
    CHECK(plans.found.size() > 10);
    for (const auto& [sql, plan] : plans.found) {
        INFO(sql);
        INFO(plan);
        CHECK(plan.find("TEMP B-TREE") == std::string::npos);
        const auto scan = plan.find("SCAN ");
        // Of the counters there is one row; destinations are grouped along the index of who is due.
        const bool isFine =
            scan == std::string::npos || plan.find("INDEX recipients_due", scan) != std::string::npos;
        CHECK(isFine);
    }
}

}  // namespace
}  // namespace postseal::queue
