#include "check/checker.hpp"

#include "discover/zone_test.hpp"

using namespace postseal;
using namespace postseal::check;
using policy::Verdict;

namespace {

std::shared_ptr<const directory::Directory> directoryOf() {
    directory::Directory directory;
    const auto ours = *base::DomainName::parse("ours.example");
    const auto text = "team: bob, x@sealed.example, y@open.example\n"
                      "safe: bob, x@sealed.example\n"
                      "mixed: x@sealed.example, y@down.example\n";
    directory::Domain domain{.delivery = record::Lmtp{record::UnixSocket{"/run/lmtp"}},
                             .recipients = directory::Recipients::any(),
                             .aliases = directory::Aliases::parse(text, ours).aliases};
    directory.domains.emplace(ours, domain);
    domain.delivery = record::Lmtp{*record::NextHop::parse("[store.example]:24")};
    domain.aliases = {};
    directory.domains.emplace(*base::DomainName::parse("backend.example"), domain);
    return std::make_shared<const directory::Directory>(std::move(directory));
}

std::shared_ptr<discover::test::Zone> zoneOf() {
    const auto address = discover::test::found(std::vector{base::IpAddress::v4({8, 0, 0, 1})});
    const auto failed = dns::failed("SERVFAIL");
    return std::make_shared<discover::test::Zone>(
        discover::test::Zone{{{"A sealed.example", address},
                              {"A open.example", address},
                              {"A store.example", address},
                              {"MX down.example", failed},
                              {"MX half.example", discover::test::mx({"a.half.example", "b.half.example"})},
                              {"A a.half.example", address},
                              {"A b.half.example", failed},
                              {"AAAA b.half.example", failed}}});
}

Checked checked(const char* asked) {
    auto destinations = discover::test::destinationsOf(
        zoneOf(), discover::test::settingsOf("sealed.example secure\ndown.example encrypt\n"));
    net::SmtpDialer dialer({}, nullptr);  // nobody shakes hands here
    Checker checker(destinations, dialer, directoryOf());
    task::Core core(0, {});
    auto result = boost::asio::co_spawn(core.context, checker.check(asked, {}), boost::asio::use_future);
    core.context.run();
    return result.get();
}

}  // namespace

TEST_CASE("check: a promise is that of the weakest leg, by the code that delivers") {
    struct Row {
        const char* why;
        const char* asked;
        Verdict verdict;
        bool isPromised;
        std::size_t legs;
    };
    const Row rows[] = {
        {"the mailboxes are on this machine", "bob@ours.example", Verdict::sealed, true, 1},
        {"one target goes in clear text", "team@ours.example", Verdict::open, false, 3},
        {"all are sealed", "safe@ours.example", Verdict::sealed, true, 2},
        {"one waits", "mixed@ours.example", Verdict::waits, false, 2},
        {"a domain is as weak as its aliases", "ours.example", Verdict::open, false, 4},
        {"LMTP over a network is a leg", "backend.example", Verdict::open, false, 1},
        {"of an address, too", "bob@backend.example", Verdict::open, false, 1},
        {"a host whose lookup fails now is tried tomorrow", "half.example", Verdict::open, false, 1},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto result = checked(row.asked);
        INFO(result.forecast.sentence);
        CHECK(toText(result.forecast.verdict) == toText(row.verdict));
        CHECK(result.forecast.isPromised == row.isPromised);
        CHECK(result.legs.size() == row.legs);
    }
}

TEST_CASE("check: what is no address has no leg, and returns") {
    const auto result = checked("nobody@");
    CHECK(result.legs.empty());
    CHECK(result.domain.empty());
    CHECK(result.forecast.verdict == Verdict::returns);
}
