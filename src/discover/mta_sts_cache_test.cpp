#include "discover/mta_sts_cache.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"
#include "task/cores.hpp"
#include "task/event.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>

namespace postseal::discover {
namespace {

using namespace std::chrono_literals;
using policy::MailKind;
using policy::StsMode;
using std::chrono::days;

const base::Timestamp start = *base::parseRfc3339("2026-11-24T12:00:00Z");

using record::Why;
using Text = base::Result<std::string, StsFailure>;

std::string policyText(std::string_view mode, std::chrono::seconds maxAge = days(30),
                       std::string_view mx = "a") {
    return "version: STSv1\nmode: " + std::string(mode) + "\nmax_age: " + std::to_string(maxAge.count()) +
           "\nmx: " + std::string(mx) + ".example\n";
}

dns::Answer txt(const std::string& id, std::chrono::seconds ttl = 60s) {
    return {.status = dns::Status::found,
            .records = std::vector<dns::Text>{{"v=STSv1; id=" + id + ";"}},
            .ttl = ttl};
}
const dns::Answer noRecord{.status = dns::Status::noData, .ttl = 60s};

/// What DNS and the policy hosts say, for each domain, and how often they were asked.
struct Outside {
    std::map<std::string, dns::Answer> records;
    std::map<std::string, Text> policies;
    int asked = 0, fetched = 0, fetching = 0, mostFetching = 0;
    std::chrono::milliseconds slow{0};
};

task::Awaitable<std::vector<dns::Answer>> answer(Outside* outside, std::vector<dns::Question> questions) {
    ++outside->asked;
    const auto known = outside->records.find(questions.at(0).name.text());
    co_return std::vector{known == outside->records.end() ? noRecord : known->second};
}

task::Awaitable<Text> fetch(Outside* outside, base::DomainName domain) {
    ++outside->fetched;
    outside->mostFetching = std::max(outside->mostFetching, ++outside->fetching);
    if (outside->slow > 0ms) co_await task::sleepFor(outside->slow);
    --outside->fetching;
    const auto known = outside->policies.find(domain.text());
    co_return known == outside->policies.end() ? Text(base::fail(StsFailure{.words = "it answered 404"}))
                                               : known->second;
}

struct Fixture {
    explicit Fixture(StsCacheLimits limits = {}) : cache(services(), limits) {
        REQUIRE(writer.commitBlocking({}));  // the store is open
        REQUIRE(cache.load(readers));
    }

    MtaStsCache::Services services() {
        return {.home = core,
                .writer = &writer,
                .ask = [this](auto questions) { return answer(&outside, std::move(questions)); },
                .fetch = [this](auto domain) { return fetch(&outside, std::move(domain)); },
                .now = [this] { return now; }};
    }
    void publish(const std::string& id, Text policy, const std::string& domain = "example.org") {
        outside.records["_mta-sts." + domain] = txt(id);
        outside.policies.insert_or_assign(domain, std::move(policy));
    }
    void run() {
        core.context.restart();
        core.context.run_for(10s);
        CHECK(core.tasks.counters().running == 0);
        CHECK(core.tasks.counters().failed == 0);
    }
    static task::Awaitable<void> store(task::Awaitable<StsFinding> work, StsFinding* result) {
        *result = co_await std::move(work);
    }
    StsFinding find(const std::string& domain = "example.org", MailKind kind = MailKind::message) {
        StsFinding finding;
        task::spawn(core, store(cache.find(domain, kind), &finding), "test");
        run();
        return finding;
    }
    StsFinding findAnew() {
        StsFinding finding;
        task::spawn(core, store(cache.findAnew("example.org", MailKind::message), &finding), "test");
        run();
        return finding;
    }
    /// The mode that holds after so long; none: no policy.
    std::optional<StsMode> modeAfter(std::chrono::seconds time) {
        now += time;
        const auto finding = find();
        return finding.policy ? std::optional(finding.policy->mode) : std::nullopt;
    }
    void refresh(std::chrono::seconds after) {
        now += after;
        task::asio::post(core.context, [this] { cache.refreshDue(); });
        run();
    }
    std::vector<StoredSts> stored() { return readers.read<std::vector<StoredSts>>(loadSts).value(); }

