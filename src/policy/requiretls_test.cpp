#include "policy/requiretls.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace postseal::policy {
namespace {

using record::Level;
using record::RequireTls;

TEST_CASE("rules 29, 30, 31: what REQUIRETLS asks of a hop, and what a relaxation leaves of it") {
    struct Row {
        const char* why;
        MailKind kind;
        RequireTlsMode mode;
        RequireTls keyword;
        std::optional<Level> level;
    };
    using enum RequireTlsMode;
    constexpr auto message = MailKind::message, report = MailKind::report;
    const Row rows[] = {
        {"RFC 8689 §4.2.1: all of it", message, enforce, RequireTls::must, Level::secure},
        {"TLS must be had, the keyword need not", message, opportunisticStartTls, RequireTls::whereOffered,
         Level::encrypt},
        {"it is said where it is offered", message, opportunistic, RequireTls::whereOffered, {}},
        {"as if not asked", message, disable, RequireTls::no, {}},
        {"§5: a report is not lost for want of the keyword, but stays in TLS", report, enforce,
         RequireTls::whereOffered, Level::encrypt},
        {"a laxer mode holds for reports too", report, opportunistic, RequireTls::whereOffered, {}},
        {"and the laxest", report, disable, RequireTls::no, {}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto got = requireTlsOnHop(record::TlsDemand::required, row.kind, row.mode);
        CHECK(got.keyword == row.keyword);
        REQUIRE(got.claim.has_value() == row.level.has_value());
        if (!got.claim) continue;
        CHECK(got.claim->level == *row.level);
        CHECK(got.claim->origin == record::Origin{record::Origin::Kind::requiretls});
        CHECK(authorityOf(got.claim->origin) == Authority::ours);
    }
    for (const auto& demand : {record::TlsDemand::none, record::TlsDemand::optional})
        CHECK(requireTlsOnHop(demand, message, enforce) == RequireTlsOnHop{});
}

TEST_CASE("the modes' words, as Postfix has them") {
    for (const auto& [word, mode] : requireTlsModes) {
        CHECK(toText(mode) == word);
        CHECK(parseRequireTlsMode(word) == mode);
    }
    CHECK_FALSE(parseRequireTlsMode("Enforce"));
}

TEST_CASE("rule 30: a relaxation ends by itself") {
    const base::Timestamp end(std::chrono::seconds(1000));
    const RequireTlsRelaxation relaxed{RequireTlsMode::disable, end, "moving house"};
    CHECK(modeAt(relaxed, end - std::chrono::seconds(1)) == RequireTlsMode::disable);
    CHECK(modeAt(relaxed, end) == RequireTlsMode::enforce);
    CHECK(modeAt(std::nullopt, end) == RequireTlsMode::enforce);
}

}  // namespace
}  // namespace postseal::policy
