#include "app/file_stamp.hpp"
#include "app/list_watch.hpp"
#include "app/load.hpp"
#include "app/srs_key.hpp"

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

TEST_CASE("lists: a change comes into force once it is at rest, and an emptied list is an accident") {
    using Seen = ListWatch::Seen;
    const store::TempDir dir;
    const auto list = dir / "recipients", other = dir / "aliases";
    write(list, "bob\n");
    write(other, "");
    ListWatch watch;
    watch.start({list, other});
    CHECK(watch.look() == Seen::same);
    write(list, "bob\ncar");
    CHECK(watch.look() == Seen::same);
    write(list, "bob\ncarol\n");
    CHECK(watch.look() == Seen::same);
    CHECK(watch.look() == Seen::changed);
    CHECK(watch.look() == Seen::same);
    write(list, "");
    CHECK(watch.look() == Seen::same);
    CHECK(watch.look() == Seen::emptied);
    CHECK(watch.look() == Seen::same);
    write(list, "bob\n");
    write(other, "info: bob\n");
    CHECK(watch.look() == Seen::same);
    CHECK(watch.look() == Seen::changed);
}

TEST_CASE("lists: they are read again under the configuration that was loaded, not under its next one") {
    const store::TempDir dir;
    const auto file = (dir / "postseal.toml").string();
    const std::string config = "[[domain]]\nname = \"example.org\"\nrecipients = \"recipients\"\n"
                               "aliases = \"aliases\"\ndelivery = \"smtp:[127.0.0.1]\"\n";
    write(dir / "recipients", "bob\n");
    write(dir / "aliases", "");
    write(dir / "tls_policy", "");
    write(file, std::string(plain) + config);
    const auto loaded = load(file);
    REQUIRE(loaded);
    auto directory = *(*loaded)->directory;
    directory.srs = std::make_shared<directory::Srs>(base::Secret("secret"));
    const auto first = withDirectory(**loaded, directory);
    CHECK(first->sites.at(0)->directory == first->directory);

    write(dir / "recipients", "bob\ncarol\n");
    write(dir / "aliases", "run: |sh\n");
    write(file, "not = { a configuration");
    const auto again = loadLists(*first);
    REQUIRE(again);
    const auto carol = record::Mailbox::parse("carol@example.org").value();
    CHECK(std::holds_alternative<directory::Unknown>(first->directory->resolve(carol, {})));
    CHECK(std::holds_alternative<directory::Ours>((*again)->directory->resolve(carol, {})));
    CHECK((*again)->directory->srs == directory.srs);
    CHECK((*again)->sites.at(0)->directory == (*again)->directory);
    REQUIRE((*again)->warnings.size() == 1);
    CHECK((*again)->warnings[0].find("aliases:1: '|sh' runs a program") != std::string::npos);

    write(dir / "recipients", "@@\n");
    CHECK(loadLists(*first).error().find("recipients:1: ") != std::string::npos);
}

TEST_CASE("lists: they are read again by an account that may not read the keys") {
    const store::TempDir dir;
    const auto file = (dir / "postseal.toml").string();
    write(dir / "recipients", "bob\n");
    write(dir / "tls_policy", "");
    write(dir / "secret", std::string(32, 'x'));
    write(file, "srs_secret = \"secret\"\n" + std::string(plain) +
                    "[[domain]]\nname = \"example.org\"\nrecipients = \"recipients\"\n"
                    "delivery = \"smtp:[127.0.0.1]\"\n");
    const auto loaded = load(file);
    REQUIRE(loaded);
    std::filesystem::remove(dir / "secret");
    write(dir / "recipients", "carol\n");
    const auto again = loadLists(**loaded);
    REQUIRE(again);
    CHECK((*again)->directory->srs == (*loaded)->directory->srs);
    const auto carol = record::Mailbox::parse("carol@example.org").value();
    CHECK(std::holds_alternative<directory::Ours>((*again)->directory->resolve(carol, {})));
}

TEST_CASE("SRS: the secret is made once, and kept") {
    const store::TempDir dir;
    const auto sender = record::Mailbox::parse("eve@far.example").value();
    const auto ours = base::DomainName::parse("example.org").value();
    const auto made = [&](const auto& key) { return key->forward(sender, ours, {})->toText(); };
    const auto first = made(srsKey(dir.path(), {}));
    CHECK(made(srsKey(dir.path(), {})) == first);
    const auto mode = std::filesystem::status(dir / "srs.key").permissions();
    CHECK(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    write(dir / "srs.key", "short");
    const auto second = made(srsKey(dir.path(), {}));
    CHECK(second != first);
    CHECK(made(srsKey(dir.path(), {})) == second);
    CHECK(made(srsKey(dir / "gone", {})) != made(srsKey(dir / "gone", {})));
}

}  // namespace postseal::app