    store::TempDir dir;
    task::Core core{0, {}};
    store::Writer writer{store::writerOf(dir.path(), {stsSchema}), {.dataDir = dir.path()}};
    store::Readers readers{store::readersOf(dir.path())};
    Outside outside;
    base::Timestamp now = start;
    MtaStsCache cache;
};

}  // namespace

TEST_CASE("rules 18, 21: a policy is fetched when its id is new, and holds until its max_age is over") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce"));
    const auto finding = fixture.find("Example.ORG.");
    REQUIRE(finding.policy);
    CHECK(finding.policy->mode == StsMode::enforce);
    CHECK(finding.id == "1");
    CHECK(finding.fetched == start);
    CHECK(finding.expires == start + days(30));
    CHECK(finding.note.empty());
    CHECK(finding.ttl == 60s);
    CHECK(fixture.outside.fetched == 1);

    fixture.find();  // DNS's answer is still good
    CHECK(fixture.outside.asked == 1);
    fixture.now += 61s;
    fixture.find();
    CHECK(fixture.outside.asked == 2);
    CHECK(fixture.outside.fetched == 1);

    fixture.publish("2", policyText("testing"));
    CHECK(fixture.modeAfter(1h) == StsMode::testing);
    CHECK(fixture.outside.fetched == 2);
}

TEST_CASE(
    "rules 18, 19, 21: whatever fails, the policy that is kept holds until its max_age (RFC 8461 §3.3)") {
    struct Row {
        const char* why;
        dns::Answer record;
        Text policy;
        const char* note;
    };
    const Row rows[] = {
        {"the record is gone", noRecord, policyText("enforce"), ""},
        {"DNS does not answer", dns::failed("SERVFAIL"), policyText("enforce"),
         "MTA-STS could not be looked up: SERVFAIL"},
        {"two records",
         {.status = dns::Status::found,
          .records = std::vector<dns::Text>{{"v=STSv1; id=2;"}, {"v=STSv1; id=3;"}}},
         policyText("none"),
         "there is more than one MTA-STS TXT record"},
        {"a new id, but its host fails", txt("2"), base::fail(StsFailure{.words = "it answered 301"}),
         "the MTA-STS policy 2 could not be fetched: it answered 301"},
        {"a new id, but no policy", txt("2"), std::string("<html>"),
         "the MTA-STS policy 2 could not be fetched: it is no policy: line 1: \"<html>\" is no \"key: "
         "value\""},
        {"mode none without a new id", txt("1"), policyText("none"), ""},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Fixture fixture;
        fixture.publish("1", policyText("enforce"));
        fixture.find();
        fixture.outside.records["_mta-sts.example.org"] = row.record;
        fixture.outside.policies.insert_or_assign("example.org", row.policy);
        fixture.now += days(15);
        const auto finding = fixture.find();
        REQUIRE(finding.policy);
        CHECK(finding.policy->mode == StsMode::enforce);
        CHECK(finding.note == row.note);
        CHECK(finding.failure == record::Why::none);  // one holds
        CHECK(finding.expires == start + days(30));
        CHECK(fixture.modeAfter(days(15) - 1s) == StsMode::enforce);
        CHECK(fixture.modeAfter(1s) != StsMode::enforce);
    }
}

TEST_CASE("rule 18: a first look that fails lets mail go on, and says why") {
    struct Row {
        const char* why;
        dns::Answer record;
        Text policy;
        const char* note;
        Why failure;
    };
    const Row rows[] = {
        {"nothing is announced", noRecord, policyText("enforce"), "", Why::none},
        {"DNS does not answer", dns::failed("SERVFAIL"), policyText("enforce"),
         "MTA-STS could not be looked up: SERVFAIL", Why::none},
        {"the host does not serve it", txt("1"), base::fail(StsFailure{.words = "it answered 404"}),
         "the MTA-STS policy 1 could not be fetched: it answered 404", Why::stsFetch},
        {"the host does not prove itself", txt("1"), base::fail(StsFailure{Why::stsWebPki, "expired"}),
         "the MTA-STS policy 1 could not be fetched: expired", Why::stsWebPki},
        {"it is no policy", txt("1"), std::string("version: STSv2\n"),
         "the MTA-STS policy 1 could not be fetched: it is no policy: line 1: ", Why::stsInvalid},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Fixture fixture;
        fixture.outside.records["_mta-sts.example.org"] = row.record;
        fixture.outside.policies.insert_or_assign("example.org", row.policy);
        const auto finding = fixture.find();
        CHECK_FALSE(finding.policy);
        CHECK(finding.note.starts_with(row.note));
        CHECK(finding.note.empty() == (*row.note == 0));
        CHECK(finding.failure == row.failure);
        CHECK(fixture.findAnew().failure == row.failure);  // within the pause of rule 19, too
        CHECK(fixture.stored().empty());
    }
    Fixture fixture;
    CHECK(fixture.find("[192.0.2.1]").note.starts_with("MTA-STS: [192.0.2.1] "));
    CHECK(fixture.outside.asked == 0);
}

