#include "cli/policy_text.hpp"

#include <doctest/doctest.h>

namespace postseal::cli {
namespace {

using namespace std::chrono_literals;
using record::Assurance;

constexpr base::Timestamp now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

policy::Memory rememberedFor(int deliveries) {
    policy::Memory memory{.proof = record::Proof::dane, .host = "mx.example.org[192.0.2.1]:25"};
    for (auto each : {Assurance::cleartext, Assurance::encrypted, Assurance::authenticated})
        memory.of(each) = {.deliveries = static_cast<std::uint32_t>(deliveries),
                           .first = now - 24h * deliveries,
                           .last = now,
                           .time = 24h * deliveries};
    return memory;
}

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("policy commands: exceptions") {
    discover::KeptException kept{.exception = {.domain = "example.org",
                                               .level = record::Level::may,
                                               .requireTls = policy::RequireTlsMode::disable,
                                               .until = now + 48h,
                                               .owner = "alice",
                                               .reason = "moving\nhouse",
                                               .made = now}};
    CHECK(forPeople({kept}, now) == "example.org level=may requiretls=disable\n"
                                    "    until 2026-11-26 (in 2 days), by alice: moving\\x0ahouse\n");
    CHECK(has(toJson({kept}, now),
              R"("state":"holds","level":"may","requiretls":"disable","until":"2026-11-26T00:00:00Z")"));
    kept.endedBy = "bob";
    CHECK(has(forPeople({kept}, now + 72h), "by bob, by alice"));
    CHECK(has(toJson({kept}, now + 72h), R"("state":"ended")"));
    CHECK(forPeople(std::vector<discover::KeptException>(), now) == "There is no exception.\n");
}

TEST_CASE("policy commands: memories") {
    const policy::MemorySettings settings{.mode = policy::MemoryMode::enforce};
    discover::RememberedDomain known{"example.org", rememberedFor(10)};
    CHECK(forPeople({known}, settings, now) ==
          "example.org\n"
          "    authenticated 10 times since 2026-11-14, last by dane, at mx.example.org[192.0.2.1]:25\n"
          "    remembered as authenticated\n");
    CHECK(has(toJson({known}, settings), R"("remembered":"authenticated","demands":"dane")"));
    CHECK(has(toJson({known}, {}), R"("remembered":"authenticated","demands":null)"));

    known.memory.falls[1] =
        policy::Fall{.found = Assurance::encrypted, .since = now, .last = now, .words = "the name"};
    CHECK(has(forPeople({known}, settings, now), "LESS than remembered: it was authenticated 10 times"));
    CHECK(has(toJson({known}, settings), R"("fall":{"found":"encrypted","since":"2026-11-24T00:00:00Z")"));
    known.memory = {.accepted = policy::Acceptance{"alice", "they moved", now}};
    CHECK(forPeople({known}, settings, now) == "example.org\n    alice now: they moved\n");
    known.memory = rememberedFor(2);
    CHECK(has(forPeople({known}, settings, now), "not yet remembered"));
}

}  // namespace postseal::cli
