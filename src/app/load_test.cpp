#include "app/file_stamp.hpp"
#include "app/load.hpp"

#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace postseal::app {
namespace {

void write(const std::filesystem::path& file, std::string_view text) {
    std::ofstream(file) << text;
}

constexpr std::string_view plain = R"(hostname = "mx.example.org"
data_dir = "data"
[[listener]]
address = "127.0.0.1:2525"
tls = "none"
[outbound]
dane = false
mta_sts = false
policy_map = "tls_policy"
)";

}  // namespace

TEST_CASE("policy map: every fault is told with its line, and a map with a fault is no map") {
    const store::TempDir dir;
    config::Outbound outbound;
    CHECK(readPolicyMap(outbound).value()->empty());

    outbound.policyMap = dir / "tls_policy";
    CHECK(readPolicyMap(outbound).error().find("tls_policy: No such file") != std::string::npos);
    write(outbound.policyMap, "example.org secrue\nexample.net encrypt\nexample.com secure tafile=/none\n");
    const auto faults = readPolicyMap(outbound).error();
    INFO(faults);
    CHECK(faults.find("tls_policy:1: ") != std::string::npos);
    CHECK(faults.find("tls_policy:3: ") != std::string::npos);
    write(outbound.policyMap, "example.org secure\n");
    CHECK(readPolicyMap(outbound).value()->size() == 1);
}

TEST_CASE("policy map: a file that is replaced, written or removed is seen to have changed") {
    const store::TempDir dir;
    const auto file = dir / "map";
    const auto none = stampOf(file);
    CHECK_FALSE(none.exists);
    write(file, "a");
    const auto first = stampOf(file);
    CHECK(first != none);
    CHECK(stampOf(file) == first);
    write(dir / "other", "b");
    std::filesystem::rename(dir / "other", file);
    const auto second = stampOf(file);
    CHECK(second != first);
    write(file, "bb");
    CHECK(stampOf(file) != second);
    std::filesystem::remove(file);
    CHECK(stampOf(file) == none);
}

TEST_CASE("load: what a configuration names is read whole, or the error names file and key") {
    const store::TempDir dir;
    const auto file = dir / "postseal.toml";
    CHECK(load(file).error().find("postseal.toml") != std::string::npos);
    write(dir / "tls_policy", "");
    write(file, plain);
    const auto loaded = load(file);
    INFO((loaded ? "" : loaded.error()));
    REQUIRE(loaded.has_value());
    REQUIRE((*loaded)->sites.size() == 1);
    CHECK((*loaded)->sites[0]->tls == nullptr);
    CHECK((*loaded)->sites[0]->demand.level == record::Level::none);

    write(file, "user = \"nobody-of-this-name\"\n" + std::string(plain));
    CHECK(load(file).error().find("user: ") != std::string::npos);
}

TEST_CASE("reload: listeners, data_dir, user, log and dns ask for a restart, nothing else does") {
    const store::TempDir dir;
    const auto file = dir / "postseal.toml";
    write(dir / "tls_policy", "");
    const auto with = [&](std::string_view from, std::string_view to) {
        auto text = std::string(plain);
        text.replace(text.find(from), from.size(), to);
        write(file, text);
        return (*load(file).value()).settings;
    };
    const auto old = with("mx.", "mx.");
    CHECK(whatNeedsRestart(old, with("mx.example.org", "other.example.org")).empty());
    CHECK(whatNeedsRestart(old, with("2525", "2526")) == "listener.address");
    CHECK(whatNeedsRestart(old, with("\"data\"", "\"data2\"")) == "data_dir");
    CHECK(whatNeedsRestart(old, with("[outbound]", "[dns]\nservers = [\"127.0.0.1@53\"]\n[outbound]")) ==
          "dns");
}

}  // namespace postseal::app
