#include "ledger/refused.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::ledger {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_days day = std::chrono::year(2026) / 11 / 24;
constexpr base::Timestamp noon = day + 12h;
constexpr std::chrono::days kept{7};

RefusedMail mail(std::string client, std::string recipient, base::Timestamp time = noon) {
    return {.mode = RefusedMode::enforce,
            .rule = "partner.example",
            .origin = "map:3",
            .senderDomain = "partner.example",
            .client = std::move(client),
            .recipient = std::move(recipient),
            .sender = "ann@partner.example",
            .reason = "no TLS",
            .time = time};
}

struct Fixture {
    store::TempDir dir;
    std::unique_ptr<store::Engine> engine = open();

    std::unique_ptr<store::Engine> open() {
        auto opened = store::writerOf(dir.path(), {refusedSchema})();
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }
    void write(RefusedMails& mails, base::Timestamp now = noon) {
        const auto changes = mails.changes(kept, now);
        REQUIRE(changes.has_value());
        REQUIRE(store::commitNow(*engine, *changes).has_value());
        CHECK_FALSE(mails.changes(kept, now));
    }
    std::vector<RefusedSum> all(base::Timestamp since = noon) { return refusedSince(*engine, since).value(); }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "refused mail is summed by rule, sender's domain and client") {
    RefusedMails mails;
    mails.add(mail("a[192.0.2.1]", "bob@example.org", noon));
    mails.add(mail("a[192.0.2.1]", "carl@example.org", noon + 1s));
    mails.add(mail("b[192.0.2.2]", "bob@example.org", noon + 2s));
    write(mails);
    auto again = mail("a[192.0.2.1]", "bob@example.org", noon + 24h);
    again.reason = "no certificate";
    mails.add(std::move(again));
    auto tried = mail("a[192.0.2.1]", "bob@example.org", noon + 24h);
    tried.mode = RefusedMode::testing;
    mails.add(std::move(tried));
    write(mails, noon + 24h);

    const RefusedSum a{.mode = "enforce",
                       .rule = "partner.example",
                       .origin = "map:3",
                       .senderDomain = "partner.example",
                       .client = "a[192.0.2.1]",
                       .recipients = {"bob@example.org", "carl@example.org"},
                       .count = 3,
                       .first = noon,
                       .last = noon + 24h,
                       .reason = "no certificate"};
    const auto sums = all();
    REQUIRE(sums.size() == 3);
    CHECK(sums[0] == a);
    CHECK(sums[1].client == "b[192.0.2.2]");
    CHECK(sums[2].mode == "testing");
    CHECK(all(noon + 24h).size() == 2);
    CHECK(toJson({a}) ==
          R"([{"mode":"enforce","rule":"partner.example","origin":"map:3","sender_domain":"partner.example",)"
          R"("client":"a[192.0.2.1]","recipients":["bob@example.org","carl@example.org"],"count":3,)"
          R"("first":"2026-11-24T12:00:00Z","last":"2026-11-25T12:00:00Z","reason":"no certificate"}])");
}

TEST_CASE_FIXTURE(Fixture, "what was refused goes after its time") {
    RefusedMails mails;
    mails.add(mail("a[192.0.2.1]", "bob@example.org"));
    write(mails);
    mails.add(mail("a[192.0.2.1]", "bob@example.org", noon + 24h * 7));
    write(mails, noon + 24h * 7);
    CHECK(all().front().count == 2);  // seven days ago is within seven days
    mails.add(mail("a[192.0.2.1]", "bob@example.org", noon + 24h * 8));
    write(mails, noon + 24h * 8);
    CHECK(all().front().first == noon + 24h * 7);
}

TEST_CASE_FIXTURE(Fixture, "a flood leaves the rows of others, and is counted all the same") {
    RefusedMails mails(RefusedMails::mostOfClient + 1);
    for (int i = 0; i < 1000; ++i)
        mails.add(mail("flood[192.0.2.1]", "r" + std::to_string(i) + "@example.org"));
    mails.add(mail("other[192.0.2.2]", "bob@example.org"));
    mails.add(mail("late[192.0.2.3]", "bob@example.org"));  // beyond the day's rows
    mails.add(mail("other[192.0.2.2]", "bob@example.org"));
    write(mails);
    const auto sums = all();
    REQUIRE(sums.size() == 3);
    CHECK(sums[0].client == RefusedMails::others);
    CHECK(sums[0].count == 901);
    CHECK(sums[1].recipients.size() == RefusedMails::mostOfClient);
    CHECK(sums[2].client == "other[192.0.2.2]");
    CHECK(sums[2].count == 2);

    RefusedMails byRule(0);
    for (std::size_t i = 0; i <= RefusedMails::mostRules; ++i) {
        auto one = mail("a[192.0.2.1]", "bob@example.org", noon + 24h);
        one.rule = std::to_string(i) + ".example";
        byRule.add(std::move(one));
    }
    write(byRule, noon + 24h);
    const auto rules = all(noon + 24h);
    CHECK(rules.size() == RefusedMails::mostRules + 1);
    CHECK(std::ranges::count(rules, "*", &RefusedSum::rule) == 1);
}

TEST_CASE_FIXTURE(Fixture, "the refused of a day by recipient, bounded in what a stranger writes") {
    RefusedMails mails;
    auto lengthy = mail("a[192.0.2.1]", "bob@example.org");
    lengthy.sender = std::string(10'000, 'x');
    mails.add(std::move(lengthy));
    for (int i = 0; i < 2; ++i)
        mails.add(mail("b[192.0.2.2]", "bob@example.org"));
    mails.add(mail("b[192.0.2.2]", "ann@example.org"));
    mails.add(mail("b[192.0.2.2]", "bob@example.org", noon + 24h));
    write(mails, noon + 24h);
    const auto found = refusedOn(*engine, day).value();
    REQUIRE(found.size() == 3);
    CHECK(found[0].recipient == "ann@example.org");
    CHECK(found[1] ==
          RefusedTo{"bob@example.org", "enforce", "ann@partner.example", "b[192.0.2.2]", 2, noon});
    CHECK(found[2].sender.size() == 512);
}

TEST_CASE_FIXTURE(Fixture, "a digest is marked once, and forgotten with what it was about") {
    const auto mark = [&] {
        store::Batch batch;
        markDigest(batch, day, "bob@example.org");
        return store::commitNow(*engine, batch).has_value();
    };
    CHECK(mark());
    CHECK_FALSE(mark());
    CHECK(digestsOf(*engine, day).value() == std::set<std::string>{"bob@example.org"});
    RefusedMails mails;
    write(mails, noon + 24h * 8);
    CHECK(digestsOf(*engine, day)->empty());
}

}  // namespace postseal::ledger
