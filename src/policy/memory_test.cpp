#include "policy/memory.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace postseal::policy {
namespace {

using namespace std::chrono_literals;
using record::Assurance;
using Fate = Contact::Fate;

constexpr base::Timestamp start = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);
constexpr auto day = 24h;

Contact delivered(Assurance assurance) {
    return {.assurance = assurance,
            .proof = assurance == Assurance::authenticated ? record::Proof::dane : record::Proof::none,
            .host = "mx.example.org",
            .words = {}};
}
Contact held(Assurance assurance) {
    auto contact = delivered(assurance);
    contact.fate = Fate::held;
    contact.words = "it offers no encryption (no STARTTLS)";
    return contact;
}

MemorySettings with(MemoryMode mode) {
    return {.mode = mode};
}

/// Plays contacts at their times.
struct Played {
    Memory memory;
    MemorySettings settings;
    std::vector<Notice> notices = {};
    int changes = 0;

    Played& play(const Contact& contact, base::Timestamp when) {
        auto next = after(std::move(memory), contact, settings, when);
        memory = std::move(next.memory);
        if (next.notice) notices.push_back(std::move(*next.notice));
        changes += next.claimChanged ? 1 : 0;
        return *this;
    }
    /// A delivery a day.
    Played& daily(const Contact& contact, int from, int count) {
        for (int i = 0; i < count; ++i)
            play(contact, start + (from + i) * day);
        return *this;
    }
    std::string claim() const {
        const auto found = memoryClaim(memory, settings);
        return found ? std::string(record::toText(found->level)) : "none";
    }
};

Played enforced() {
    return {.memory = {}, .settings = with(MemoryMode::enforce)};
}

}  // namespace