TEST_CASE("rule 19: after a failed fetch the same id is left alone for five minutes, another is not") {
    Fixture fixture;
    fixture.publish("1", base::fail(StsFailure{.words = "it answered 503"}));
    fixture.outside.records["_mta-sts.example.org"].ttl = 3600s;
    fixture.find();
    CHECK(fixture.outside.fetched == 1);
    fixture.now += 299s;
    CHECK(fixture.findAnew().note == "the MTA-STS policy 1 could not be fetched: it answered 503");
    CHECK(fixture.outside.fetched == 1);

    fixture.publish("2", policyText("enforce"));
    CHECK(fixture.findAnew().policy);
    CHECK(fixture.outside.fetched == 2);

    Fixture other;
    other.publish("1", base::fail(StsFailure{.words = "it answered 503"}));
    other.outside.records["_mta-sts.example.org"].ttl = 3600s;  // not waited for
    other.find();
    other.publish("1", policyText("enforce"));
    CHECK(other.modeAfter(300s) == StsMode::enforce);
}

TEST_CASE("one fetch of a domain is under way at a time, and all who ask wait for it") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce"));
    fixture.outside.slow = 50ms;
    std::vector<StsFinding> findings(20);
    for (auto& finding : findings)
        task::spawn(fixture.core,
                    Fixture::store(fixture.cache.find("example.org", MailKind::message), &finding), "test");
    fixture.run();
    CHECK(fixture.outside.fetched == 1);
    for (const auto& finding : findings)
        CHECK(finding.id == "1");
}

TEST_CASE("rule 21: a restart forgets no policy") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce"));
    fixture.publish("9", policyText("testing"), "other.example");
    fixture.find();
    fixture.find("other.example");
    REQUIRE(fixture.stored().size() == 2);
    fixture.outside = {};  // an attacker now answers in DNS's place

    const auto restarted = [&](std::chrono::seconds after) {
        fixture.now = start + after;
        MtaStsCache cache(fixture.services());
        REQUIRE(cache.load(fixture.readers));
        StsFinding finding;
        task::spawn(fixture.core, Fixture::store(cache.find("example.org", MailKind::message), &finding),
                    "test");
        fixture.run();
        return finding;
    };
    const auto finding = restarted(days(1));
    REQUIRE(finding.policy);
    CHECK(finding.policy->mode == StsMode::enforce);
    CHECK(finding.id == "1");
    CHECK(finding.fetched == start);
    CHECK(finding.expires == start + days(30));
    // Rule 54: after an outage, or where the clock is wrong, nothing has run out before it could be
    // refreshed.
    CHECK(restarted(days(400)).expires == start + days(401));
    CHECK(restarted(-days(400)).expires == start - days(400) + policy::MtaStsPolicy::longestAge);
}

