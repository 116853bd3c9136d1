#include "deliver/attempt.hpp"

#include "deliver/house_test.hpp"
#include "deliver/peer_test.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <future>

using namespace postseal;
using namespace postseal::deliver;
using namespace postseal::deliver::test;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string>;
using Means = RecipientEnd::Means;

task::Awaitable<void> attemptAndTell(DeliveryServices* services, queue::Lease lease,
                                     std::promise<Outcome>* told) {
    Link link;
    auto outcome = co_await attempt(*services, link, lease);
    co_await link.close();
    told->set_value(std::move(outcome));
}

/// One attempt with a message that is in no queue.
Outcome outcomeOf(House& house, const queue::NewMessage& message) {
    store::Batch notCommitted;
    auto leases = queue::put(notCommitted, message);
    REQUIRE(leases.size() == 1);
    Dispatcher& home = house.dispatchers->homeOf(leases[0].route.text());
    std::promise<Outcome> told;
    auto* where = &told;
    boost::asio::post(home.core().context, [&home, where, lease = std::move(leases[0])]() mutable {
        task::spawn(home.core(), attemptAndTell(&home.services(), std::move(lease), where), "attempt");
    });
    auto future = told.get_future();
    REQUIRE(future.wait_for(20s) == std::future_status::ready);
    return future.get();
}

/// `x@example.net delivered 2.0.0`
Strings endsOf(const Outcome& outcome) {
    Strings ends;
    for (const auto& end : outcome.recipients)
        ends.push_back(end.recipient.address.toText() + " " + std::string(toText(end.result)) + " " +
                       toText(end.reason.dsn));
    std::ranges::sort(ends);
    return ends;
}

const std::string full = "250-peer.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN";

}  // namespace

TEST_CASE(
    "RFC 2033: LMTP over a Unix socket ends in the mailbox: no policy, no TLS, each recipient for himself") {
    const store::TempDir dir;
    const auto path = dir.path() / "lmtp";
    Peer peer(record::UnixSocket{path.string()}, {{". full@", {"552 5.2.2 quota exceeded"}},
                                                  {". later@", {"452 4.2.2 quota exceeded"}},
                                                  {"RCPT TO:<gone@", {"550 5.1.1 unknown"}}});
    House house;
    const auto outcome = outcomeOf(
        house, house.message("a@example.com",
                             {"x@example.net", "full@example.net", "gone@example.net", "later@example.net"},
                             "lmtp:unix:" + path.string()));

    CHECK(endsOf(outcome) == Strings{"full@example.net bounced 5.2.2", "gone@example.net bounced 5.1.1",
                                     "later@example.net deferred 4.2.2", "x@example.net delivered 2.0.0"});
    REQUIRE(outcome.hops.size() == 1);
    const auto& hop = outcome.hops[0];
    CHECK(hop.local);
    CHECK(!hop.requirement);
    CHECK(!hop.assurance);
    CHECK(hop.protocol == "LMTP");
    CHECK(outcome.recipients[0].relay == "localhost[" + path.string() + "]");
    const auto x = std::ranges::find(outcome.recipients, record::HopResult::delivered, &RecipientEnd::result);
    CHECK(x->means == Means::final);
    CHECK(peer.heard().at(0).text.starts_with("Received: from a by b; today\r\nSubject: hello\r\n"));
}

TEST_CASE("a Unix socket that is missing, or whose path is too long, is a passing trouble") {
    House house;
    for (const auto& path : {std::string("/nonexistent/lmtp"), "/" + std::string(300, 'x')}) {
        const auto outcome =
            outcomeOf(house, house.message("a@example.com", {"x@example.net"}, "lmtp:unix:" + path));
        CHECK(endsOf(outcome) == Strings{"x@example.net deferred 4.4.1"});
        CHECK(outcome.reached == Reached::no);
        CHECK(outcome.recipients[0].reason.words.starts_with("connect to " + path.substr(0, 15)));
    }
}

TEST_CASE("SMTP on localhost: no TLS is asked of a filter on this machine, whatever the message demands") {
    Peer peer;
    House house;
    for (const auto* host : {"[127.0.0.1]:", "[localhost]:"}) {
        auto message = house.message("", {"x@example.net"}, host + std::to_string(peer.port()));  // a report
        message.kept.tls = record::TlsDemand::required;
        const auto outcome = outcomeOf(house, message);
        CHECK(endsOf(outcome) == Strings{"x@example.net delivered 2.0.0"});
        CHECK(outcome.hops.at(0).local);
    }
    CHECK_FALSE(peer.heard().at(0).isLmtp);
    auto elsewhere = house.message("a@example.com", {"x@example.net"}, peer.nextHop());
    elsewhere.kept.tls = record::TlsDemand::required;
    CHECK(outcomeOf(house, elsewhere).recipients.at(0).result != record::HopResult::delivered);
}

