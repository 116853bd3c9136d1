#include "queue/steer.hpp"

#include "queue/destinations.hpp"
#include "queue/filter.hpp"
#include "queue/fixture_test.hpp"

#include <algorithm>

namespace postseal::queue {
namespace {

AddressPattern pattern(std::string_view text) {
    auto parsed = AddressPattern::parse(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

TEST_CASE("filter: an address, a whole domain, or the null reverse-path") {
    struct Row {
        const char* why;
        const char* pattern;
        const char* address;
        bool matches;
    };
    const Row rows[] = {
        {"itself", "bob@example.org", "bob@example.org", true},
        {"the case makes no difference", "Bob@Example.ORG", "bOB@example.org", true},
        {"in brackets, as logs show it", "<bob@example.org>", "bob@example.org", true},
        {"another one", "bob@example.org", "rob@example.org", false},
        {"no part of an address", "bob@example.org", "notbob@example.org", false},
        {"quoted needlessly is the same", "\"bob\"@example.org", "bob@example.org", true},
        {"a domain", "example.org", "bob@example.org", true},
        {"with its sign", "@example.org", "bob@example.org", true},
        {"a name with umlauts is its A-label",
         "@b\xC3\xBC"
         "cher.example",
         "bob@xn--bcher-kva.example", true},
        {"not those below it", "example.org", "bob@mx.example.org", false},
        {"not what ends like it", "example.org", "bob@notexample.org", false},
        {"characters beyond ASCII", "j\xC3\xBCrgen@example.org", "j\xC3\xBCrgen@example.org", true},
        {"an address literal", "@[192.0.2.1]", "bob@[192.0.2.1]", true},
        {"a quoted local part may look like a domain", "example.org", "\"a@example.org\"@other.example",
         false},
        {"bounces", "<>", "", true},
        {"bounces only", "<>", "bob@example.org", false},
        {"a domain is no bounce", "example.org", "", false},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(pattern(row.pattern).matches(row.address) == row.matches);
    }
    for (const auto* wrong : {"", "a b@example.org", "@", "bob@", "exa mple.org", "*"})
        CHECK(!AddressPattern::parse(wrong).has_value());
}

TEST_CASE("filter: all that is given must hold") {
    Listed message;
    message.sender = "alice@example.com";
    message.arrived = at(1000);
    ListedRecipient recipient;
    recipient.address = "bob@example.org";
    recipient.nextHop = "example.org";
    recipient.reason = "connect to mx.example.org[192.0.2.1]:25: Connection refused";
    struct Row {
        const char* why;
        Filter filter;
        bool matches;
    };
    const Row rows[] = {
        {"nothing is asked", {}, true},
        {"the sender", {.sender = pattern("example.com")}, true},
        {"another sender", {.sender = pattern("<>")}, false},
        {"the recipient", {.recipient = pattern("bob@example.org")}, true},
        {"another recipient", {.recipient = pattern("example.com")}, false},
        {"the next hop", {.nextHop = "Example.org"}, true},
        {"no part of it", {.nextHop = "example"}, false},
        {"words of the reason", {.reason = "connection REFUSED"}, true},
        {"others", {.reason = "timed out"}, false},
        {"arrived before", {.arrivedBefore = at(1001)}, true},
        {"arrived then", {.arrivedBefore = at(1000)}, false},
        {"queued", {.state = State::queued}, true},
        {"held", {.state = State::held}, false},
        {"two that hold", {.sender = pattern("example.com"), .reason = "refused"}, true},
        {"one that does not", {.sender = pattern("example.com"), .reason = "timed out"}, false},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(matches(row.filter, message, recipient) == row.matches);
    }
}

struct SteerFixture : QueueFixture {
    std::unique_ptr<store::Engine> engine = std::move(*store::writerOf(dir.path(), {schema})());

    Steered steered(Steer how, const Filter& filter = {}, std::int64_t now = start + 10) {
        const auto page = choose(*engine, filter, {}, 10'000);
        REQUIRE(page.has_value());
        const auto done =
            steer(*engine, {.steer = how, .now = at(now), .dataDir = dir.path()}, page->messages);
        REQUIRE(done.has_value());
        return *done;
    }
    std::vector<Lease> waiting(std::int64_t arrived, const std::string& domain) {
        auto leases = stored(message(arrived, {{"a@" + domain, domain}, {"b@" + domain, domain}}));
        deferred(leases[0], start + 300);
        return leases;
    }
};

TEST_CASE_FIXTURE(SteerFixture, "retry: who waits is due now, and the server is told of its next hops") {
    waiting(start, "x.example");
    waiting(start + 1, "y.example");
    CHECK(due("x.example", start + 10).empty());
    const auto done = steered(Steer::retry, {.nextHop = "x.example"});
    CHECK(done.messages == 1);
    CHECK(done.recipients == 2);
    CHECK(due("y.example", start + 10).empty());
    const auto leases = due("x.example", start + 10);
    REQUIRE(leases.size() == 1);
    CHECK(leases[0].recipients[0].attempts == 1);
    CHECK(*takeSteered(readers, writer) == std::vector<std::string>{"x.example"});
    CHECK(takeSteered(readers, writer)->empty());
    CHECK(counted() == Balance{.accepted = 4, .queued = 4});
}

TEST_CASE_FIXTURE(SteerFixture, "hold: never due until release, and counted as held") {
    waiting(start, "x.example");
    CHECK(steered(Steer::hold, {.recipient = pattern("a@x.example")}).recipients == 1);
    CHECK(counted() == Balance{.accepted = 2, .queued = 1, .held = 1});
    CHECK(steered(Steer::retry).recipients == 1);  // retry leaves who is held
    REQUIRE(due("x.example", start + 999'999).size() == 1);
    CHECK(wait(firstDue(bodies, "x.example"))->has_value() == false);
    CHECK(steered(Steer::hold).recipients == 0);

    CHECK(steered(Steer::release).recipients == 1);
    CHECK(counted() == Balance{.accepted = 2, .queued = 2});
    const auto leases = due("x.example", start + 10);
    REQUIRE(leases.size() == 1);
    CHECK(leases[0].recipients[0].address.toText() == "a@x.example");
    CHECK(steered(Steer::release).recipients == 0);
}

TEST_CASE_FIXTURE(SteerFixture, "delete: queued or held, counted, the message with its last recipient") {
    waiting(start, "x.example");
    steered(Steer::hold, {.recipient = pattern("a@x.example")});
    CHECK(steered(Steer::remove, {.recipient = pattern("a@x.example")}).messages == 1);
    CHECK(counted() == Balance{.accepted = 2, .queued = 1, .deleted = 1});
    CHECK(listed().size() == 1);
    CHECK(steered(Steer::remove).recipients == 1);
    CHECK(counted() == Balance{.accepted = 2, .deleted = 2});
    CHECK(listed().empty());
}

TEST_CASE_FIXTURE(SteerFixture, "what is in delivery now is refused, and stays as it is") {
    const auto leases = stored(message(start, {{"a@x.example", "x"}, {"b@y.example", "y"}}));
    deferred(leases[0], start + 300);
    for (const auto how : {Steer::retry, Steer::hold, Steer::release, Steer::remove}) {
        const auto done = steered(how);
        CHECK(done.recipients == 1);
        // released is only who is held
        CHECK(done.inDelivery.size() == (how == Steer::release ? 0 : 1));
    }
    CHECK(counted() == Balance{.accepted = 2, .queued = 1, .deleted = 1});
    CHECK(settled(leases[1]).has_value());
    CHECK(counted().difference() == 0);
}

TEST_CASE_FIXTURE(SteerFixture, "what was claimed or settled after it was seen is no error") {
    auto gone = waiting(start, "x.example");
    waiting(start + 1, "y.example");
    waiting(start + 2, "z.example");
    const auto seen = choose(*engine, {}, {}, 1000);
    REQUIRE(seen.has_value());
    CHECK(settled(due("x.example", start + 300)[0]).has_value());
    const auto taken = due("y.example", start + 300);
    const auto done =
        steer(*engine, {.steer = Steer::remove, .now = at(start), .dataDir = dir.path()}, seen->messages);
    REQUIRE(done.has_value());
    CHECK(done->recipients == 2);
    CHECK(done->messages == 1);
    REQUIRE(done->inDelivery.size() == 2);
    CHECK(done->inDelivery[0].id == taken[0].message->id);
    CHECK(counted() == Balance{.accepted = 6, .delivered = 2, .queued = 2, .deleted = 2});
}

TEST_CASE_FIXTURE(SteerFixture, "many rows go in short transactions, each with its record") {
    constexpr std::int64_t messages = 700;
    store::Batch all;
    for (std::int64_t i = 0; i < messages; ++i) {
        const auto leases = put(all, message(start + i, {{"a@x.example", "x"}, {"b@x.example", "x"}}));
        defer(all, leases[0], leases[0].recipients, {"refused"}, at(start + 9000));
    }
    REQUIRE(writer.commitBlocking(std::move(all)).has_value());
    int recorded = 0;
    const auto seen = choose(*engine, {}, {}, 10'000);
    const auto done =
        steer(*engine,
              {.steer = Steer::hold,
               .now = at(start),
               .dataDir = dir.path(),
               .record = [&](store::Batch&, const Listed&, const ListedRecipient&) { ++recorded; }},
              seen->messages);
    CHECK(done->messages == messages);
    CHECK(done->recipients == 2 * messages);
    CHECK(recorded == 2 * messages);
    CHECK(counted() == Balance{.accepted = 2 * messages, .held = 2 * messages});
}

TEST_CASE_FIXTURE(SteerFixture, "choose goes through the queue page by page, or to the named messages") {
    for (int i = 0; i < 5; ++i)
        waiting(start + i, i == 3 ? "y.example" : "x.example");
    const Filter y{.recipient = pattern("b@y.example")};
    const auto first = choose(*engine, y, {}, 3);
    REQUIRE(first.has_value());
    CHECK(first->messages.empty());
    REQUIRE(first->next.has_value());
    const auto second = choose(*engine, y, *first->next, 3);
    REQUIRE(second->messages.size() == 1);
    CHECK(second->messages[0].recipients.size() == 1);
    CHECK(!second->next.has_value());

    const auto id = second->messages[0].id.text();
    const auto named =
        choose(*engine, {.ids = {id, "<1000000003@example.com>", "1000000001@example.com", "no"}}, {}, 1);
    REQUIRE(named.has_value());
    CHECK(named->messages.size() == 2);
    CHECK(named->unknown == std::vector<std::string>{"no"});
}

TEST_CASE_FIXTURE(SteerFixture,
                  "destinations: who was put off for another's failure waits for the same reason") {
    const std::pair<Trouble, int> troubles[] = {
        {{"timed out"}, 1}, {{"refused"}, 2}, {{"timed out", Tried::another}, 2}};
    for (std::int64_t i = 0; const auto& [trouble, count] : troubles)
        for (int k = 0; k < count; ++k, ++i) {
            store::Batch batch;
            const auto leases = put(batch, message(start + i, {{"a@x.example", "x"}}));
            defer(batch, leases[0], leases[0].recipients, trouble, at(start + 300));
            REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
        }
    CHECK(destinations(*engine)->at(0).reason == "timed out");
}

TEST_CASE_FIXTURE(SteerFixture, "destinations: how much waits, since when, why, and until when") {
    for (int i = 0; i < 3; ++i)
        waiting(start + i, "x.example");
    stored(message(start + 7, {{"a@y.example", "y.example"}}));
    steered(Steer::hold, {.arrivedBefore = at(start + 1)});
    const auto list = destinations(*engine);
    REQUIRE(list.has_value());
    REQUIRE(list->size() == 2);
    CHECK(toJson((*list)[0]) ==
          R"({"next_hop":"x.example","waiting":4,"in_delivery":0,"held":2,"oldest":"2001-09-09T01:46:40Z",)"
          R"("reason":"greylisted","next_attempt":"2001-09-09T01:51:40Z"})");
    CHECK(toJson((*list)[1]) ==
          R"({"next_hop":"y.example","waiting":0,"in_delivery":1,"held":0,"oldest":"2001-09-09T01:46:47Z",)"
          R"("reason":"","next_attempt":null})");
}

TEST_CASE_FIXTURE(SteerFixture, "an administrator sees what waits: list, find, JSON") {
    auto leases = stored(message(start, {{"a@x.example", "x"}, {"b@y.example", "y"}}));
    deferred(leases[0], start + 300);
    const auto seen = listed();
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].sender == "sender@example.com");
    CHECK(seen[0].sizeBytes == 17 + 6);
    CHECK(seen[0].recipients[0].reason == "greylisted");
    CHECK(!seen[0].recipients[0].inDelivery);
    CHECK(seen[0].recipients[1].inDelivery);
    CHECK(toJson(seen[0]).starts_with(
        R"({"queue_id":")" + seen[0].id.text() +
        R"(","sender":"sender@example.com",)"
        R"("recipients":[{"address":"a@x.example","state":"queued","next_attempt":)"
        R"("2001-09-09T01:51:40Z","attempts":1,"reason":"greylisted")"));
    const auto findBy = [&](const std::string& name) {
        return read<std::vector<Listed>>([&](store::Engine& reader) { return find(reader, name); }).size();
    };
    CHECK(findBy(seen[0].id.text()) == 1);
    CHECK(findBy("1000000000@example.com") == 1);
    CHECK(findBy("<1000000000@example.com>") == 1);
    CHECK(findBy("other") == 0);
}

}  // namespace
}  // namespace postseal::queue