TEST_CASE("rule 22: refreshed daily whatever DNS says, and let go when it has run out (RFC 8461 §10.2)") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce"));
    fixture.find();
    fixture.outside.records.clear();  // the record is gone, the host is there
    fixture.refresh(days(1));
    CHECK(fixture.outside.fetched == 2);
    CHECK(fixture.stored().at(0).fetched == start + days(1));
    CHECK(fixture.stored().at(0).expires == start + days(31));
    fixture.refresh(1min);
    CHECK(fixture.outside.fetched == 2);  // once a day

    SUBCASE("a host that fails is asked again within the hour") {
        fixture.outside.policies.insert_or_assign("example.org",
                                                  base::fail(StsFailure{.words = "it answered 503"}));
        fixture.refresh(days(1));
        CHECK(fixture.outside.fetched == 3);
        fixture.refresh(59min);
        CHECK(fixture.outside.fetched == 3);
        fixture.refresh(1min);
        CHECK(fixture.outside.fetched == 4);
        CHECK(fixture.stored().at(0).expires == start + days(31));
    }
    SUBCASE("without a new id a refresh takes other hosts, but no weaker mode") {
        fixture.outside.policies.insert_or_assign("example.org", policyText("enforce", days(30), "b"));
        fixture.refresh(days(1));
        CHECK(policy::lists(*fixture.find().policy, "b.example"));
        fixture.outside.policies.insert_or_assign("example.org", policyText("none", 1s));
        fixture.refresh(days(1));
        const auto finding = fixture.find();
        CHECK(finding.policy->mode == StsMode::enforce);
        CHECK(finding.expires == start + days(32) + 1min);
        fixture.publish("2", policyText("none", days(1)));
        CHECK(fixture.modeAfter(1h) == StsMode::none);
    }
    SUBCASE("what nobody asks for is not refreshed for ever") {
        fixture.publish("1", policyText("enforce", days(60)));
        fixture.refresh(days(1));
        const auto fetched = fixture.outside.fetched;
        fixture.refresh(days(40));
        CHECK(fixture.outside.fetched == fetched);
        CHECK(fixture.stored().size() == 1);
        fixture.refresh(days(21));
        CHECK(fixture.stored().empty());
    }
    SUBCASE("while a refresh hangs, mail does not wait for it") {
        fixture.outside.slow = 200ms;
        fixture.now += days(1);
        StsFinding finding;
        task::asio::post(fixture.core.context, [&] { fixture.cache.refreshDue(); });
        fixture.core.context.restart();
        fixture.core.context.run_for(50ms);
        task::spawn(fixture.core,
                    Fixture::store(fixture.cache.find("example.org", MailKind::message), &finding), "test");
        fixture.core.context.run_for(50ms);
        CHECK(finding.policy);
        CHECK(fixture.outside.fetching == 1);
        fixture.run();
    }
}

TEST_CASE("fetches are bounded, and whoever finds all busy waits for one") {
    Fixture fixture;
    fixture.outside.slow = 20ms;
    std::vector<StsFinding> findings(FetchTurns::forMail.most + 50);
    for (std::size_t i = 0; i < findings.size(); ++i) {
        const auto domain = "d" + std::to_string(i) + ".example";
        fixture.publish("1", policyText("enforce"), domain);
        task::spawn(fixture.core, Fixture::store(fixture.cache.find(domain, MailKind::message), &findings[i]),
                    "test");
    }
    fixture.run();
    CHECK(fixture.outside.mostFetching == FetchTurns::forMail.most);
    CHECK(std::ranges::all_of(findings, [](const auto& finding) { return finding.policy.has_value(); }));
}

TEST_CASE("mail waits for no report's fetch, though the same domain is asked for by both") {
    Fixture fixture;
    fixture.outside.slow = 300ms;
    std::vector<StsFinding> findings(FetchTurns::forReports.most + 2);
    const auto ask = [&](std::size_t i, const std::string& domain, MailKind kind) {
        task::spawn(fixture.core, Fixture::store(fixture.cache.find(domain, kind), &findings[i]), "test");
    };
    for (std::size_t i = 0; i <= FetchTurns::forReports.most; ++i) {
        const auto domain = "d" + std::to_string(i) + ".example";
        fixture.publish("1", policyText("enforce"), domain);
        ask(i, domain, MailKind::report);
    }
    fixture.core.context.restart();
    fixture.core.context.run_for(20ms);
    CHECK(fixture.outside.fetching == static_cast<int>(FetchTurns::forReports.most));
    ask(findings.size() - 1, "d" + std::to_string(FetchTurns::forReports.most) + ".example",
        MailKind::message);
    fixture.core.context.run_for(20ms);
    CHECK(fixture.outside.fetching == static_cast<int>(FetchTurns::forReports.most) + 1);
    fixture.run();
    CHECK(std::ranges::all_of(findings, [](const auto& finding) { return finding.policy.has_value(); }));
}

