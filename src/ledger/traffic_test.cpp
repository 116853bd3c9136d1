#include "ledger/traffic.hpp"

#include "ledger/transfers.hpp"
#include "ledger/write.hpp"
#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::ledger {
namespace {

using namespace std::chrono_literals;
using record::Assurance;
using record::Direction;
using record::HopRecord;
using record::HopResult;

const base::Timestamp noon = base::parseRfc3339("2026-11-23T12:00:00Z").value();

HopRecord out(const char* to, const char* host, Assurance assurance, HopResult result = HopResult::delivered,
              base::Timestamp time = noon) {
    HopRecord hop;
    hop.time = time;
    hop.direction = Direction::out;
    hop.queueId = record::QueueId::make(time, 1);
    hop.sender = "anna@ours.example";
    hop.peer.name = host;
    hop.recipients = {{to, result, ""}};
    hop.assurance = assurance;
    hop.result = result;
    return hop;
}

HopRecord in(const char* from, const char* client, const char* address, Assurance assurance) {
    auto hop = out("anna@ours.example", client, assurance, HopResult::accepted);
    hop.direction = Direction::in;
    hop.sender = from;
    hop.peer.address = base::IpAddress::parse(address);
    return hop;
}

/// `out bank.example 1 0 0 0 0 0`
std::string text(const TrafficRow& row) {
    std::string text(toText(row.direction));
    text += ' ' + row.name;
    for (const auto count : {row.sealed, row.encrypted, row.open, row.local, row.waiting, row.returned})
        text += ' ' + std::to_string(count);
    return text;
}

using Lines = std::vector<std::string>;

Lines linesOf(TrafficBy by, std::size_t limit = 50) {
    Traffic traffic(by);
    traffic.add(out("a@bank.example", "mx1.host.example", Assurance::authenticated));
    traffic.add(out("b@bank.example", "mx2.host.example", Assurance::encrypted));
    traffic.add(out("c@shop.example", "mx.shop.example", Assurance::cleartext));
    traffic.add(out("d@shop.example", "mx.shop.example", Assurance::encrypted, HopResult::deferred));
    traffic.add(out("e@shop.example", "mx.shop.example", Assurance::encrypted, HopResult::bounced));
    traffic.add(
        out("f@bank.example", "mx1.host.example", Assurance::encrypted, HopResult::delivered, noon + 24h));
    auto stored = out("anna@ours.example", "unix:/run/lmtp", Assurance::cleartext);
    stored.local = true;
    traffic.add(stored);
    traffic.add(in("x@bank.example", "out.bank.example", "192.0.2.1", Assurance::encrypted));
    traffic.add(in("", "out.bank.example", "192.0.2.1", Assurance::cleartext));
    traffic.add(in("y@ours.example", "", "127.0.0.1", Assurance::cleartext));
    traffic.addWaiting("d@shop.example", noon);
    traffic.addReturned("g@gone.example", noon);
    Lines lines;
    for (const auto& row : traffic.rows(limit))
        lines.push_back(text(row));
    return lines;
}

}  // namespace

TEST_CASE("traffic: in all, by the other side's domain, by day, by who runs the host") {
    CHECK(linesOf(TrafficBy::all) == Lines{"out  1 2 1 1 1 1", "in  0 1 1 1 0 0"});
    CHECK(linesOf(TrafficBy::domain) == Lines{"out bank.example 1 2 0 0 0 0", "out shop.example 0 0 1 0 1 0",
                                              "out gone.example 0 0 0 0 0 1", "out ours.example 0 0 0 1 0 0",
                                              "in <> 0 0 1 0 0 0", "in bank.example 0 1 0 0 0 0",
                                              "in ours.example 0 0 0 1 0 0"});
    CHECK(linesOf(TrafficBy::day) ==
          Lines{"out 2026-11-23 1 1 1 1 1 1", "out 2026-11-24 0 1 0 0 0 0", "in 2026-11-23 0 1 1 1 0 0"});
    CHECK(linesOf(TrafficBy::operatorOfHost) == Lines{"out  0 0 0 1 1 1", "out host.example 1 2 0 0 0 0",
                                                      "out shop.example 0 0 1 0 0 0",
                                                      "in bank.example 0 1 1 0 0 0", "in  0 0 0 1 0 0"});
}

TEST_CASE("traffic: a long list ends in what the rest comes to") {
    CHECK(linesOf(TrafficBy::domain, 1) == Lines{"out bank.example 1 2 0 0 0 0", "out (others) 0 0 1 1 1 1",
                                                 "in <> 0 0 1 0 0 0", "in (others) 0 1 0 1 0 0"});
    CHECK(linesOf(TrafficBy::day, 1) ==
          Lines{"out 2026-11-24 0 1 0 0 0 0", "out (others) 1 1 1 1 1 1", "in 2026-11-23 0 1 1 1 0 0"});
}

TEST_CASE("traffic: JSON") {
    Traffic traffic(TrafficBy::domain);
    traffic.add(out("a@bank.example", "mx.bank.example", Assurance::authenticated));
    CHECK(
        toJson(traffic.rows(50), TrafficBy::domain, noon, {{"secure", 2}}) ==
        R"({"since":"2026-11-23T12:00:00Z","by":"domain","rows":[{"direction":"out","name":"bank.example",)"
        R"("sealed":1,"encrypted":0,"open":0,"local":0,"waiting":0,"returned":0}],"policy_answers":{"secure":2}})");
}

// NOLINTNEXTLINE(readability-function-size): a table
TEST_CASE("transfers: newest first, back to a time, and by words") {
    const store::TempDir dir;
    auto engine = store::writerOf(dir.path(), {schema})();
    REQUIRE(engine);
    store::Batch batch;
    const auto hours = [](int count) { return noon + std::chrono::hours(count); };
    for (int i = 0; i < 10; ++i)
        append(batch, out(i % 2 == 0 ? "Even@x.example" : "odd\"@x.example", "mx", Assurance::encrypted,
                          HopResult::delivered, hours(i)));
    append(batch, Settled{record::QueueId::make(noon, 7), "g@gone.example", "returned", "no", hours(3)});
    append(batch, Settled{record::QueueId::make(noon, 8), "g@gone.example", "deleted", "no", hours(3)});
    REQUIRE(store::commitNow(**engine, batch));

    const auto seen = [&](const Back& back, std::size_t most) {
        std::vector<base::Timestamp> times;
        REQUIRE(lookBack(**engine, back, [&](const HopRecord& hop) {
            times.push_back(hop.time);
            return times.size() == most ? Search::end : Search::goOn;
        }));
        return times;
    };
    CHECK(seen({}, 100).size() == 10);
    CHECK(seen({}, 2) == std::vector{hours(9), hours(8)});
    CHECK(seen({.to = hours(7)}, 100) == std::vector{hours(9), hours(8), hours(7)});
    CHECK(seen({.words = "even@x.example"}, 100).size() == 5);
    CHECK(seen({.words = "odd\"@x.example"}, 2) == std::vector{hours(9), hours(7)});
    int returned = 0;
    REQUIRE(lookAtReturned(**engine, hours(3), [&](const std::string&, base::Timestamp) { ++returned; }));
    REQUIRE(lookAtReturned(**engine, hours(4), [&](const std::string&, base::Timestamp) { ++returned; }));
    CHECK(returned == 1);
}

}  // namespace postseal::ledger
