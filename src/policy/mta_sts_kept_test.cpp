#include "policy/mta_sts_kept.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace postseal;
using namespace postseal::policy;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

const base::Timestamp start = *base::parseRfc3339("2026-11-24T12:00:00Z");

MtaStsPolicy made(StsMode mode, std::chrono::seconds maxAge = days(30), const char* mx = "a.example") {
    return {mode, maxAge, {{mx}}};
}

KeptPolicy kept(StsMode mode, const char* id = "1", std::chrono::seconds maxAge = days(30)) {
    return {made(mode, maxAge), id, start, start + maxAge};
}

}  // namespace

TEST_CASE("rules 21, 25: what a fetch makes of the policy that is kept (RFC 8461 §3.3, §5.1, §8.3)") {
    using enum StsMode;
    struct Row {
        const char* why;
        std::optional<KeptPolicy> kept;
        MtaStsPolicy fetched;
        const char* id;
        std::chrono::seconds after;
        std::optional<StsMode> mode;  // none: not taken
        std::chrono::seconds expires = 0s;
    };
    const Row rows[] = {
        {"the first one", {}, made(enforce), "1", 0s, enforce, days(30)},
        {"one of mode none", {}, made(none, days(1)), "1", 0s, none, days(1)},
        {"max_age 0 holds for five minutes", {}, made(enforce, 0s), "1", 0s, enforce, 5min},
        {"a refresh renews it: max_age counts from the last fetch", kept(enforce), made(enforce), "1",
         days(2), enforce, days(32)},
        {"a new id withdraws it", kept(enforce), made(none, days(1)), "2", days(2), none, days(3)},
        {"a new id weakens it", kept(enforce), made(testing, days(1)), "2", days(2), testing, days(3)},
        {"enforce to none without a new id: the old one holds", kept(enforce), made(none), "1", days(2),
         std::nullopt},
        {"enforce to testing without a new id", kept(enforce), made(testing), "1", days(2), std::nullopt},
        {"testing to none without a new id", kept(testing), made(none), "1", days(2), std::nullopt},
        {"testing to enforce is no weakening", kept(testing), made(enforce), "1", days(2), enforce, days(32)},
        {"a shorter max_age without a new id takes no day from it", kept(enforce), made(enforce, 60s), "1",
         days(2), enforce, days(30)},
        {"a shorter max_age with a new id does", kept(enforce), made(enforce, days(1)), "2", days(2), enforce,
         days(3)},
        {"once it has run out, anything is taken", kept(enforce), made(none, days(1)), "1", days(30), none,
         days(31)},
        {"and until then not", kept(enforce), made(none, days(1)), "1", days(30) - 1s, std::nullopt},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto now = start + row.after;
        const auto result = taken(row.kept, row.fetched, row.id, now);
        REQUIRE(result.has_value() == row.mode.has_value());
        if (!result) continue;
        CHECK(result->policy.mode == *row.mode);
        CHECK(result->id == row.id);
        CHECK(result->fetched == now);
        CHECK(result->expires == start + row.expires);
    }
    const auto moved = taken(kept(enforce), made(enforce, days(30), "b.example"), "1", start + days(1));
    REQUIRE(moved);  // a host more or less lowers nothing
    CHECK(lists(moved->policy, "b.example"));
}

TEST_CASE("rule 22: refreshed daily, each domain at its own time, and at half its life (RFC 8461 §10.2)") {
    const auto monthly = kept(StsMode::enforce);
    std::set<std::int64_t> hours;
    for (int i = 0; i < 200; ++i) {
        const auto domain = "d" + std::to_string(i) + ".example";
        const auto next = nextRefresh(domain, monthly, LastFetch::well, start);
        CHECK(next > start);
        CHECK(next <= start + days(1));
        CHECK(nextRefresh(domain, monthly, LastFetch::well, next) == next + days(1));
        hours.insert((next - start) / 1h);
    }
    CHECK(hours.size() == 24);

    const auto hourly = kept(StsMode::enforce, "1", 1h);
    CHECK(nextRefresh("a.example", hourly, LastFetch::well, start) <= start + 30min);
    CHECK(nextRefresh("a.example", hourly, LastFetch::failed, start + 40min) == start + 45min);
    CHECK(nextRefresh("a.example", monthly, LastFetch::failed, start) <= start + 1h);
}

TEST_CASE("rule 22: the administrator hears of it long before a policy runs out, but of none") {
    struct Row {
        const char* why;
        KeptPolicy kept;
        std::chrono::seconds after;
        bool told;
    };
    const Row rows[] = {
        {"a day without a fetch may be anything", kept(StsMode::enforce), days(1), false},
        {"two days are not", kept(StsMode::enforce), days(2), true},
        {"testing too: its reports would end", kept(StsMode::testing), days(2), true},
        {"none is how a domain withdraws (§8.3)", kept(StsMode::none), days(29), false},
        {"a short life: half of it", kept(StsMode::enforce, "1", days(1)), 12h, true},
        {"and not before", kept(StsMode::enforce, "1", days(1)), 11h, false},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(isEndangered(row.kept, start + row.after) == row.told);
    }
}
