#include "app/expiry.hpp"

#include "ledger/search.hpp"
#include "ledger/write.hpp"
#include "queue/spool.hpp"
#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::app {

TEST_CASE("expiry: records older than their time go, once an hour") {
    using namespace std::chrono_literals;
    const store::TempDir dir;
    store::Writer writer(store::writerOf(dir.path(), {queue::schema, ledger::schema}),
                         {.dataDir = dir.path()});
    store::Readers readers(store::readersOf(dir.path()));
    const auto start = base::fromMicros(1'790'000'000'000'000);
    const auto id = record::QueueId::make(start, 0);
    record::HopRecord hop;
    hop.time = start;
    hop.queueId = id;
    store::Batch batch;
    ledger::append(batch, hop);
    REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
    const ledger::Settings settings{.detail = 2h, .refused = 1h};
    const auto recorded = [&] {
        return ledger::find(*store::readersOf(dir.path())().value(), id.text())->size();
    };

    store::Batch accepted;  // a message that is newer, so that not all is old
    queue::NewMessage newer;
    newer.kept.id = record::QueueId::make(start + 90min, 0);
    newer.kept.arrived = start + 90min;
    newer.kept.body = queue::Body::inMemory("text\r\n");
    static_cast<void>(queue::put(accepted, newer));
    REQUIRE(writer.commitBlocking(std::move(accepted)).has_value());

    config::Settings all;
    all.dataDir = dir.path();
    all.ledger = settings;
    Expiry expiry(writer, readers, all, {});
    std::chrono::seconds jumped{0};
    const auto tick = [&](base::Microseconds after) {
        return expiry.tick({start + after, base::Tick(1000h + after - jumped)}).has_value();
    };
    REQUIRE(tick(119min));
    CHECK(recorded() == 1);
    REQUIRE(tick(121min));
    CHECK(recorded() == 1);  // the hour is not over
    jumped = 48h;            // rule 54
    REQUIRE(tick(48h + 179min));
    CHECK(recorded() == 1);
    REQUIRE(tick(48h + 179min + 23h));
    CHECK(recorded() == 1);
    REQUIRE(tick(48h + 179min + 25h));
    CHECK(recorded() == 0);
}

}  // namespace postseal::app
