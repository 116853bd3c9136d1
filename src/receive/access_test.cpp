#include "receive/access.hpp"

#include <doctest/doctest.h>

namespace postseal::receive {
namespace {

directory::Directory sample() {
    directory::Directory directory;
    const auto ours = base::DomainName::parse("example.org").value();
    directory.domains.emplace(
        ours, directory::Domain{directory::Relay{record::NextHop::parse("[inner.example.org]:2525").value()},
                                directory::Recipients::parse("bob\n", ours).value(),
                                {},
                                "+"});
    directory.domains.at(ours).aliases =
        directory::Aliases::parse("team: bob, eve@far.example\ninfo: bob\nboss: BOB\n", ours).aliases;
    directory.srs = std::make_shared<directory::Srs>(base::Secret("0123456789abcdef"));
    CHECK(directory.routes.add(
        "backup.example", {record::NextHop::parse("backup.example").value(), directory::Recipients::any()}));
    CHECK(directory.routes.add("example.net", {record::NextHop::parse("[relay.example.net]").value()}));
    return directory;
}

constexpr base::Timestamp now = base::fromMicros(1'795'478'400'000'000);

auto decided(const record::Recipient& recipient, const record::ReversePath& sender, Submitter submitter) {
    return decideRecipient(recipient, sample(), {sender, submitter}, now);
}

std::string answer(std::string_view recipient, Submitter submitter) {
    const auto found = decided({record::Mailbox::parse(recipient).value()}, std::nullopt, submitter);
    return found ? found->front().route.text() : smtp::toLogText(found.error());
}

}  // namespace

TEST_CASE("rule 52: never an open relay, however the address is dressed") {
    struct Row {
        const char *why, *recipient, *stranger, *network;
    };
    const Row rows[] = {
        {"ours, from anyone", "bob@example.org", "[inner.example.org]:2525", "[inner.example.org]:2525"},
        {"in any case", "BOB@EXAMPLE.ORG", "[inner.example.org]:2525", "[inner.example.org]:2525"},
        {"rule 60: unknown here", "eve@example.org",
         "550 5.1.1 <eve@example.org>: Recipient address rejected: User unknown",
         "550 5.1.1 <eve@example.org>: Recipient address rejected: User unknown"},
        {"foreign", "eve@example.com", "554 5.7.1 <eve@example.com>: Relay access denied", "example.com"},
        {"for whom we are a backup MX", "eve@backup.example", "backup.example", "backup.example"},
        {"below it is another domain", "eve@deep.backup.example",
         "554 5.7.1 <eve@deep.backup.example>: Relay access denied", "deep.backup.example"},
        {"the %-hack over a backup MX", "eve%example.com@backup.example",
         "554 5.7.1 <eve%example.com@backup.example>: Relay access denied",
         "554 5.7.1 <eve%example.com@backup.example>: Relay access denied"},
        {"a forged SRS address", "SRS0=AAAAAAAAAA=AA=example.com=eve@example.org",
         "550 5.1.1 <SRS0=AAAAAAAAAA=AA=example.com=eve@example.org>: Recipient address rejected: User "
         "unknown",
         "550 5.1.1 <SRS0=AAAAAAAAAA=AA=example.com=eve@example.org>: Recipient address rejected: User "
         "unknown"},
        {"by a route", "eve@example.net", "554 5.7.1 <eve@example.net>: Relay access denied",
         "[relay.example.net]"},
        {"an address literal", "eve@[192.0.2.1]", "554 5.7.1 <eve@[192.0.2.1]>: Relay access denied",
         "[192.0.2.1]"},
        {"the %-hack", "eve%example.com@example.org",
         "554 5.7.1 <eve%example.com@example.org>: Relay access denied",
         "554 5.7.1 <eve%example.com@example.org>: Relay access denied"},
        {"a quoted address", "\"eve@example.com\"@example.org",
         "554 5.7.1 <\"eve@example.com\"@example.org>: Relay access denied",
         "554 5.7.1 <\"eve@example.com\"@example.org>: Relay access denied"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(answer(row.recipient, Submitter::stranger) == row.stranger);
        CHECK(answer(row.recipient, Submitter::network) == row.network);
    }
}

TEST_CASE("an alias: each target keeps what the sender asked for, and whom he wrote to") {
    record::Recipient team{record::Mailbox::parse("Team@example.org").value(),
                           {.isAsked = true, .success = true}};
    const auto sender = record::Mailbox::parse("kim@example.com").value();
    const auto targets = decided(team, sender, Submitter::stranger).value();
    REQUIRE(targets.size() == 2);
    CHECK(targets[0].address.toText() == "bob@example.org");
    CHECK(targets[0].route.text() == "[inner.example.org]:2525");
    CHECK_FALSE(targets[0].sentAs);
    CHECK(targets[1].address.toText() == "eve@far.example");
    CHECK(targets[1].route.text() == "far.example");
    REQUIRE(targets[1].sentAs);
    CHECK(targets[1].sentAs->toText().ends_with("=example.com=kim@example.org"));
    for (const auto& target : targets) {
        CHECK(target.notify == team.notify);
        CHECK(target.original == "rfc822;Team@example.org");
    }
    team.original = "rfc822;first@example.com";
    CHECK(decided(team, sender, Submitter::stranger)->front().original == "rfc822;first@example.com");
    CHECK_FALSE(decided(team, std::nullopt, Submitter::stranger)->back().sentAs);

    Addressed all;
    CHECK(all.add(targets, sample()));
    CHECK(all.add(
        decided({record::Mailbox::parse("info@example.org").value()}, sender, Submitter::stranger).value(),
        sample()));
    CHECK(all.take().size() == 2);
}

TEST_CASE("an alias: the recipients of one message are bounded") {
    const auto bob =
        decided({record::Mailbox::parse("bob@example.org").value()}, std::nullopt, Submitter::stranger);
    Addressed all;
    std::vector<queue::NewRecipient> many;
    for (std::size_t i = 0; i < mostRecipients; ++i) {
        many.push_back(bob->front());
        many.back().route = record::Route::parse("h" + std::to_string(i)).value();
    }
    CHECK(all.add(std::move(many), sample()));
    const auto more = all.add(*bob, sample());
    REQUIRE_FALSE(more);
    CHECK(smtp::toLogText(more.error()) == "452 4.5.3 Error: too many recipients behind the aliases");
    CHECK(all.take().size() == mostRecipients);
}

TEST_CASE("rule 52: one mailbox gets one copy, however its recipients are spelled") {
    struct Row {
        const char* why;
        std::vector<const char*> recipients;
        std::string want;
    };
    const Row rows[] = {
        {"twice", {"bob@example.org", "bob@example.org"}, "bob@example.org"},
        {"another case", {"bob@example.org", "Bob@EXAMPLE.org", "BOB@example.org"}, "bob@example.org"},
        {"quoted", {"bob@example.org", "\"Bob\"@example.org"}, "bob@example.org"},
        {"an alias of it", {"Bob@example.org", "info@example.org"}, "Bob@example.org"},
        {"an alias that spells it otherwise", {"bob@example.org", "boss@example.org"}, "bob@example.org"},
        {"two aliases", {"info@example.org", "boss@example.org"}, "bob@example.org"},
        {"a subaddress is another address",
         {"bob@example.org", "bob+news@example.org", "Bob+News@example.org"},
         "bob@example.org bob+news@example.org"},
        {"others' local parts are theirs (RFC 5321 §2.4)",
         {"eve@far.example", "Eve@far.example"},
         "eve@far.example Eve@far.example"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Addressed all;
        for (const auto* recipient : row.recipients)
            CHECK(
                all.add(decided({record::Mailbox::parse(recipient).value()}, std::nullopt, Submitter::network)
                            .value(),
                        sample()));
        std::string found;
        for (const auto& one : all.take())
            found += (found.empty() ? "" : " ") + one.address.toText();
        CHECK(found == row.want);
    }
}

TEST_CASE("SRS: an address of it takes reports, and what our own clients send") {
    const auto author = record::Mailbox::parse("kim@example.com").value();
    const auto made =
        sample().srs->forward(author, base::DomainName::parse("example.org").value(), now)->toText();
    struct Row {
        const char* why;
        record::ReversePath sender;
        Submitter submitter;
        SrsFrom srsFrom;
        std::string want;
    };
    const std::string refusal =
        "550 5.7.1 <" + made + ">: This address takes reports of failed delivery alone";
    const auto eve = record::Mailbox::parse("eve@far.example").value();
    const auto bob = record::Mailbox::parse("bob@example.org").value();
    const Row rows[] = {
        {"a report", std::nullopt, Submitter::stranger, SrsFrom::reports, "example.com"},
        {"a stranger's mail", eve, Submitter::stranger, SrsFrom::reports, refusal},
        {"anyone can write one of ours", bob, Submitter::stranger, SrsFrom::reports, refusal},
        {"our client's mail", bob, Submitter::network, SrsFrom::reports, "example.com"},
        {"where it is allowed", eve, Submitter::stranger, SrsFrom::anyone, "example.com"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto found = decideRecipient({record::Mailbox::parse(made).value()}, sample(),
                                           {row.sender, row.submitter, row.srsFrom}, now);
        CHECK((found ? found->front().route.text() : smtp::toLogText(found.error())) == row.want);
    }
}

TEST_CASE("relay_networks: empty by default, and by network") {
    const auto client = *base::IpAddress::parse("192.0.2.7");
    CHECK(submitterOf(client, {}) == Submitter::stranger);
    CHECK(submitterOf(client, {base::Network::parse("192.0.2.0/24").value()}) == Submitter::network);
    CHECK(submitterOf(client, {base::Network::parse("198.51.100.0/24").value()}) == Submitter::stranger);
}

}  // namespace postseal::receive
