#include "policy/exception.hpp"

#include <doctest/doctest.h>

namespace postseal::policy {
namespace {

const base::Timestamp now = base::parseRfc3339("2026-11-24T12:00:00Z").value();

ExceptionWords usual() {
    return {.domain = "Example.ORG",
            .level = "may",
            .requireTls = "",
            .until = "2027-01-31",
            .reason = "new server"};
}

}  // namespace

TEST_CASE("exceptions: what may be said (docs/memory.md)") {
    const auto exception = parseException(usual(), "alice", now);
    REQUIRE(exception.has_value());
    CHECK(exception->domain == "example.org");
    CHECK(exception->until == base::parseRfc3339("2027-01-31"));
    CHECK(inWords(*exception) == "alice until 2027-01-31: new server");

    struct Row {
        const char* why;
        void (*change)(ExceptionWords&);
        std::string_view words;
    };
    const Row rows[] = {
        {"a day that is over", [](auto& w) { w.until = "2026-11-24"; }, "--until 2026-11-24 is over"},
        {"now is over", [](auto& w) { w.until = "2026-11-24T12:00:00Z"; }, "is over"},
        {"no day", [](auto& w) { w.until = "31.1.2027"; }, "is no day and no time; write 2027-01-31"},
        {"none at all", [](auto& w) { w.until = ""; }, "until when?"},
        {"for good", [](auto& w) { w.until = "2099-01-01"; }, "policy map"},
        {"no reason", [](auto& w) { w.reason = "  "; }, "--reason"},
        {"a mistyped level", [](auto& w) { w.level = "secrue"; }, "did you mean \"secure\"?"},
        {"a level that needs more", [](auto& w) { w.level = "fingerprint"; }, "an exception takes none, may"},
        {"nothing is to differ", [](auto& w) { w.level = ""; }, "Give --level, --requiretls, or both"},
        {"a mistyped mode", [](auto& w) { w.requireTls = "opportunist"; }, "did you mean \"opportunistic\"?"},
        {"no domain", [](auto& w) { w.domain = "a b"; }, "is no domain"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        auto words = usual();
        row.change(words);
        const auto refused = parseException(words, "alice", now);
        REQUIRE_FALSE(refused.has_value());
        INFO(refused.error());
        CHECK(refused.error().find(row.words) != std::string::npos);
    }
}

TEST_CASE("rule 30: an exception relaxes REQUIRETLS only where it says so, and both end by themselves") {
    auto words = usual();
    auto exception = parseException(words, "alice", now).value();
    auto claim = exceptionClaim(exception, now);
    REQUIRE(claim.has_value());
    CHECK(claim->origin == record::Origin{record::Origin::Kind::exception});
    CHECK(claim->level == record::Level::may);
    CHECK(claim->until == exception.until);
    CHECK(claim->detail == "alice until 2027-01-31: new server");
    CHECK_FALSE(requireTlsOf(exception, now));
    CHECK_FALSE(exceptionClaim(exception, exception.until));
    CHECK(exceptionClaim(exception, exception.until - std::chrono::seconds(1)));

    words.level = "";
    words.requireTls = "disable";
    exception = parseException(words, "alice", now).value();
    CHECK_FALSE(exceptionClaim(exception, now));
    CHECK(requireTlsOf(exception, now)->mode == RequireTlsMode::disable);
    CHECK_FALSE(requireTlsOf(exception, exception.until));
}

}  // namespace postseal::policy
