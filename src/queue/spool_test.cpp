#include "queue/spool.hpp"

#include "queue/fixture_test.hpp"
#include "queue/id.hpp"

#include <set>

namespace postseal::queue {
namespace {

TEST_CASE_FIXTURE(QueueFixture,
                  "put gives one lease per next hop, and what is delivered at once leaves nothing") {
    const auto leases =
        stored(message(start, {{"a@x.example", "x"}, {"b@y.example", "y"}, {"c@x.example", "x"}}));
    REQUIRE(leases.size() == 2);
    CHECK(leases[0].route.text() == "x");
    REQUIRE(leases[0].recipients.size() == 2);
    CHECK(leases[0].recipients[1].address.toText() == "c@x.example");
    CHECK(leases[0].message == leases[1].message);
    CHECK(text(leases[0].message->body) == "text\r\n");
    CHECK(due("x", start + 100).empty());  // claimed already
    CHECK(counted() == Balance{.accepted = 3, .queued = 3});

    const auto first = settled(leases[0]);
    REQUIRE(first.has_value());
    CHECK(first->changes.back() == 0);  // y still waits
    CHECK(settled(leases[1])->changes.back() == 1);
    CHECK(counted() == Balance{.accepted = 3, .delivered = 3});
    CHECK(listed().empty());
}

TEST_CASE_FIXTURE(QueueFixture, "each end of a recipient is counted, and the balance has no difference") {
    const auto leases = stored(message(start, {{"a@x.example", "x"},
                                               {"b@y.example", "y"},
                                               {"c@z.example", "z"},
                                               {"d@u.example", "u"},
                                               {"e@v.example", "v"}}));
    CHECK(settled(leases[0], End::delivered).has_value());
    CHECK(settled(leases[1], End::returned).has_value());
    CHECK(settled(leases[2], End::deleted).has_value());
    CHECK(settled(leases[3], End::discarded).has_value());
    const Balance want{
        .accepted = 5, .delivered = 1, .returned = 1, .queued = 1, .deleted = 1, .discarded = 1};
    CHECK(counted() == want);
    CHECK(want.difference() == 0);
    CHECK(toJson(want) ==
          R"({"accepted":5,"delivered":1,"returned":1,"queued":1,"held":0,"deleted":1,"discarded":1,)"
          R"("difference":0,"undeliverable_reports":0})");
}

TEST_CASE_FIXTURE(QueueFixture, "a bounce is put in the batch that returns the message, or neither is") {
    const auto leases = stored(message(start, {{"a@x.example", "x"}}));
    auto bounce = message(start + 1, {{"sender@example.com", "example.com"}});
    bounce.kept.sender.reset();
    store::Batch batch;
    settle(batch, leases[0], leases[0].recipients, End::returned);
    const auto bounced = put(batch, bounce);
    REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
    CHECK(counted() == Balance{.accepted = 2, .returned = 1, .queued = 1});

    store::Batch again;
    settle(again, leases[0], leases[0].recipients, End::returned);
    const auto never = put(again, message(start + 2, {{"sender@example.com", "example.com"}}));
    CHECK(writer.commitBlocking(std::move(again)).error().code == store::Errc::conflict);
    CHECK(counted() == Balance{.accepted = 2, .returned = 1, .queued = 1});
    deferred(bounced[0], start + 2);
    CHECK(!due("example.com", start + 3)[0].message->sender.has_value());
}

TEST_CASE_FIXTURE(QueueFixture, "deferred recipients come back with their message when their time has come") {
    const auto leases =
        stored(message(start, {{"a@x.example", "x"}, {"\"b c\"@x.example", "x"}, {"c@y.example", "y"}}));
    deferred(leases[0], start + 300);
    CHECK(due("x", start + 299).empty());
    const auto again = due("x", start + 300);
    REQUIRE(again.size() == 1);
    const Message& message = *again[0].message;
    CHECK(message.id == leases[0].message->id);
    CHECK(message.sender == leases[0].message->sender);
    CHECK(message.bodyType == record::BodyType::eightBitMime);
    CHECK(message.messageId == leases[0].message->messageId);
    CHECK(message.arrived == at(start));
    CHECK(message.prefix == "Received: by us\r\n");
    CHECK(text(message.body) == "text\r\n");
    REQUIRE(again[0].recipients.size() == 2);
    CHECK(again[0].recipients[1].address.local() == "b c");
    CHECK(again[0].recipients[1].attempts == 1);
    CHECK(due("x", start + 301).empty());  // claimed

    store::Batch back;
    release(back, again[0], {});
    REQUIRE(writer.commitBlocking(std::move(back)).has_value());
    CHECK(due("x", start + 301)[0].recipients[0].attempts == 1);
}

TEST_CASE_FIXTURE(QueueFixture, "rule 32: what a message says of TLS is kept with it (RFC 8689 §4.1)") {
    using enum record::TlsDemand;
    std::int64_t arrived = start;
    for (const auto demand : {none, required, optional}) {
        auto one = message(arrived++, {{"a@x.example", "x"}});
        one.kept.tls = demand;
        const auto leases = stored(one);
        CHECK(leases[0].message->tls == demand);
        REQUIRE(voidLeases(writer).has_value());  // as after a restart
        const auto again = due("x", arrived);
        REQUIRE(again.size() == 1);
        CHECK(again[0].message->tls == demand);
        settled(again[0]).value();
    }
}

TEST_CASE_FIXTURE(QueueFixture, "a next hop in the store that is none is damage, as an address is") {
    stored(message(start, {{"a@x.example", "x"}}));
    REQUIRE(voidLeases(writer).has_value());
    static constexpr store::Statement spoil{"UPDATE recipients SET next_hop = 'lmtp:'"};
    store::Batch batch;
    batch.add(spoil);
    REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
    const auto leases = wait(
        leaseDue(writer, bodies,
                 {.nextHop = "lmtp:", .now = at(start + 1), .horizon = std::chrono::hours(4), .limit = 1}));
    REQUIRE_FALSE(leases);
    CHECK(leases.error().code == store::Errc::corrupt);
}

TEST_CASE_FIXTURE(QueueFixture, "leaseDue takes the longest waiting first and no more than asked for") {
    for (const int wait : {30, 10, 20})
        deferred(stored(message(start + wait, {{"a@x.example", "x"}}))[0], start + 100 + wait);
    const auto two = due("x", start + 200, 2);
    REQUIRE(two.size() == 2);
    CHECK(two[0].message->arrived == at(start + 10));
    CHECK(two[1].message->arrived == at(start + 20));
    CHECK(due("x", start + 200, 2).size() == 1);
}

TEST_CASE_FIXTURE(QueueFixture, "bringForward lets go what waits for one destination, and no other") {
    deferred(stored(message(start, {{"a@x.example", "x"}}))[0], start + 300);
    deferred(stored(message(start + 1, {{"a@y.example", "y"}}))[0], start + 300);
    store::Batch batch;
    bringForward(batch, "x", at(start + 10), 1000);
    REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
    CHECK(due("x", start + 10).size() == 1);
    CHECK(due("y", start + 10).empty());
}

TEST_CASE_FIXTURE(QueueFixture, "rule 54: after a clock that went back, nobody waits for a year") {
    deferred(stored(message(start, {{"a@x.example", "x"}}))[0], start + std::int64_t{3600} * 24 * 365);
    CHECK(due("x", start).size() == 1);
}

TEST_CASE_FIXTURE(QueueFixture, "at start all leases are void, and destinations are loaded, not messages") {
    for (int i = 0; i < 5; ++i)
        stored(message(start + i, {{"a@x.example", "x"}, {"b@y.example", "y"}}));
    REQUIRE(voidLeases(writer).has_value());
    const auto waiting = waitingBacklogs(readers);
    REQUIRE(waiting.has_value());
    REQUIRE(waiting->size() == 2);
    CHECK((*waiting)[0].nextHop == "x");
    CHECK((*waiting)[0].waiting == 5);
    CHECK((*waiting)[0].earliest == at(start));
    CHECK(due("x", start + 10).size() == 5);
}

TEST_CASE_FIXTURE(QueueFixture,
                  "a dead destination: one statement for all that are due, but those to be returned") {
    for (int i = 0; i < 10; ++i)
        deferred(stored(message(start + i, {{"a@dead.example", "dead"}}))[0], start + 100);
    store::Batch batch;
    defer(batch, DeadDestination{.nextHop = "dead",
                                 .now = at(start + 200),
                                 .arrivedAfter = at(start + 2),
                                 .nextAttempt = at(start + 900),
                                 .reason = "connection refused",
                                 .limit = 5});
    CHECK(writer.commitBlocking(std::move(batch))->changes.back() == 5);
    const Wanted old{.nextHop = "dead",
                     .now = at(start + 200),
                     .horizon = std::chrono::hours(4),
                     .arrivedBefore = at(start + 2)};
    CHECK(wait(leaseDue(writer, bodies, old))->size() == 2);
    CHECK(due("dead", start + 200).size() == 3);
    const auto later = due("dead", start + 900);
    REQUIRE(later.size() == 5);
    CHECK(later[0].recipients[0].attempts == 2);
}

TEST_CASE_FIXTURE(QueueFixture,
                  "a dead destination: who is to be told of the delay stays due until it is told") {
    for (int i = 0; i < 4; ++i) {
        auto waits = message(start + i, {{"a@dead.example", "dead"}});
        if (i == 1) waits.recipients[0].notify = {.isAsked = true, .delay = false};
        deferred(stored(waits)[0], start + 100);
    }
    store::Batch batch;
    const auto step = defer(batch, DeadDestination{.nextHop = "dead",
                                                   .now = at(start + 200),
                                                   .arrivedAfter = at(0),
                                                   .nextAttempt = at(start + 900),
                                                   .reason = "connection refused",
                                                   .tellBefore = at(start + 3),
                                                   .tellAttempts = 2});
    CHECK(writer.commitBlocking(std::move(batch))->changes[step] == 2);
    const Wanted toTell{.nextHop = "dead",
                        .now = at(start + 200),
                        .horizon = std::chrono::hours(4),
                        .arrivedBefore = at(start + 3),
                        .untold = 2};
    auto tooSoon = toTell;
    tooSoon.untold = 3;
    CHECK(wait(leaseDue(writer, bodies, tooSoon))->empty());
    const auto untold = wait(leaseDue(writer, bodies, toTell));
    REQUIRE(untold->size() == 2);
    for (const auto& lease : *untold) {
        store::Batch told;
        defer(told, lease, lease.recipients, {"connection refused"}, at(start + 200));
        tellDelay(told, lease, lease.recipients);
        REQUIRE(writer.commitBlocking(std::move(told)).has_value());
    }
    CHECK(wait(leaseDue(writer, bodies, toTell))->empty());
    CHECK(due("dead", start + 200)[0].recipients[0].toldDelay);
}

TEST_CASE_FIXTURE(QueueFixture, "queue ids grow, also when the clock goes back or the queue was emptied") {
    IdMaker maker;
    std::set<std::string> ids;
    std::string last;
    for (const std::int64_t now : {5, 5, 5, 4, 3, 6, 6}) {
        const auto id = maker.next(at(now)).text();
        CHECK(id > last);
        last = id;
        CHECK(ids.insert(id).second);
    }
    CHECK(*newestId(readers) == base::Timestamp());
    settled(stored(message(start, {{"a@x.example", "x"}}))[0]).value();
    IdMaker restarted(*newestId(readers));
    CHECK(restarted.next(at(1)) > record::QueueId::make(at(start), 0));
    maker.startAfter(*newestId(readers));
    CHECK(maker.next(at(1)) > record::QueueId::make(at(start), 0));
    maker.startAfter(at(1));  // never back
    CHECK(maker.next(at(1)) > record::QueueId::make(at(start), 0));
}

}  // namespace
}  // namespace postseal::queue
