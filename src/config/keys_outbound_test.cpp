#include "config/folder_test.hpp"
#include "config/load.hpp"

#include <doctest/doctest.h>

#include <string>

namespace postseal::config {

TEST_CASE("rule 30: REQUIRETLS is relaxed only until a day, and for a reason") {
    const auto parsed = [](std::string_view value) {
        return parse("hostname = \"mx.example.org\"\ndata_dir = \"data\"\n[outbound]\nrequiretls = " +
                         std::string(value),
                     "postseal.toml");
    };
    const auto taken = [&](std::string_view value) {
        const auto settings = parsed(value);
        REQUIRE(settings.has_value());
        return settings->outbound.requireTls;
    };
    using policy::RequireTlsMode;
    CHECK_FALSE(taken("\"enforce\"").has_value());
    CHECK_FALSE(taken("{ mode = \"enforce\" }").has_value());
    const auto relaxed = taken("{ mode = \"disable\", until = 2027-01-31, reason = \"x\" }");
    REQUIRE(relaxed.has_value());
    CHECK(*relaxed ==
          policy::RequireTlsRelaxation{RequireTlsMode::disable, *base::parseRfc3339("2027-01-31"), "x"});
    CHECK(taken("{ mode = \"opportunistic+starttls\", until = 2027-01-31T12:00:00+02:00, reason = \"x\" }")
              ->until == *base::parseRfc3339("2027-01-31T10:00:00Z"));
    CHECK(taken("{ mode = \"opportunistic\", until = \"2027-01-31\", reason = \"x\" }").has_value());

    struct Row {
        std::string_view value, want;
    };
    const Row rows[] = {
        {"\"disable\"",
         "what is less than \"enforce\" needs its end and its reason; write { mode = \"disable\", "},
        {"{ mode = \"disable\", until = 2027-01-31 }", "needs its end and its reason"},
        {"{ mode = \"disable\", reason = \"x\" }", "needs its end and its reason"},
        {"{ mode = \"disable\", until = 2027-01-31, reason = \"\" }", "outbound.requiretls.reason: is empty"},
        {"{ mode = \"disable\", until = 12:00:00, reason = \"x\" }",
         "outbound.requiretls.until: is no date like"},
        {"{ mode = \"disable\", until = 2027-01-31T12:00:00, reason = \"x\" }",
         "outbound.requiretls.until: is no date like"},
        {"{ mode = \"disable\", until = 2027, reason = \"x\" }",
         "outbound.requiretls.until: is no date like"},
        {"{ mode = \"enforced\" }", "did you mean \"enforce\"?"},
        {"{ mood = \"enforce\" }", "outbound.requiretls.mood: unknown key; did you mean \"mode\"?"},
        {"true", "outbound.requiretls: is text in quotes, not true or false"},
    };
    for (const auto& row : rows) {
        INFO(row.value);
        const auto settings = parsed(row.value);
        REQUIRE_FALSE(settings.has_value());
        const auto words = toText(settings.error());
        INFO(words);
        CHECK(words.find(row.want) != std::string::npos);
    }
}

TEST_CASE("config: the default level may be any proof, `sealed`") {
    const auto taken = [](const std::string& level) {
        return parse("hostname = \"mx.example.org\"\ndata_dir = \"data\"\n[outbound]\nlevel = \"" + level +
                         "\"",
                     "postseal.toml");
    };
    CHECK(taken("sealed")->outbound.standard == policy::standardSealed());
    CHECK(taken("secure")->outbound.standard == policy::standardClaim(record::Level::secure));
    CHECK(toText(taken("seald").error()).find("did you mean \"sealed\"?") != std::string::npos);
}

TEST_CASE("config: memory is a mode, or a table with the mode among others") {
    struct Row {
        std::string_view text;
        policy::MemorySettings want;
    };
    using policy::MemoryMode;
    using namespace std::chrono_literals;
    const Row rows[] = {
        {"", {}},
        {"[outbound]\nmemory = \"off\"", {.mode = MemoryMode::off}},
        {"[outbound]\nmemory = { mode = \"enforce\" }", {.mode = MemoryMode::enforce}},
        {"[outbound]\nmemory = { deliveries = 2, days = 0, grace = \"1h\" }",
         {.deliveries = 2, .time = 0s, .grace = 1h}},
    };
    for (const auto& row : rows) {
        INFO(row.text);
        const auto settings =
            parse("hostname = \"mx.example\"\ndata_dir = \"d\"\n" + std::string(row.text), "x.toml");
        REQUIRE(settings.has_value());
        CHECK(settings->outbound.memory == row.want);
    }
    const std::pair<std::string_view, std::string_view> faults[] = {
        {"\"enforced\"", "outbound.memory: \"enforced\""},
        {"{ mode = \"warn\", day = 3 }", "outbound.memory.day: unknown key; did you mean \"days\"?"},
        {"{ days = -1 }", "outbound.memory.days: -1 is no number"},
        {"3", "outbound.memory: is text in quotes"},
    };
    for (const auto& [value, words] : faults) {
        INFO(value);
        const auto refused =
            parse("hostname = \"mx.example\"\ndata_dir = \"d\"\n[outbound]\nmemory = " + std::string(value),
                  "x.toml");
        REQUIRE_FALSE(refused.has_value());
        INFO(toText(refused.error()));
        CHECK(toText(refused.error()).find(words) != std::string::npos);
    }
}

TEST_CASE("config: our certificate as a client is a chain and a key") {
    const Folder folder;
    const auto with = [](std::string_view value) {
        return std::string(least) + "[outbound]\nclient_certificate = " + std::string(value) + "\n";
    };
    const auto settings = folder.parsed(with(R"({ chain = "ecdsa.pem", key = "ecdsa.key" })"));
    REQUIRE(settings);
    REQUIRE(settings->outbound.clientCertificate);
    CHECK(settings->outbound.clientCertificate->key == (folder.path / "ecdsa.key").string());
    CHECK_FALSE(folder.parsed(least)->outbound.clientCertificate);
    for (const auto* bad : {R"({ chain = "ecdsa.pem" })", "{}", "\"ecdsa.pem\"",
                            R"({ chain = "none.pem", key = "ecdsa.key" })"}) {
        const auto words = folder.errors(with(bad));
        INFO(words);
        CHECK(words.find("outbound.client_certificate") != std::string::npos);
    }
}

}  // namespace postseal::config