TEST_CASE("memory: what is remembered, and what it demands (docs/memory.md)") {
    struct Row {
        const char* why;
        Assurance assurance;
        int deliveries;
        std::chrono::hours apart;
        MemoryMode mode;
        std::string_view claim;
    };
    const auto authenticated = Assurance::authenticated;
    const auto encrypted = Assurance::encrypted;
    const Row rows[] = {
        {"too few deliveries", authenticated, 4, 48h, MemoryMode::enforce, "none"},
        {"often and long enough: any proof", authenticated, 8, 24h, MemoryMode::enforce, "dane"},
        {"often, but within hours", authenticated, 500, 0h, MemoryMode::enforce, "none"},
        {"a day short", authenticated, 7, 24h, MemoryMode::enforce, "none"},
        {"once a week is enough", authenticated, 5, 7 * 24h, MemoryMode::enforce, "dane"},
        {"the lower step", encrypted, 8, 24h, MemoryMode::enforce, "encrypt"},
        {"clear text is no memory", Assurance::cleartext, 100, 24h, MemoryMode::enforce, "none"},
        {"rule 54: two far apart are two, and a clock that jumps is one of the gaps", authenticated, 5, 1h,
         MemoryMode::enforce, "none"},
        {"warn demands nothing", authenticated, 8, 24h, MemoryMode::warn, "may"},
        {"off remembers nothing", authenticated, 8, 24h, MemoryMode::off, "none"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Played played{.memory = {}, .settings = with(row.mode)};
        for (int i = 0; i < row.deliveries; ++i)
            played.play(delivered(row.assurance), start + i * row.apart);
        CHECK(played.claim() == row.claim);
        CHECK(played.notices.empty());
    }
}

TEST_CASE("memory: authenticated is any proof, whatever it was") {
    auto played = enforced();
    auto contact = delivered(Assurance::authenticated);
    contact.proof = record::Proof::mtaSts;
    played.daily(contact, 0, 8);
    const auto claim = memoryClaim(played.memory, played.settings);
    REQUIRE(claim.has_value());
    CHECK(claim->level == record::Level::secure);
    CHECK(claim->conditions.empty());
    CHECK(claim->origin == record::Origin{record::Origin::Kind::memory});
    CHECK(claim->detail == "authenticated 8 times since 2026-01-02, last by mta-sts");
}

TEST_CASE("memory: a better class counts for the lesser one, too") {
    auto played = enforced();
    played.daily(delivered(Assurance::authenticated), 0, 4).daily(delivered(Assurance::encrypted), 4, 4);
    CHECK(played.claim() == "encrypt");
    CHECK(played.memory.of(Assurance::cleartext).deliveries == 8);
    CHECK(played.memory.of(Assurance::authenticated).deliveries == 4);
}

TEST_CASE("rule 54: a clock that jumps remembers nothing and ends no grace") {
    auto played = enforced();
    for (int i = 0; i < 5; ++i)
        played.play(delivered(Assurance::authenticated), start + i * 1min);
    played.play(delivered(Assurance::authenticated), start + 3650 * day);
    CHECK(played.claim() == "none");
    CHECK(played.memory.of(Assurance::authenticated).time < 3 * day);
    played.play(delivered(Assurance::authenticated), start);  // and back again
    CHECK(played.memory.of(Assurance::authenticated).time < 3 * day);

    played = enforced();
    played.daily(delivered(Assurance::authenticated), 0, 10);
    played.play(held(Assurance::cleartext), start + 11 * day)
        .play(held(Assurance::cleartext), start + 3650 * day);
    CHECK(played.claim() == "dane");
    CHECK(played.memory.fall()->time == 24h);
}

TEST_CASE("memory: what falls below is told once a day, and waits under enforce") {
    for (const auto step : {Assurance::authenticated, Assurance::encrypted}) {
        auto played = enforced();
        played.daily(delivered(step), 0, 10);
        const auto less = held(static_cast<Assurance>(static_cast<int>(step) - 1));
        played.play(less, start + 10 * day).play(less, start + 10 * day + 1h);
        REQUIRE(played.notices.size() == 1);
        CHECK(played.notices.front().kind == Notice::Kind::fallen);
        const auto& words = played.notices.front().words;
        CHECK(words.find("10 times since 2026-01-02") != std::string::npos);
        CHECK(words.find("since 2026-01-12T00:00:00Z it is") != std::string::npos);
        CHECK(words.find("mx.example.org") != std::string::npos);
        CHECK(words.find("no STARTTLS") != std::string::npos);
        CHECK(words.find("policy memory accept") != std::string::npos);
        CHECK(words.find("14 days more") != std::string::npos);
        played.play(less, start + 11 * day);
        CHECK(played.notices.size() == 2);
        CHECK(played.claim() == (step == Assurance::authenticated ? "dane" : "encrypt"));
        CHECK(played.memory.of(Assurance::cleartext).deliveries == 10);  // what waits is no delivery

        played.play(delivered(step), start + 12 * day);
        CHECK(played.notices.back().kind == Notice::Kind::recovered);
        CHECK_FALSE(played.memory.fall());
    }
}

TEST_CASE("memory: the end of the grace period") {
    auto played = enforced();
    played.daily(delivered(Assurance::authenticated), 0, 10);
    const auto changes = played.changes;
    for (int i = 0; i <= 14; ++i)
        played.play(held(Assurance::encrypted), start + (10 + i) * day);
    CHECK(played.claim() == "encrypt");  // what was found is still demanded
    CHECK(played.changes == changes + 1);
    played.play(delivered(Assurance::encrypted), start + 25 * day);
    CHECK(played.notices.back().kind == Notice::Kind::graceOver);
    CHECK(played.memory.of(Assurance::authenticated).deliveries == 0);
    CHECK(played.memory.of(Assurance::encrypted).deliveries == 11);
    CHECK_FALSE(played.memory.fall());
    CHECK(played.claim() == "encrypt");

    SUBCASE("as authenticated again it is remembered anew") {
        played.daily(delivered(Assurance::authenticated), 30, 8);
        CHECK(played.claim() == "dane");
    }
    SUBCASE("mode warn forgets after it, too") {
        played = {.memory = {}, .settings = with(MemoryMode::warn)};
        played.daily(delivered(Assurance::authenticated), 0, 10)
            .daily(delivered(Assurance::cleartext), 10, 15);
        CHECK(played.notices.size() == 15);
        CHECK(played.notices.front().words.find("only warns") != std::string::npos);
        CHECK(played.notices.back().kind == Notice::Kind::graceOver);
        CHECK(played.claim() == "none");
    }
}

TEST_CASE("memory: each class has a grace period of its own") {
    auto played = enforced();
    played.daily(delivered(Assurance::authenticated), 0, 60);
    for (int i = 0; i < 13; ++i)
        played.play(held(Assurance::encrypted), start + (60 + i) * day);
    SUBCASE("clear text that came once is not what the domain came down to") {
        played.play(held(Assurance::cleartext), start + 73 * day);
        CHECK(played.claim() == "dane");
        played.play(held(Assurance::encrypted), start + 74 * day);
        CHECK(played.claim() == "encrypt");
        played.play(held(Assurance::cleartext), start + 75 * day);
        CHECK(played.claim() == "encrypt");
        CHECK(played.notices.back().words.find("it is cleartext") != std::string::npos);
        CHECK(played.notices.back().words.find("14 days more") != std::string::npos);
    }
    SUBCASE("clear text every day is, after its own grace period") {
        for (int i = 0; i < 14; ++i)
            played.play(held(Assurance::cleartext), start + (73 + i) * day);
        CHECK(played.claim() == "encrypt");
        played.play(held(Assurance::cleartext), start + 87 * day);
        CHECK(played.claim() == "none");
        played.play(delivered(Assurance::cleartext), start + 88 * day);
        CHECK(played.notices.back().kind == Notice::Kind::graceOver);
        CHECK_FALSE(played.memory.fall());
        CHECK(played.memory.of(Assurance::encrypted).deliveries == 0);
    }
    SUBCASE("what an administrator accepts is what was found") {
        played.memory = accepted(played.memory, {"alice", "they moved", start}).value();
        CHECK(played.claim() == "encrypt");
    }
}

TEST_CASE("memory: an administrator accepts with a name and a reason") {
    auto played = enforced();
    played.daily(delivered(Assurance::authenticated), 0, 10);
    CHECK_FALSE(accepted(played.memory, {"alice", "they moved", start}));
    played.play(held(Assurance::encrypted), start + 10 * day);
    const auto memory = accepted(played.memory, {"alice", "they moved", start + 10 * day});
    REQUIRE(memory.has_value());
    CHECK_FALSE(memory->fall());
    CHECK(memory->accepted->reason == "they moved");
    played.memory = *memory;
    CHECK(played.claim() == "encrypt");

    played.play(held(Assurance::cleartext), start + 11 * day);
    played.memory = accepted(played.memory, {"alice", "no TLS any more", start + 11 * day}).value();
    CHECK(played.claim() == "none");
    CHECK(played.memory.of(Assurance::cleartext).deliveries == 10);
}

TEST_CASE("memory: under a map entry or an exception less is no news, and the memory stays") {
    auto played = enforced();
    played.daily(delivered(Assurance::authenticated), 0, 10);
    auto contact = delivered(Assurance::cleartext);
    contact.lessIsAllowed = true;
    played.daily(contact, 10, 30);
    CHECK(played.notices.empty());
    CHECK(played.claim() == "dane");
}

TEST_CASE("memory: experience is what the last delivery had") {
    auto played = enforced();
    CHECK_FALSE(experience(played.memory));
    played.daily(delivered(Assurance::encrypted), 0, 3).daily(delivered(Assurance::authenticated), 3, 2);
    auto had = experience(played.memory);
    CHECK(had->assurance == Assurance::authenticated);
    CHECK(had->deliveries == 2);
    CHECK(had->since == start + 3 * day);
    played.play(delivered(Assurance::cleartext), start + 9 * day);
    had = experience(played.memory);
    CHECK(had->assurance == Assurance::cleartext);
    CHECK(inWords(played.memory, Assurance::authenticated) ==
          "authenticated 2 times since 2026-01-05, last by dane");
}

TEST_CASE(
    "memory: only deliveries that reached a class, its acceptance or its grace lower what is demanded") {
    std::mt19937 random(1);  // NOLINT(bugprone-random-generator-seed): the same cases each time
    for (int round = 0; round < 200; ++round) {
        auto played = enforced();
        auto when = start;
        auto least = Assurance::cleartext;
        std::chrono::seconds less{0};
        for (int i = 0; i < 60; ++i) {
            const auto found = static_cast<Assurance>(random() % 3);
            const auto wanted = remembered(played.memory, played.settings);
            const bool isLess = wanted && found < *wanted;
            played.play(isLess ? held(found) : delivered(found), when);
            const auto now = remembered(played.memory, played.settings).value_or(Assurance::cleartext);
            less = isLess ? less + 12h : 0s;
            if (less < 14 * day) CHECK(now >= least);
            least = now;
            when += 12h;
        }
    }
}

}  // namespace postseal::policy
