#include "ledger/retention.hpp"
#include "ledger/search.hpp"
#include "ledger/write.hpp"

#include "record/json.hpp"
#include "store/open.hpp"
#include "store/sqlite.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::ledger {
namespace {

using record::Direction;
using record::HopRecord;
using record::HopResult;

base::Timestamp at(std::int64_t seconds) {
    return base::Timestamp(std::chrono::seconds(seconds));
}
constexpr std::int64_t start = 1'000'000'000;

HopRecord hop(std::int64_t time, const record::QueueId& id, Direction direction,
              std::vector<record::RecipientOutcome> recipients) {
    HopRecord hop;
    hop.time = at(time);
    hop.queueId = id;
    hop.direction = direction;
    hop.messageId = "<m1@example.com>";
    hop.sender = "sender@example.com";
    hop.recipients = std::move(recipients);
    hop.assurance = record::Assurance::encrypted;
    hop.result = hop.recipients.front().result;
    return hop;
}

struct Fixture {
    store::TempDir dir;
    std::unique_ptr<store::Engine> engine;

    Fixture() {
        auto opened = store::writerOf(dir.path(), {schema})();
        REQUIRE(opened.has_value());
        engine = std::move(*opened);
    }
    template <class... Records>
    void commit(const Records&... records) {
        store::Batch batch;
        (append(batch, records), ...);
        REQUIRE(store::commitNow(*engine, batch).has_value());
    }
    std::vector<TransportRecord> found(std::string_view name) {
        auto found = find(*engine, name);
        REQUIRE(found.has_value());
        return *found;
    }
    std::vector<std::int64_t> expired(std::int64_t now, std::int64_t oldestQueued, int limit) {
        store::Batch batch;
        expire(batch, {.detail = std::chrono::seconds(1000), .refused = std::chrono::seconds(100)}, at(now),
               at(oldestQueued), limit);
        return store::commitNow(*engine, batch).value().changes;
    }
};

TEST_CASE_FIXTURE(Fixture,
                  "a transport record is found by queue id and by Message-ID, with each recipient's fate") {
    const auto id = record::QueueId::make(at(start), 0);
    const auto arrival = hop(start, id, Direction::in,
                             {{"a@x.example", HopResult::accepted, ""},
                              {"b@y.example", HopResult::accepted, ""},
                              {"c@z.example", HopResult::accepted, ""},
                              {"d@u.example", HopResult::accepted, ""}});
    auto out = hop(start + 1, id, Direction::out, {{"a@x.example", HopResult::delivered, "250 ok"}});
    auto refused =
        hop(start + 2, id, Direction::out, {{"b@y.example", HopResult::bounced, "550 no such user"}});
    auto waits = hop(start + 3, id, Direction::out, {{"d@u.example", HopResult::deferred, "451 later"}});
    commit(arrival, out, refused, waits,
           Settled{.queueId = id,
                   .address = "c@z.example",
                   .state = "deleted",
                   .reason = "by root",
                   .time = at(start)});

    for (const std::string& name :
         {id.text(), std::string("<m1@example.com>"), std::string("m1@example.com")}) {
        INFO(name);
        const auto transports = found(name);
        REQUIRE(transports.size() == 1);
        const TransportRecord& transport = transports[0];
        CHECK(transport.queueId == id);
        CHECK(transport.messageId == "<m1@example.com>");
        CHECK(transport.hops == std::vector<HopRecord>{arrival, out, refused, waits});
        struct Row {
            const char *address, *state, *verdict, *reason;
        };
        const Row rows[] = {{"a@x.example", "delivered", "encrypted", ""},
                            {"b@y.example", "returned", "returns", "550 no such user"},
                            {"c@z.example", "deleted", "returns", "by root"},
                            {"d@u.example", "queued", "waits", "451 later"}};
        REQUIRE(transport.recipients.size() == 4);
        for (std::size_t i = 0; i < 4; ++i) {
            INFO(rows[i].address);
            CHECK(transport.recipients[i].address == rows[i].address);
            CHECK(transport.recipients[i].state == rows[i].state);
            CHECK(transport.recipients[i].verdict == rows[i].verdict);
            CHECK(transport.recipients[i].reason == rows[i].reason);
        }
    }
    CHECK(found("<m2@example.com>").empty());
    CHECK(found(record::QueueId::make(at(start), 1).text()).empty());
    CHECK(found(record::QueueId::make(at(start), 2048).text()).empty());  // no id of ours
    CHECK(
        toJson(found(id.text()))
            .starts_with(R"([{"queue_id":")" + id.text() +
                         R"(","message_id":"<m1@example.com>","sender":)"
                         R"("sender@example.com","recipients":[{"address":"a@x.example","state":"delivered",)"
                         R"("verdict":"encrypted","reason":""})"));
    CHECK(toJson({}) == "[]");
}

TEST_CASE_FIXTURE(Fixture, "two messages with one Message-ID are two transport records") {
    for (const int i : {1, 2})
        commit(hop(start + i, record::QueueId::make(at(start + i), 0), Direction::in,
                   {{"a@x.example", HopResult::accepted, ""}}));
    CHECK(found("<m1@example.com>").size() == 2);
}

TEST_CASE_FIXTURE(Fixture,
                  "old records go in small steps; refusals sooner, those of queued mail not at all") {
    for (int i = 0; i < 10; ++i) {
        const auto id = record::QueueId::make(at(start + i), 0);
        commit(hop(start + i, id, Direction::in, {{"a@x.example", HopResult::accepted, ""}}),
               hop(start + i, {}, Direction::in, {{"a@x.example", HopResult::refused, "550 5.7.1"}}),
               Settled{.queueId = id,
                       .address = "a@x.example",
                       .state = "returned",
                       .reason = "",
                       .time = at(start)});
    }
    using Changes = std::vector<std::int64_t>;
    CHECK(expired(start + 99, start + 99, 4) == Changes{0, 0, 0});
    CHECK(expired(start + 106, start + 106, 4) == Changes{0, 0, 4});
    CHECK(expired(start + 106, start + 106, 4) == Changes{0, 0, 2});
    CHECK(expired(start + 1005, start + 3, 100) == Changes{3, 3, 4});
    CHECK(expired(start + 2000, start + 2000, 4) == Changes{4, 4, 0});
    CHECK(found("<m1@example.com>").size() == 3);
}

}  // namespace
}  // namespace postseal::ledger