TEST_CASE("refreshes are few at a time, and none is left out") {
    Fixture fixture;
    for (int i = 0; i < 40; ++i) {
        const auto domain = "d" + std::to_string(i) + ".example";
        fixture.publish("1", policyText("enforce"), domain);
        fixture.find(domain);
    }
    fixture.outside.mostFetching = 0;
    fixture.outside.slow = 5ms;
    fixture.refresh(days(1));
    CHECK(fixture.outside.mostFetching == MtaStsCache::mostRefreshes);
    for (int i = 0; i < 4; ++i)
        fixture.refresh(1s);
    CHECK(fixture.outside.fetched == 80);
}

TEST_CASE("rule 25: DNS is asked once more before a message returns for a policy's sake (RFC 8461 §5)") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce"));
    fixture.find();
    fixture.publish("2", policyText("enforce", days(30), "b"));
    CHECK(fixture.find().id == "1");  // DNS's answer is still good
    const auto finding = fixture.findAnew();
    CHECK(finding.id == "2");
    CHECK(policy::lists(*finding.policy, "b.example"));
}

TEST_CASE("rule 21: a policy that was fetched binds the mail that waits for it, kept or not") {
    Fixture fixture({.kept = {.policies = 2}});
    for (const auto* domain : {"a.example", "b.example", "c.example"})
        fixture.publish("1", policyText("enforce"), domain);
    CHECK(fixture.find("a.example").policy);
    CHECK(fixture.find("b.example").policy);
    for (int i = 0; i < 2; ++i) {  // it is asked for again, and nobody hears "none"
        const auto third = fixture.find("c.example");
        REQUIRE(third.policy);
        CHECK(third.policy->mode == StsMode::enforce);
        CHECK(third.note == "there is no room to keep the MTA-STS policy 1");
        CHECK(third.ttl == MtaStsCache::pause);
        CHECK(fixture.outside.fetched == 3 + i);
    }
    fixture.now += days(25);
    fixture.outside.records.clear();
    CHECK(fixture.find("a.example").policy);  // nothing that holds was forgotten for it
    CHECK(fixture.stored().size() == 2);
}

TEST_CASE("rule 21: what only our own reports asked for makes room for mail's, and asks for none of it") {
    Fixture fixture({.kept = {.policies = 3}});
    for (const auto* domain :
         {"bank.example", "evil1.example", "evil2.example", "evil3.example", "new.example"})
        fixture.publish("1", policyText("enforce"), domain);
    fixture.find("bank.example");
    for (const auto* domain : {"evil1.example", "evil2.example", "evil3.example"})
        CHECK(fixture.find(domain, MailKind::report).policy);
    fixture.find("new.example");
    const auto domains = [&] {
        std::string all;
        for (const auto& row : fixture.stored())
            all += row.domain + (row.askedBy == StsShelf::AskedBy::mail ? "! " : " ");
        return all;
    };
    CHECK(domains() == "bank.example! evil3.example new.example! ");
    fixture.find("evil3.example");  // mail, from now on
    CHECK(domains() == "bank.example! evil3.example! new.example! ");

    MtaStsCache restarted(fixture.services(), {.kept = {.policies = 3}});
    REQUIRE(restarted.load(fixture.readers));
    StsFinding finding;
    task::spawn(fixture.core, Fixture::store(restarted.find("evil1.example", MailKind::report), &finding),
                "test");
    fixture.run();
    CHECK(finding.policy);
    CHECK(domains() == "bank.example! evil3.example! new.example! ");
}

TEST_CASE("rule 21: what is kept is the policy that was decided on, not its text") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce") + "x: " + std::string(9'900, 'x') + "\n");
    CHECK(fixture.find().policy);
    CHECK(fixture.stored().at(0).text == "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 2592000\n");
}

TEST_CASE("what is not read yet is not known, and never none") {
    Fixture fixture;
    fixture.publish("1", policyText("enforce"));
    MtaStsCache unread(fixture.services());
    const auto ask = [&] {
        StsFinding finding;
        task::spawn(fixture.core, Fixture::store(unread.find("example.org", MailKind::message), &finding),
                    "test");
        fixture.run();
        return finding;
    };
    CHECK_FALSE(ask().isLoaded);
    CHECK(fixture.outside.asked == 0);
    SUBCASE("until it is read") {
        REQUIRE(unread.load(fixture.readers));
        CHECK(ask().policy);
    }
    SUBCASE("or there is nothing to read") {
        unread.startEmpty();
        CHECK(ask().policy);
    }
}

}  // namespace postseal::discover
