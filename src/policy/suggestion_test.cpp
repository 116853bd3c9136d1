#include "policy/suggestion.hpp"

#include "policy/map.hpp"

#include <doctest/doctest.h>

namespace postseal::policy {
namespace {

using namespace std::chrono_literals;
using record::Assurance;
using record::Proof;

constexpr base::Timestamp start = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2);

Memory rememberedBy(Proof proof) {
    Memory memory{.proof = proof};
    for (auto each : {Assurance::cleartext, Assurance::encrypted, Assurance::authenticated})
        memory.of(each) = {.deliveries = 40, .first = start, .last = start + 720h};
    return memory;
}

}  // namespace

TEST_CASE("suggestion: an entry that the map takes, after 30 days (docs/memory.md)") {
    struct Row {
        const char* why;
        Memory memory;
        std::vector<MxPattern> patterns;
        base::Timestamp now;
        std::string entry;
    };
    auto fallen = rememberedBy(Proof::dane);
    fallen.falls[1] = Fall{.found = record::Assurance::encrypted};
    auto less = rememberedBy(Proof::dane);
    less.of(Assurance::cleartext).last += 1h;
    const auto later = start + 720h;
    const Row rows[] = {
        {"DANE", rememberedBy(Proof::dane), {}, later, "example.org dane-only"},
        {"a second too early", rememberedBy(Proof::dane), {}, later - 1s, ""},
        {"MTA-STS, by the names of its policy",
         rememberedBy(Proof::mtaSts),
         {{"mx.example.org"}, {"example.net", true}},
         later,
         "example.org secure match=mx.example.org:.example.net"},
        {"MTA-STS, but we know no policy any more", rememberedBy(Proof::mtaSts), {}, later, ""},
        {"the domain's own name", rememberedBy(Proof::pkix), {}, later, "example.org secure"},
        {"a pin is an entry's own", rememberedBy(Proof::fingerprint), {}, later, ""},
        {"it has fallen", fallen, {}, later, ""},
        {"the last delivery had less", less, {}, later, ""},
        {"nothing at all", {}, {}, later, ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto found = suggestion("example.org", row.memory, row.patterns, row.now);
        CHECK((found ? found->entry : "") == row.entry);
        if (!found) continue;
        CHECK(found->comment.find("authenticated 40 times since 2026-01-02, last by") != std::string::npos);
        const auto map = Map::parse("# " + found->comment + '\n' + found->entry + '\n', "map", {});
        CHECK(map.has_value());
    }
}

}  // namespace postseal::policy
