#include "deliver/report_rates.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::deliver;
using namespace std::chrono_literals;

namespace {

constexpr base::Tick start{24h};
constexpr ReportLimits limits{.toDomain = 6, .inAll = 12};

}  // namespace

TEST_CASE("reports to strangers: an hour's share at once, then one after the other") {
    ReportRates rates;
    for (int i = 0; i < 6; ++i)
        CHECK(rates.takes("a.example", limits, start));
    CHECK_FALSE(rates.takes("a.example", limits, start));
    CHECK_FALSE(rates.takes("a.example", limits, start + 10min - 1s));
    CHECK(rates.takes("a.example", limits, start + 10min));
    CHECK_FALSE(rates.takes("a.example", limits, start + 10min));
    for (int i = 0; i < 6; ++i)
        CHECK(rates.takes("a.example", limits, start + 10h));
}

TEST_CASE("reports to strangers: however many are refused, they take nobody's turn") {
    ReportRates rates;
    for (int i = 0; i < 1000; ++i)
        rates.takes("a.example", limits, start);
    for (int i = 0; i < 6; ++i)
        CHECK(rates.takes("b.example", limits, start));
    CHECK_FALSE(rates.takes("c.example", limits, start));  // the share of all
    CHECK(rates.takes("c.example", limits, start + 5min));
    CHECK(rates.letGo() == 1);
    CHECK(rates.letGo() == 2);
}

TEST_CASE("reports to strangers: many domains have a bounded place in memory") {
    ReportRates rates;
    const ReportLimits one{.toDomain = 1, .inAll = 0};
    for (std::size_t i = 0; i < ReportRates::mostDomains; ++i)
        REQUIRE(rates.takes(std::to_string(i) + ".example", one, start));
    CHECK(rates.takes("x.example", one, start));
    CHECK_FALSE(rates.takes("y.example", one, start));  // beyond that they share one
    CHECK(rates.takes("z.example", one, start + 3h));   // all others have left
}

TEST_CASE("reports to strangers: 0 is no bound") {
    ReportRates rates;
    for (int i = 0; i < 100'000; ++i)
        REQUIRE(rates.takes("a.example", {.toDomain = 0, .inAll = 0}, start));
}

TEST_CASE("reports to strangers: who is one") {
    directory::Directory directory;
    const auto name = [](const char* text) { return *base::DomainName::parse(text); };
    directory.domains.emplace(name("ours.example"),
                              directory::Domain{{directory::Relay{*record::NextHop::parse("[10.0.0.2]")}},
                                                directory::Recipients::any()});
    REQUIRE(directory.routes.add("backend.example", {*record::NextHop::parse("[10.0.0.1]:25")}));
    struct Row {
        const char* why;
        const char* sender;
        const char* domain;  // empty: no stranger
    };
    const Row rows[] = {
        {"a domain of ours, whether it knows the name or not", "a@ours.example", ""},
        {"one with a route of its own", "a@backend.example", ""},
        {"others, by who registered the name", "a@x.y.stranger.co.uk", "stranger.co.uk"},
        {"an address literal", "a@[192.0.2.1]", "[192.0.2.1]"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto found = strangerOf(directory, *record::Mailbox::parse(row.sender), {});
        CHECK(found.value_or("") == row.domain);
    }
    REQUIRE(directory.routes.add("*", {*record::NextHop::parse("[smart.example]:587")}));
    CHECK(strangerOf(directory, *record::Mailbox::parse("a@stranger.example"), {}) == "stranger.example");
}
