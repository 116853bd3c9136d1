#include "queue/fixture_test.hpp"
#include "store/fault_vfs_test.hpp"
#include "store/sqlite.hpp"

#include <set>

namespace postseal::queue {
namespace {

using namespace std::chrono_literals;

/// What the queue's users were told, in a conversation with a store that may fail under them.
struct Told {
    std::set<std::int64_t> accepted, refused;
    std::int64_t delivered = 0, returned = 0;
};

enum class Failing { write, sync, full };

/// A queue on a store whose k-th call fails.
class Conversation {
public:
    Conversation(Failing what, int turn) : what_(what), turn_(turn) {}

    /// Accepts three messages; one is delivered, one deferred, one returned with a bounce. False: the fault
    /// came too late to fire.
    bool run();

private:
    static constexpr std::int64_t start = 1'000'000'000;

    store::Opener opener();
    void arm();
    bool disarm();
    std::optional<Lease> accept(std::int64_t number, const char* nextHop);
    NewMessage message(std::int64_t number, const char* nextHop) const;
    void holds(store::Readers& readers);

    Failing what_;
    int turn_;
    store::TempDir dir_;
    store::FaultVfs vfs_{"conversation"};
    std::optional<store::Writer> writer_;
    Told told_;
};

store::Opener Conversation::opener() {
    return [this]() -> base::Result<std::unique_ptr<store::Engine>> {
        auto engine = store::openSqlite({.file = store::databaseFile(dir_.path()), .vfs = vfs_.name()});
        if (!engine) return engine;
        if (auto migrated = store::migrate(**engine, std::span(&schema, 1)); !migrated)
            return base::fail(migrated.error());
        return engine;
    };
}

void Conversation::arm() {
    auto& faults = vfs_.faults();
    faults.failWriteAs = what_ == Failing::full ? store::Faults::As::full : store::Faults::As::io;
    (what_ == Failing::sync ? faults.failSyncIn : faults.failWriteIn) = turn_;
}

bool Conversation::disarm() {
    auto& faults = vfs_.faults();
    return faults.failSyncIn.exchange(0) <= 0 && faults.failWriteIn.exchange(0) <= 0;
}

NewMessage Conversation::message(std::int64_t number, const char* nextHop) const {
    NewMessage message;
    message.kept.id = record::QueueId::make(at(start + number), 0);
    message.kept.sender = mailbox("sender@example.com");
    message.kept.arrived = at(start + number);
    message.kept.body = Body::inMemory(std::string(9000, 'x'));
    message.recipients.push_back({mailbox("user@x.example"), record::Route::parse(nextHop).value()});
    return message;
}

std::optional<Lease> Conversation::accept(std::int64_t number, const char* nextHop) {
    store::Batch batch;
    auto leases = put(batch, message(number, nextHop));
    if (!writer_->commitBlocking(std::move(batch))) {
        told_.refused.insert(number);
        return std::nullopt;
    }
    told_.accepted.insert(number);
    return leases.front();
}

bool Conversation::run() {
    writer_.emplace(opener(),
                    store::WriterSettings{.dataDir = dir_.path(), .checkpointIdleBytes = 1, .retry = 1ms});
    REQUIRE(voidLeases(*writer_).has_value());
    arm();
    const auto good = accept(1, "good");
    const auto slow = accept(2, "slow");
    const auto bad = accept(3, "bad");
    if (good) {
        store::Batch batch;
        settle(batch, *good, good->recipients, End::delivered);
        REQUIRE(writer_->commitBlocking(std::move(batch)).has_value());  // it has happened: never refused
        ++told_.delivered;
    }
    if (slow) {
        store::Batch batch;
        defer(batch, *slow, slow->recipients, {"later"}, at(start + 60));
        REQUIRE(writer_->commitBlocking(std::move(batch)).has_value());
    }
    if (bad) {
        store::Batch batch;
        settle(batch, *bad, bad->recipients, End::returned);
        static_cast<void>(put(batch, message(4, "sender")));
        REQUIRE(writer_->commitBlocking(std::move(batch)).has_value());
        told_.accepted.insert(4);
        ++told_.returned;
    }
    const bool fired = disarm();
    REQUIRE(accept(5, "last").has_value() == told_.accepted.contains(5));
    if (!told_.accepted.contains(5)) REQUIRE(accept(6, "last").has_value());
    writer_->stop();
    store::Readers readers(store::readersOf(dir_.path()));
    holds(readers);
    return fired;
}

/// All that was accepted and has not ended is there, once, and nothing that was refused.
void Conversation::holds(store::Readers& readers) {
    std::set<std::int64_t> wanted = told_.accepted;
    wanted.erase(1);
    wanted.erase(3);
    std::set<std::int64_t> found;
    const auto listed =
        readers.read<std::vector<Listed>>([](store::Engine& engine) { return list(engine, {}, 100); });
    REQUIRE(listed.has_value());
    for (const auto& one : *listed)
        CHECK(found.insert(base::toMicros(one.arrived) / 1'000'000 - start).second);
    CHECK(found == wanted);
    const auto counted = readers.read<Balance>(balance);
    REQUIRE(counted.has_value());
    CHECK(counted->difference() == 0);
    CHECK(counted->accepted == static_cast<std::int64_t>(told_.accepted.size()));
    CHECK(counted->delivered == told_.delivered);
    CHECK(counted->returned == told_.returned);
}

TEST_CASE(
    "rule 54: the k-th write or sync of a conversation fails, for every k: nothing is lost or doubled") {
    struct Row {
        const char* why;
        Failing what;
        int least;  // calls that the conversation is known to make
    };
    const Row rows[] = {{"a sync fails", Failing::sync, 5},
                        {"a write fails", Failing::write, 40},
                        {"a write finds the disk full", Failing::full, 40}};
    for (const auto& row : rows) {
        int turn = 1;
        for (bool fired = true; fired; ++turn) {
            INFO(row.why << ", turn " << turn);
            fired = Conversation(row.what, turn).run();
            REQUIRE(turn < 1000);
        }
        CHECK(turn > row.least);
    }
}

}  // namespace
}  // namespace postseal::queue