TEST_CASE("LMTP over TCP: this machine by itself, others under the policy map's [host]:port") {
    Peer peer;
    const auto port = std::to_string(peer.port());
    House local("[127.0.0.1]:" + port + " secure match=nexthop\n");
    const auto here = local.message("a@example.com", {"x@example.net"}, "lmtp:[127.0.0.1]:" + port);
    const auto outcome = outcomeOf(local, here);
    CHECK(endsOf(outcome) == Strings{"x@example.net delivered 2.0.0"});
    CHECK(outcome.hops.at(0).local);
    CHECK(peer.heard().at(0).isLmtp);
    const auto named = local.message("a@example.com", {"x@example.net"}, "lmtp:[localhost]:" + port);
    CHECK(endsOf(outcomeOf(local, named)) == Strings{"x@example.net delivered 2.0.0"});

    House house("[lmtp.example.net]:" + port + " secure match=nexthop\n", {},
                {{{"lmtp.example.net", "127.0.0.1"}}, 25});
    const auto there = house.message("a@example.com", {"x@example.net"}, "lmtp:[lmtp.example.net]:" + port);
    const auto refused = outcomeOf(house, there);
    CHECK(endsOf(refused) == Strings{"x@example.net deferred 4.7.4"});
    CHECK(!refused.hops.at(0).local);
    CHECK(peer.heard().size() == 2);
}

TEST_CASE("RFC 5321 §5.1: addresses that refuse at once hide no backup behind them") {
    Peer peer;
    Dns dns{{}, peer.port()};
    for (int i = 0; i < 15; ++i)
        dns.hosts.emplace_back("mx" + std::to_string(i) + ".example.net", "127.0.1." + std::to_string(i + 1));
    dns.hosts.emplace_back("backup.example.net", "127.0.0.1");
    House house({}, {}, dns);
    const auto outcome = outcomeOf(house, house.message("a@example.com", {"x@example.net"}, "example.net"));
    CHECK(endsOf(outcome) == Strings{"x@example.net delivered 2.0.0"});
    CHECK(outcome.hops.size() == 16);
    CHECK(outcome.hops.at(0).failure == record::Why::unreached);
    CHECK(outcome.hops.at(15).failure == record::Why::none);
}

TEST_CASE("where not all addresses are tried at once, the last backup is, and the reason says so") {
    Peer peer({{"CONNECT", {"450 4.3.2 busy"}}});
    Dns dns{{}, peer.port()};
    for (int i = 0; i < 12; ++i)
        dns.hosts.emplace_back("mx" + std::to_string(i) + ".example.net", "127.0.0.1");
    House house({}, {}, dns);
    const auto outcome = outcomeOf(house, house.message("a@example.com", {"x@example.net"}, "example.net"));
    CHECK(endsOf(outcome) == Strings{"x@example.net deferred 4.3.2"});
    REQUIRE(outcome.hops.size() == 10);
    CHECK(outcome.hops[8].peer.name == "mx8.example.net");
    CHECK(outcome.hops[9].peer.name == "mx11.example.net");
    CHECK(outcome.recipients[0].reason.words.ends_with("; 10 of 12 addresses tried (addresses_per_attempt)"));
}

