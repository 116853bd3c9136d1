#include "check/legs.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace postseal;
using namespace postseal::check;

namespace {

directory::Directory house() {
    directory::Directory directory;
    const auto name = [](const char* text) { return base::DomainName::parse(text).value(); };
    const auto hop = [](const char* text) { return record::NextHop::parse(text).value(); };
    const auto ours = name("ours.example");
    directory::Domain domain{.delivery = record::Lmtp{record::UnixSocket{"/run/lmtp"}},
                             .recipients = directory::Recipients::any()};
    domain.aliases =
        directory::Aliases::parse("team: bob, x@evil.example, y@sub.evil.example, z@evil.example\n"
                                  "far: w@other.example\n",
                                  ours)
            .aliases;
    domain.separators = "+";
    directory.domains.emplace(ours, std::move(domain));
    directory.domains.emplace(name("backend.example"),
                              directory::Domain{.delivery = record::Lmtp{hop("[mailstore.other]:24")},
                                                .recipients = directory::Recipients::any()});
    REQUIRE(directory.routes.add("other.example", {.via = hop("[relay.other]")}));
    REQUIRE(directory.routes.add("*", {.via = hop("[smart.example]:587")}));
    directory.srs = std::make_shared<directory::Srs>(base::Secret("0123456789abcdef0123456789abcdef"));
    return directory;
}

/// `domain transport`, each.
std::vector<std::string> waysOf(const Legs& legs) {
    std::vector<std::string> ways;
    ways.reserve(legs.all.size());
    for (const auto& leg : legs.all)
        ways.push_back(leg.domain + ' ' + toText(leg.transport));
    return ways;
}

const base::Timestamp now = base::fromMicros(1'790'000'000'000'000);

}  // namespace

TEST_CASE("check: the legs are all ways that mail to an address takes") {
    struct Row {
        const char* asked;
        std::vector<std::string> ways;
    };
    const Row rows[] = {
        {"bob@ours.example", {"ours.example lmtp:unix:/run/lmtp"}},
        {"team+news@ours.example",
         {"ours.example lmtp:unix:/run/lmtp", "evil.example [smart.example]:587",
          "sub.evil.example [smart.example]:587"}},
        {"far@ours.example", {"other.example [relay.other]"}},
        {"ours.example",
         {"ours.example lmtp:unix:/run/lmtp", "other.example [relay.other]",
          "evil.example [smart.example]:587", "sub.evil.example [smart.example]:587"}},
        {"bob@backend.example", {"backend.example lmtp:[mailstore.other]:24"}},
        {"backend.example", {"backend.example lmtp:[mailstore.other]:24"}},
        {"a@other.example", {"other.example [relay.other]"}},
        {"stranger.example", {"stranger.example [smart.example]:587"}},
        {"[host.example]:465", {"host.example [host.example]:465"}},
    };
    const auto directory = house();
    for (const auto& row : rows) {
        INFO(row.asked);
        const auto legs = legsOf(directory, row.asked, now);
        REQUIRE(legs);
        CHECK(waysOf(*legs) == row.ways);
    }
}

TEST_CASE("check: who is meant by an alias, and which mail goes by the smarthost") {
    const auto legs = legsOf(house(), "team@ours.example", now);
    REQUIRE(legs);
    REQUIRE(legs->all.size() == 3);
    CHECK(legs->all[1].addresses == std::vector<std::string>{"x@evil.example", "z@evil.example"});
    CHECK(legs->all[0].smarthost.empty());
    CHECK(legs->all[1].smarthost == "smart.example");
    CHECK(legsOf(house(), "far@ours.example", now)->all[0].smarthost.empty());
}

TEST_CASE("check: an address of SRS leads back to its sender") {
    const auto directory = house();
    const auto forwarded = directory.srs->forward(*record::Mailbox::parse("ann@other.example"),
                                                  *base::DomainName::parse("ours.example"), now);
    REQUIRE(forwarded);
    const auto legs = legsOf(directory, forwarded->toText(), now);
    REQUIRE(legs);
    CHECK(waysOf(*legs) == std::vector<std::string>{"other.example [relay.other]"});
}

TEST_CASE("check: what is no address, or is refused, says why") {
    const auto directory = house();
    for (const auto* asked : {"a b@ours.example", "-", "a%b@c@ours.example"}) {
        INFO(asked);
        CHECK(!legsOf(directory, asked, now));
    }
}
