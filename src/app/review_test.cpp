#include "app/review.hpp"

#include "config/load.hpp"
#include "store/temp_dir_test.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

namespace postseal::app {
namespace {

namespace certificates = tls::test;

bool says(const std::vector<std::string>& lines, std::string_view words) {
    return std::ranges::any_of(lines, [&](const auto& line) { return line.find(words) != line.npos; });
}

/// Of a configuration with these first lines and this rest.
std::vector<std::string> reviewed(const std::string& hostname, const std::string& rest) {
    const auto settings =
        config::parse("hostname = \"" + hostname + "\"\ndata_dir = \"data\"\n" + rest, "x.toml");
    REQUIRE(settings);
    return review(*settings, settings->directory, "x.toml", certificates::now);
}

std::string mapReviewed(const std::string& rest, std::string_view map) {
    const auto settings = config::parse("hostname = \"mx.example.org\"\ndata_dir = \"data\"\n" + rest +
                                            (rest.find("[outbound]") == rest.npos ? "[outbound]\n" : "") +
                                            "policy_map = \"tls_policy\"\n",
                                        "x.toml");
    REQUIRE(settings);
    const auto parsed = policy::Map::parse(map, "tls_policy", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    REQUIRE(parsed);
    return reviewMap(*settings, *parsed);
}

}  // namespace

TEST_CASE("review: our own certificate that is over, or is another's, is told with its key") {
    const store::TempDir dir;
    const auto with = [&](const certificates::Wish& wish) {
        std::ofstream(dir / "chain.pem") << certificates::pemOf(certificates::make(wish).certificate.get());
        const auto chain = (dir / "chain.pem").string();
        return reviewed("mx.example.org",
                        "[tls]\ncertificates = [{ chain = \"" + chain + "\", key = \"" + chain + "\" }]\n");
    };
    CHECK(with({.commonName = "mx.example.org"}).empty());
    CHECK(
        says(with({.commonName = "mx.example.org", .lastDay = -1}), "x.toml:4: tls.certificates[1].chain: "));
    CHECK(says(with({.commonName = "mx.example.org", .lastDay = -1}), "ALARM: the certificate expired on"));
    CHECK(says(with({.commonName = "www.example.org"}),
               "x.toml:1: hostname: no certificate is for mx.example.org"));
}

TEST_CASE("review: a name that nobody can look up, and one that leads back to us") {
    constexpr auto* relays = "[inbound]\nrelay_networks = [\"127.0.0.0/8\"]\n";
    constexpr auto* wayBack = "[[route]]\ndomain = \"example.org\"\nvia = \"smtp:[127.0.0.1]:25\"\n";
    const std::string own =
        "[[domain]]\nname = \"example.org\"\ndelivery = \"smtp:[127.0.0.1]:26\"\nrecipients = "
        "\"any\"\n";
    struct Row {
        const char* why;
        std::string hostname, rest;
        std::string_view says;  // empty: nothing
    };
    const Row rows[] = {
        {"as Debian has it after an installation", "localhost", "",
         "is no name that other servers can look up"},
        {"the same with an end", "box.localdomain", "", "is no name that other servers can look up"},
        {"nobody sends through us", "mx.example.org", "", ""},
        {"users send through us", "mx.example.org", relays,
         "example.org is neither a [[domain]] nor on a [[route]]"},
        {"with the way back", "mx.example.org", std::string(relays) + wayBack, ""},
        {"with mailboxes of our own", "mx.example.org", relays + own, ""},
        {"a smarthost takes all", "mx.example.org",
         std::string(relays) + "[[route]]\ndomain = \"*\"\nvia = \"smtp:[relay.example]\"\n", ""},
        {"the name is the domain", "example.org", relays, "example.org is neither"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto warnings = reviewed(row.hostname, row.rest);
        CHECK(warnings.size() == (row.says.empty() ? 0 : 1));
        CHECK((row.says.empty() || says(warnings, row.says)));
    }
}

TEST_CASE("review: a map that only a CA can meet, and none is known") {
    constexpr std::string_view map =
        "a.example may\nb.example secure\nc.example secure tafile=/x\nd.example verify\n"
        "e.example encrypt\n";
    CHECK(mapReviewed("", map).ends_with(" tls_policy:2, tls_policy:4"));
    CHECK(mapReviewed("[tls]\nca_path = \"/\"\n", map).empty());
    CHECK(mapReviewed("", "a.example encrypt\n").empty());
    CHECK(mapReviewed("[outbound]\nlevel = \"secure\"\n", "").ends_with("outbound.level"));
}

}  // namespace postseal::app
