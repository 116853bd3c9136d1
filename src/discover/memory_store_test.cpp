#include "discover/memory_store.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::discover {
namespace {

using namespace std::chrono_literals;
using policy::Contact;
using record::Assurance;

constexpr base::Timestamp start = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);

Contact contact(Assurance assurance, Contact::Fate fate = Contact::Fate::delivered) {
    return {.fate = fate,
            .assurance = assurance,
            .proof = assurance == Assurance::authenticated ? record::Proof::dane : record::Proof::none,
            .host = "mx.example.org",
            .words = fate == Contact::Fate::held ? "no STARTTLS" : ""};
}

struct Fixture {
    store::TempDir dir;
    std::unique_ptr<store::Engine> engine = open();
    store::Readers readers{store::readersOf(dir.path())};
    policy::MemorySettings settings{.mode = policy::MemoryMode::enforce, .deliveries = 3, .time = 0s};

    std::unique_ptr<store::Engine> open() {
        auto opened = store::writerOf(dir.path(), {memorySchema})();
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }
    void commit(const store::Batch& batch) { REQUIRE(store::commitNow(*engine, batch).has_value()); }
    /// What a delivery commits; whether there was anything.
    bool observe(MemoryStore& memory, const Contact& seen, base::Timestamp when,
                 const std::string& domain = "example.org") {
        const auto observed = memory.observe(domain, seen, when);
        if (!observed.row) return false;
        store::Batch batch;
        MemoryStore::append(batch, *observed.row);
        commit(batch);
        return true;
    }
    RememberedDomain stored(const std::string& domain = "example.org") {
        const auto found = memoryOf(*engine, domain);
        REQUIRE(found.has_value());
        REQUIRE(found->has_value());
        return **found;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "memory store: what was committed is there again after a restart") {
    MemoryStore memory(settings);
    REQUIRE(memory.load(readers).has_value());
    CHECK_FALSE(memory.claim("example.org"));
    for (int i = 0; i < 3; ++i)
        CHECK(observe(memory, contact(Assurance::authenticated), start + i * 1h));
    observe(memory, contact(Assurance::cleartext, Contact::Fate::held), start + 3h);
    auto row = stored();
    row.memory.accepted = {.by = "alice", .reason = "it's so", .at = start};
    commit(changeMemory(row));

    MemoryStore again(settings);
    CHECK(again.load(readers)->size() == 1);
    REQUIRE(again.claim("example.org"));
    CHECK(again.claim("example.org")->level == record::Level::dane);
    row.revision = 1;
    CHECK(stored() == row);
    CHECK(row.memory.fall()->words == "no STARTTLS");
    CHECK(row.memory.of(Assurance::authenticated).time == 2h);
}

TEST_CASE_FIXTURE(Fixture, "memory store: an administrator's change is noticed, and no delivery undoes it") {
    MemoryStore memory(settings);
    REQUIRE(memory.load(readers).has_value());
    for (int i = 0; i < 3; ++i)
        observe(memory, contact(Assurance::encrypted), start + i * 1h);
    CHECK(memory.claim("example.org")->level == record::Level::encrypt);
    CHECK(memory.load(readers)->empty());  // our own writes are no news

    commit(changeMemory({"example.org"}));  // forget
    observe(memory, contact(Assurance::encrypted), start + 3h);
    CHECK(stored().memory == policy::Memory());
    CHECK(memory.load(readers)->front().domain == "example.org");
    CHECK_FALSE(memory.claim("example.org"));
    CHECK(memory.load(readers)->empty());

    observe(memory, contact(Assurance::encrypted), start + 4h);
    CHECK(stored().memory.of(Assurance::encrypted).deliveries == 1);
}

TEST_CASE_FIXTURE(Fixture, "memory store: where only the count grows, a row is written once an hour") {
    MemoryStore memory(settings);
    memory.startEmpty();
    for (int i = 0; i < 3; ++i)
        observe(memory, contact(Assurance::encrypted), start);
    CHECK_FALSE(observe(memory, contact(Assurance::encrypted), start + 1min));
    CHECK(observe(memory, contact(Assurance::cleartext, Contact::Fate::held), start + 2min));
    CHECK(observe(memory, contact(Assurance::encrypted), start + 3min));  // it is well again
    CHECK_FALSE(observe(memory, contact(Assurance::encrypted), start + 4min));
    CHECK(observe(memory, contact(Assurance::encrypted), start + 2h));
    CHECK(stored().memory.of(Assurance::encrypted).deliveries == 7);
}

TEST_CASE_FIXTURE(Fixture, "memory store: bounded, and what makes a memory stays longest") {
    MemoryStore memory(settings, 20);
    memory.startEmpty();
    for (int i = 0; i < 30; ++i)
        for (int each = 0; each < (i == 0 ? 3 : 1); ++each)
            observe(memory, contact(Assurance::encrypted), start + i * 1min,
                    "d" + std::to_string(i) + ".example");
    CHECK(memories(*engine)->size() == 20);
    const auto gone = memory.trim();
    REQUIRE(gone.has_value());
    commit(*gone);
    CHECK_FALSE(memory.trim());
    CHECK(memories(*engine)->size() == 18);
    CHECK(memory.claim("d0.example"));
    CHECK_FALSE(memoryOf(*engine, "d1.example")->has_value());
    CHECK_FALSE(memory.isFull());
}

TEST_CASE_FIXTURE(Fixture,
                  "memory store: strangers' memories don't keep a new domain from being remembered") {
    MemoryStore memory(settings, 20);
    memory.startEmpty();
    const auto remember = [&](const std::string& domain, Assurance assurance, base::Timestamp when) {
        for (int each = 0; each < 3; ++each)
            observe(memory, contact(assurance), when, domain);
    };
    remember("sealed.example", Assurance::authenticated, start);
    for (int i = 0; i < 25; ++i) {
        remember("d" + std::to_string(i) + ".example", Assurance::encrypted, start + 1h + i * 1min);
        if (const auto gone = memory.trim()) commit(*gone);
        CHECK(memory.claim("d" + std::to_string(i) + ".example"));
    }
    CHECK(memory.isFull());  // which is told
    CHECK_FALSE(memory.claim("d0.example"));
    CHECK(memory.claim("sealed.example"));  // worth more, though it was used before all others
}

TEST_CASE_FIXTURE(Fixture, "memory store: the names below one registrable domain have one share") {
    MemoryStore memory(settings, 200);  // two names each
    memory.startEmpty();
    const auto name = [](int i) { return "d" + std::to_string(i) + ".stranger.co.uk"; };
    for (int i = 0; i < 100; ++i)
        observe(memory, contact(Assurance::encrypted), start + i * 1min, name(i));
    if (const auto gone = memory.trim()) commit(*gone);
    CHECK(memories(*engine)->size() == 2);
    CHECK(memoryOf(*engine, name(99))->has_value());  // the longest unused gave way
    for (int each = 0; each < 3; ++each)
        for (const int i : {98, 99})
            observe(memory, contact(Assurance::encrypted), start + 2h, name(i));
    CHECK_FALSE(observe(memory, contact(Assurance::encrypted), start + 3h, name(100)));
    CHECK(memory.claim(name(98)));  // what makes a memory does not
    CHECK(observe(memory, contact(Assurance::encrypted), start + 3h, "other.co.uk"));
}

TEST_CASE("memory store: a table of an earlier version keeps its falls") {
    const store::TempDir dir;
    const std::array first{memorySchema.steps.front()};
    {
        auto old = store::writerOf(dir.path(), {{memorySchema.room, first}})();
        REQUIRE(old.has_value());
        for (const auto* values :
             {"'a.example', 0, 9,1,2,3, 9,1,2,3, 9,1,2,3, 'dane', 'mx', 'cleartext', 10, 20, 30, 40, 'w'",
              "'b.example', 0, 9,1,2,3, 9,1,2,3, 0,0,0,0, 'none', 'mx', 'cleartext', 10, 20, 30, 40, 'w'",
              "'c.example', 0, 9,1,2,3, 9,1,2,3, 9,1,2,3, 'dane', 'mx', 'encrypted', 10, 20, 30, 40, 'w'"})
            REQUIRE((*old)
                        ->script("INSERT INTO memories VALUES(" + std::string(values) + ", NULL, NULL, NULL)")
                        .has_value());
    }
    auto engine = store::writerOf(dir.path(), {memorySchema})();
    REQUIRE(engine.has_value());
    const auto rows = memories(**engine).value();
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].memory.falls[0]->time == 0s);
    CHECK(rows[0].memory.falls[1]->time == 40s);
    CHECK(rows[1].memory.falls[0]->words == "w");
    CHECK_FALSE(rows[1].memory.falls[1]);
    CHECK_FALSE(rows[2].memory.falls[0]);
    CHECK(rows[2].memory.falls[1]->since == base::fromMicros(10));
}

TEST_CASE_FIXTURE(Fixture,
                  "memory store: nothing is kept of a domain that never took a message, nor in mode off") {
    MemoryStore memory(settings);
    memory.startEmpty();
    CHECK_FALSE(observe(memory, contact(Assurance::encrypted, Contact::Fate::held), start));
    memory.replace({.mode = policy::MemoryMode::off});
    CHECK_FALSE(observe(memory, contact(Assurance::encrypted), start));
}

}  // namespace postseal::discover