TEST_CASE("rules 45, 51: a host that demands TLS, and TLS that came to nothing: never a bounce at once") {
    const Peer::Replies demanding{{"EHLO", {"250-peer.example\r\n250 STARTTLS"}},
                                  {"MAIL", {"530 5.7.0 Must issue a STARTTLS command first"}},
                                  {"STARTTLS", {"454 4.7.0 TLS not available"}}};
    auto dropping = demanding;
    dropping["STARTTLS"] = {"421 4.7.0 no TLS today"};
    auto atRcpt = demanding;
    atRcpt.erase("MAIL");
    atRcpt["RCPT"] = {"550 5.7.10 Encryption needed"};
    auto without = demanding;
    without["EHLO"] = {"250 peer.example"};
    struct Row {
        const char* why;
        Peer::Replies replies;
        std::string words;
    };
    const Row rows[] = {
        {"454 to STARTTLS", demanding, "it refused STARTTLS: 454 4.7.0 TLS not available"},
        {"it leaves at STARTTLS", dropping, "the host ended the session: 421 4.7.0 no TLS today"},
        {"it says so at RCPT", atRcpt, "it refused STARTTLS: 454 4.7.0 TLS not available"},
        {"it does not offer it", without, "it does not offer STARTTLS"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Peer peer(row.replies);
        House house({}, {}, {{{"mx.example.net", "127.0.0.1"}}, peer.port()});
        const auto outcome =
            outcomeOf(house, house.message("a@example.com", {"x@example.net"}, "example.net"));
        CHECK(endsOf(outcome) == Strings{"x@example.net deferred 4.7.10"});
        const auto& reason = outcome.recipients.at(0).reason;
        CHECK(reason.dsnWhenReturned == record::Status("5.7.10"));
        CHECK(reason.words.starts_with("the host demands TLS (5"));
        CHECK(reason.words.find("), and " + row.words) != std::string::npos);
        CHECK(outcome.hops.back().failure == record::Why::demandsTls);
    }
    Peer peer({{"EHLO", {"250 peer.example"}}, {"MAIL", {"530 5.7.0 STARTTLS first", "250 ok"}}});
    House house({}, {}, {{{"a.example.net", "127.0.0.1"}, {"b.example.net", "127.0.0.1"}}, peer.port()});
    const auto outcome = outcomeOf(house, house.message("a@example.com", {"x@example.net"}, "example.net"));
    CHECK(endsOf(outcome) == Strings{"x@example.net delivered 2.0.0"});  // by the next host
}

TEST_CASE("RFC 3030 §2: a host that doesn't know BDAT gets the message by DATA at once, and for an hour") {
    const std::string notKnown = "502 5.5.1 Command not implemented";
    const std::string forEachLine = notKnown + "\r\n502 5.5.1 Command not implemented";
    for (const auto& refusal : {notKnown, forEachLine}) {  // or it takes the chunk for commands
        Peer peer({{"EHLO", {"250-peer.example\r\n250-PIPELINING\r\n250 CHUNKING"}},
                   {".", {refusal, "250 2.0.0 taken"}}});
        House house({}, {}, {{{"mx.example.net", "127.0.0.1"}}, peer.port()});
        for (int i = 0; i < 2; ++i) {
            const auto outcome =
                outcomeOf(house, house.message("a@example.com", {"x@example.net"}, "example.net"));
            CHECK(endsOf(outcome) == Strings{"x@example.net delivered 2.0.0"});
            CHECK(outcome.hops.size() == 1);
        }
        REQUIRE(peer.heard().size() == 2);
        CHECK(peer.heard()[0].connection == 2);  // nothing of the first is believed any more
        CHECK(peer.heard()[1].connection == 3);
        CHECK(peer.heard()[0].chunks == 0);
        CHECK(std::ranges::count(peer.commands(), std::string("RSET")) == 0);
        CHECK(std::ranges::count(peer.commands(), std::string("DATA")) == 2);
    }
}

TEST_CASE("RFC 5321 §4.5.4.1: a connection that takes no more is followed by a new one, not by a pause") {
    Peer peer({{"MAIL", {"250 ok", "452 4.5.3 Too many messages per session, reconnect", "250 ok"}}});
    House house({}, {}, {{{"mx.example.net", "127.0.0.1"}}, peer.port()});
    Strings recipients;
    for (int i = 0; i < 150; ++i)
        recipients.push_back("r" + std::to_string(i) + "@example.net");
    const auto outcome = outcomeOf(house, house.message("a@example.com", recipients, "example.net"));
    CHECK(std::ranges::count(outcome.recipients, record::HopResult::delivered, &RecipientEnd::result) == 150);
    CHECK(peer.connections() == 2);
}

TEST_CASE("RFC 3461 §6.2.6: what a success means to a sender who asked to be told") {
    struct Row {
        const char* why;
        const char* transport;
        std::string offers;
        Means means;
    };
    const Row rows[] = {
        {"SMTP with DSN: the peer will tell", "", full, Means::passedOn},
        {"SMTP without: nobody will tell more", "", "250 peer.example", Means::relayed},
        {"LMTP: in the mailbox", "lmtp:", "250 peer.example", Means::final},
        {"LMTP with DSN: the peer will tell", "lmtp:", full, Means::passedOn},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Peer peer({{"EHLO", {row.offers}}, {"LHLO", {row.offers}}});
        House house;
        auto message = house.message("a@example.com", {"x@example.net"}, row.transport + peer.nextHop());
        message.recipients[0].notify = {.isAsked = true, .success = true};
        const auto outcome = outcomeOf(house, message);
        REQUIRE(endsOf(outcome) == Strings{"x@example.net delivered 2.0.0"});
        CHECK(outcome.recipients[0].means == row.means);
    }
}

TEST_CASE("RFC 6531 §3.2: another host that offers SMTPUTF8 is asked before the message returns") {
    const Peer::Replies without{{"EHLO mx.example.org", {"250-peer.example\r\n250 PIPELINING", full}}};
    const Dns dns{{{"a.example.net", "127.0.0.1"}, {"b.example.net", "127.0.0.2"}}, 25};
    const auto play = [&](const Peer::Replies& replies) {
        Peer peer(replies);
        auto both = dns;
        both.port = peer.port();
        both.hosts[1].second = "127.0.0.1";
        House house({}, {}, both);
        auto message = house.message("a@example.com", {"x@example.net"}, "example.net");
        message.kept.smtpUtf8 = true;
        return endsOf(outcomeOf(house, message));
    };
    CHECK(play(without) == Strings{"x@example.net delivered 2.0.0"});
    CHECK(play({{"EHLO", {"250 peer.example"}}}) == Strings{"x@example.net bounced 5.6.7"});
    CHECK(play({{"EHLO", {full, "250 peer.example"}}, {"RCPT", {"450 4.2.0 later"}}}) ==
          Strings{"x@example.net deferred 4.2.0"});
    CHECK(play({{"EHLO", {"250 peer.example", full}}, {"RCPT", {"450 4.2.0 later"}}}) ==
          Strings{"x@example.net deferred 4.2.0"});
    CHECK(play({{"EHLO", {"250 peer.example"}}, {"CONNECT", {"220 peer", "421 busy"}}}) ==
          Strings{"x@example.net bounced 5.6.7"});
}

TEST_CASE("RFC 5321 §4.5.3.1.8: more than 100 recipients go in several transactions of one connection") {
    Peer peer;
    House house;
    Strings recipients;
    for (int i = 0; i < 250; ++i)
        recipients.push_back("r" + std::to_string(i) + "@example.net");
    const auto outcome = outcomeOf(house, house.message("a@example.com", recipients, peer.nextHop()));
    CHECK(std::ranges::count(outcome.recipients, record::HopResult::delivered, &RecipientEnd::result) == 250);
    REQUIRE(peer.heard().size() == 3);
    CHECK(peer.heard()[0].recipients.size() == 100);
    CHECK(peer.heard()[2].recipients.size() == 50);
    CHECK(peer.connections() == 1);
}

TEST_CASE("RFC 3030: a large text goes in chunks to who takes them, byte for byte") {
    Peer peer({{"EHLO", {"250-peer.example\r\n250-PIPELINING\r\n250 CHUNKING"}}});
    House house;
    auto message = house.message("a@example.com", {"x@example.net"}, peer.nextHop());
    std::string text = "Subject: large\r\n\r\n";
    for (int i = 0; i < 50'000; ++i)
        text += ".line " + std::to_string(i) + std::string(static_cast<std::size_t>(i) % 97, 'x') + "\r\n";
    message.kept.body = queue::Body::inMemory(text);
    CHECK(endsOf(outcomeOf(house, message)) == Strings{"x@example.net delivered 2.0.0"});
    REQUIRE(peer.heard().size() == 1);
    CHECK(peer.heard()[0].text == message.kept.prefix + text);
    CHECK(peer.heard()[0].chunks > 0);
}

TEST_CASE("rule 29: where no host will do for REQUIRETLS, the message returns at once (RFC 8689 §4.2.1)") {
    struct Row {
        const char* why;
        std::string_view sender;
        std::vector<std::pair<std::string, std::string>> hosts;
        record::TlsDemand tls;
        std::string end;
    };
    const std::pair<std::string, std::string> inClear{"mx1.example.net", "127.0.0.1"},
        again{"mx2.example.net", "127.0.0.1"}, nowhere{"mx3.example.net", ""};
    using enum record::TlsDemand;
    const Row rows[] = {
        {"every host was asked", "a@example.com", {inClear, again}, required, "x@example.net bounced 5.7.10"},
        {"one could not be", "a@example.com", {inClear, nowhere}, required, "x@example.net deferred 4.7.4"},
        {"whichever it is", "a@example.com", {nowhere, inClear}, required, "x@example.net deferred 4.7.4"},
        {"a report waits for TLS (§5)", "", {inClear, again}, required, "x@example.net deferred 4.7.4"},
        {"nothing is asked", "a@example.com", {inClear}, none, "x@example.net delivered 2.0.0"},
        {"nor with TLS-Required: No", "a@example.com", {inClear}, optional, "x@example.net delivered 2.0.0"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Peer peer;
        House house({}, {}, {row.hosts, peer.port()});
        auto message = house.message(row.sender, {"x@example.net"}, "example.net");
        message.kept.tls = row.tls;
        const auto outcome = outcomeOf(house, message);
        CHECK(endsOf(outcome) == Strings{row.end});
        CHECK(peer.heard().size() == (row.tls == required ? 0 : 1));
        for (const auto& hop : outcome.hops)
            CHECK((!hop.requirement || row.tls != required || !hop.claims.empty()));
        if (row.end.find("bounced") == std::string::npos) continue;
        CHECK(outcome.recipients[0].reason.dsnWhenReturned == record::Status("5.7.10"));
        CHECK(outcome.recipients[0].reason.forSender != record::InLanguages<std::string>{});
    }
}
