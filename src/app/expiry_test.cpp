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
    const auto recorded = [&] {
        return ledger::find(*store::readersOf(dir.path())().value(), id.text())->size();
    };

    Expiry expiry(writer, readers);
    const ledger::Settings settings{.detail = 2h, .refused = 1h};
    REQUIRE(expiry.tick(settings, start + 119min).has_value());
    CHECK(recorded() == 1);
    REQUIRE(expiry.tick(settings, start + 121min).has_value());
    CHECK(recorded() == 1);  // the hour is not over
    REQUIRE(expiry.tick(settings, start + 179min).has_value());
    CHECK(recorded() == 0);
}

}  // namespace postseal::app
