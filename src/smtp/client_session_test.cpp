#include "smtp/client_session.hpp"

#include "smtp/client_player.hpp"

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <chrono>

namespace postseal::smtp {
namespace {

using namespace client_action;
using namespace std::chrono_literals;
using record::Level;
using Strings = std::vector<std::string>;

record::Mailbox mailbox(std::string_view text) {
    return *record::Mailbox::parse(text);
}

record::Envelope envelopeTo(const Strings& recipients) {
    record::Envelope envelope{mailbox("from@example.net"), {}, record::BodyType::sevenBit, 100};
    for (const auto& recipient : recipients)
        envelope.recipients.push_back({mailbox(recipient)});
    return envelope;
}

/// A session that was played, to be read in a table.
struct Seen {
    std::string said;
    Strings outcomes;     // of all transactions: `a delivered 2.0.0`
    std::string failure;  // `tlsRefused 4.7.4 words`; empty: none
    std::optional<SessionFailure> whole;
};

constexpr std::string_view kindNames[] = {"temporary", "permanent", "violation", "tlsRefused",
                                          "tlsFailed", "tlsUnmet",  "stale"};

Seen shown(const Play& given, const Played& played) {
    Seen seen{played.said, {}, {}, played.failure};
    for (std::size_t i = 0; i < played.outcomes.size(); ++i)
        for (std::size_t j = 0; j < played.outcomes[i].size(); ++j) {
            const auto& outcome = played.outcomes[i][j];
            CHECK(outcome.source != RecipientResult::Source::none);
            seen.outcomes.push_back(given.envelopes[i].recipients[j].mailbox.local() + " " +
                                    std::string(record::toText(outcome.result)) + " " + outcome.status);
        }
    if (const auto& failure = played.failure)
        seen.failure = std::string(kindNames[static_cast<std::size_t>(failure->kind)]) + " " +
                       failure->status + " " + failure->words;
    return seen;
}

/// The same in chunks of every kind: the result never depends on them.
Seen play(Play given) {
    if (given.envelopes.empty()) given.envelopes = {envelopeTo({"a@example.org"})};
    const auto played = ClientPlayer(given, 4096).play();
    CHECK(played.broken.empty());
    for (const std::size_t chunk : {1U, 2U, 7U})
        CHECK(ClientPlayer(given, chunk).play() == played);
    return shown(given, played);
}

const std::string plain = "250-mx\r\n250 HELP\r\n";
const std::string pipelining = "250-mx\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 8BITMIME\r\n";
const std::string withTls = "250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n";
const std::string ok = "250 2.0.0 Ok\r\n";
const std::string go = "354 go\r\n";
const std::string text = "Hi\r\n..dot\r\n.\r\n";
const std::string helo = "EHLO client.example\r\n";
const std::string group = "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n";
const std::string sizedGroup = "MAIL FROM:<from@example.net> SIZE=100\r\nRCPT TO:<a@example.org>\r\nDATA\r\n";
const std::string quit = "QUIT\r\n";

struct Row {
    const char* why;
    Play given;
    std::string said;
    Strings outcomes;
    std::string failure;
};

void check(std::span<const Row> rows) {
    for (const auto& row : rows) {
        INFO(row.why);
        const auto seen = play(row.given);
        CHECK(seen.said == row.said);
        CHECK(seen.outcomes == row.outcomes);
        CHECK(seen.failure.substr(0, row.failure.size()) == row.failure);
        CHECK(seen.failure.empty() == row.failure.empty());
    }
}

}  // namespace

TEST_CASE("RFC 5321 §3.3, RFC 2920: one transaction") {
    const Row rows[] = {
        {"without extensions, each command waits for its reply",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok}},
         helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"PIPELINING, SIZE",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"a greeting of several lines",
         {.peer = {"220-mx\r\n220 hi\r\n", pipelining, ok + ok + go, "250\r\n"}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"no EHLO: HELO",
         {.peer = {"220 mx\r\n", "502 5.5.1 what\r\n", "250 mx\r\n", ok, ok, go, ok}},
         helo + "HELO client.example\r\n" + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"the null sender",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok},
          .envelopes = {record::Envelope{.sender = std::nullopt,
                                         .recipients = {{mailbox("a@example.org")}},
                                         .body = record::BodyType::sevenBit,
                                         .declaredBytes = {}}}},
         helo + "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n" + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"8BITMIME where it is offered",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok},
          .envelopes = {record::Envelope{.sender = std::nullopt,
                                         .recipients = {{mailbox("a@example.org")}},
                                         .body = record::BodyType::eightBitMime,
                                         .declaredBytes = {}}}},
         helo + "MAIL FROM:<> BODY=8BITMIME\r\nRCPT TO:<a@example.org>\r\nDATA\r\n" + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"8 bits go as they are where it is not",
         {.peer = {"220 mx\r\n", plain, ok, ok, go, ok},
          .envelopes = {record::Envelope{.sender = std::nullopt,
                                         .recipients = {{mailbox("a@example.org")}},
                                         .body = record::BodyType::eightBitMime,
                                         .declaredBytes = {}}},
          .text = {"\xff\r\n"}},
         helo + "MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nDATA\r\n\xff\r\n.\r\n" + quit,
         {"a delivered 2.0.0"},
         ""},
        {"RFC 1870: what the peer does not take is not sent",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 SIZE 99\r\n"}},
         helo + quit,
         {"a bounced 5.3.4"},
         ""},
        {"SIZE 0 is no limit",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 SIZE 0\r\n", ok, ok, go, ok}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"RFC 2033: LMTP answers for each accepted recipient",
         {.peer = {"220 mx\r\n", "250-mx\r\n250 PIPELINING\r\n", ok + ok + "550 no\r\n" + ok + go,
                   ok + "452 full\r\n"},
          .envelopes = {envelopeTo({"a@x.org", "b@x.org", "c@x.org"})},
          .dialect = Dialect::lmtp},
         "LHLO client.example\r\nMAIL FROM:<from@example.net>\r\nRCPT TO:<a@x.org>\r\nRCPT TO:<b@x.org>\r\n"
         "RCPT TO:<c@x.org>\r\nDATA\r\n" +
             text + quit,
         {"a delivered 2.0.0", "b bounced 5.0.0", "c deferred 4.0.0"},
         ""},
    };
    check(rows);
}

TEST_CASE("RFC 5321 §4.2: refusals, recipient by recipient") {
    const auto two = envelopeTo({"a@example.org", "b@example.org"});
    const std::string twoGroup = "MAIL FROM:<from@example.net> SIZE=100\r\nRCPT TO:<a@example.org>\r\n"
                                 "RCPT TO:<b@example.org>\r\nDATA\r\n";
    const Strings begin{"220 mx\r\n", pipelining};
    const auto then = [&](Strings more) {
        auto all = begin;
        all.insert(all.end(), more.begin(), more.end());
        return all;
    };
    const Row rows[] = {
        {"one refused for good, one taken",
         {.peer = then({ok + "550 5.1.1 no\r\n" + ok + go, ok}), .envelopes = {two}},
         helo + twoGroup + text + quit,
         {"a bounced 5.1.1", "b delivered 2.0.0"},
         ""},
        {"one refused for now, the text too",
         {.peer = then({ok + "450 4.2.1 later\r\n" + ok + go, "554 5.6.0 spam\r\n"}), .envelopes = {two}},
         helo + twoGroup + text + quit,
         {"a deferred 4.2.1", "b bounced 5.6.0"},
         ""},
        {"RFC 5321 §4.5.3.1.10: 552 at RCPT is 452",
         {.peer = then({ok + ok + "552 5.5.3 too many\r\n" + go, ok}), .envelopes = {two}},
         helo + twoGroup + text + quit,
         {"a delivered 2.0.0", "b deferred 4.5.3"},
         ""},
        {"MAIL refused",
         {.peer = then({"550 5.7.1 you\r\n503 x\r\n503 x\r\n"})},
         helo + sizedGroup + quit,
         {"a bounced 5.7.1"},
         ""},
        {"MAIL refused for now",
         {.peer = then({"451 4.3.0 x\r\n503 x\r\n503 x\r\n"})},
         helo + sizedGroup + quit,
         {"a deferred 4.3.0"},
         ""},
        {"RFC 2920 §3.1: all recipients refused, but DATA not: a lone dot",
         {.peer = then({ok + "550 5.1.1 no\r\n" + go, "554 5.5.1 empty\r\n"})},
         helo + sizedGroup + ".\r\n" + quit,
         {"a bounced 5.1.1"},
         ""},
        {"a peer that takes the lone dot delivered nothing",
         {.peer = then({ok + "550 5.1.1 no\r\n" + go, ok})},
         helo + sizedGroup + ".\r\n" + quit,
         {"a bounced 5.1.1"},
         ""},
        {"DATA refused",
         {.peer = then({ok + ok + "451 4.3.0 disk\r\n"})},
         helo + sizedGroup + quit,
         {"a deferred 4.3.0"},
         ""},
        {"without PIPELINING no DATA follows refused recipients",
         {.peer = {"220 mx\r\n", plain, ok, "550 5.1.1 no\r\n"}},
         helo + "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\n" + quit,
         {"a bounced 5.1.1"},
         ""},
        {"without PIPELINING no RCPT follows a refused MAIL",
         {.peer = {"220 mx\r\n", plain, "550 no\r\n"}},
         helo + "MAIL FROM:<from@example.net>\r\n" + quit,
         {"a bounced 5.0.0"},
         ""},
        {"421 in between: what is decided stays, the rest is deferred",
         {.peer = then({ok + "550 5.1.1 no\r\n421 4.3.2 down\r\n"}), .envelopes = {two}},
         helo + twoGroup,
         {"a bounced 5.1.1", "b deferred 4.3.2"},
         "temporary 4.3.2 the host ended"},
        {"421 at the final dot",
         {.peer = then({ok + ok + go, "421 down\r\n"})},
         helo + sizedGroup + text,
         {"a deferred 4.0.0"},
         "temporary 4.0.0"},
        {"lost before the final reply",
         {.peer = then({ok + ok + go, "250 2.0.0 o"})},
         helo + sizedGroup + text,
         {"a deferred 4.4.2"},
         "temporary 4.4.2 the connection was lost"},
    };
    check(rows);
}

TEST_CASE("RFC 5321 §3.1: a host that does not talk to us") {
    const Row rows[] = {
        {"4xx greeting", {.peer = {"421 busy\r\n"}}, "", {}, "temporary 4.0.0"},
        {"450 greeting", {.peer = {"450 4.3.2 busy\r\n"}}, quit, {}, "temporary 4.3.2"},
        {"5xx greeting", {.peer = {"554 5.7.1 go away\r\n"}}, quit, {}, "permanent 5.7.1"},
        {"5xx greeting under a demand: it came in clear",
         {.level = Level::encrypt, .peer = {"554 5.7.1 go away\r\n"}},
         quit,
         {},
         "temporary 4.7.1"},
        {"3xx greeting", {.peer = {"354 go\r\n"}}, "", {}, "violation 4.5.0"},
        {"no greeting",
         {.peer = {""}},
         "",
         {},
         "temporary 4.4.2 the connection was lost while we waited for the greeting"},
        {"4xx to EHLO", {.peer = {"220 mx\r\n", "450 no\r\n"}}, helo + quit, {}, "temporary 4.0.0"},
        {"5xx to HELO too",
         {.peer = {"220 mx\r\n", "550 no\r\n", "550 5.7.0 no\r\n"}},
         helo + "HELO client.example\r\n" + quit,
         {},
         "permanent 5.7.0"},
        {"LMTP has no HELO",
         {.peer = {"220 mx\r\n", "550 5.0.1 no\r\n"}, .dialect = Dialect::lmtp},
         "LHLO client.example\r\n" + quit,
         {},
         "permanent 5.0.1"},
    };
    check(rows);
}

TEST_CASE("rules 42, 45, 51: STARTTLS by requirement") {
    const std::string start = helo + "STARTTLS\r\n", ready = "220 ready\r\n";
    const Row rows[] = {
        {"may: offered, used, all before is forgotten",
         {.peer = {"220 mx\r\n", withTls, ready, plain, ok, ok, go, ok}},
         start + "<tls>" + helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"may: not offered",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok}},
         helo + sizedGroup + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"none: offered, not used",
         {.level = Level::none, .peer = {"220 mx\r\n", withTls, ok + ok + go, ok}},
         helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"may: refused, goes on in clear as Postfix does",
         {.peer = {"220 mx\r\n", withTls, "454 4.7.0 no\r\n", ok + ok + go, ok}},
         start + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"may: the handshake failed before, so not again",
         {.peer = {"220 mx\r\n", withTls, ok + ok + go, ok}, .attempt = TlsAttempt::inClear},
         helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"encrypt: met",
         {.level = Level::encrypt, .peer = {"220 mx\r\n", withTls, ready, plain, ok, ok, go, ok}},
         start + "<tls>" + helo + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"encrypt: no caller's wish makes it clear",
         {.level = Level::encrypt, .peer = {"220 mx\r\n", plain}, .attempt = TlsAttempt::inClear},
         helo + quit,
         {},
         "tlsRefused 4.7.4 TLS is required, but the host does not offer it"},
        {"encrypt: not offered",
         {.level = Level::encrypt, .peer = {"220 mx\r\n", plain}},
         helo + quit,
         {},
         "tlsRefused 4.7.4"},
        {"secure: 454",
         {.level = Level::secure, .peer = {"220 mx\r\n", withTls, "454 4.7.0 no\r\n"}},
         start + quit,
         {},
         "tlsRefused 4.7.4"},
        {"secure: 500",
         {.level = Level::secure, .peer = {"220 mx\r\n", withTls, "500 5.5.1 what\r\n"}},
         start + quit,
         {},
         "tlsRefused 4.7.4"},
        {"secure: 502",
         {.level = Level::secure, .peer = {"220 mx\r\n", withTls, "502 no\r\n"}},
         start + quit,
         {},
         "tlsRefused 4.7.4"},
        {"secure: 421",
         {.level = Level::secure, .peer = {"220 mx\r\n", withTls, "421 no\r\n"}},
         start,
         {},
         "temporary 4.0.0"},
        {"secure: EHLO refused, no HELO",
         {.level = Level::secure, .peer = {"220 mx\r\n", "500 what\r\n"}},
         helo + quit,
         {},
         "tlsRefused 4.7.4"},
        {"secure: the certificate is not the one demanded: nothing of the envelope leaves",
         {.level = Level::secure,
          .peer = {"220 mx\r\n", withTls, ready},
          .verdict = TlsVerdict{false, "wrong name"}},
         start + "<tls>" + quit,
         {},
         "tlsUnmet 4.7.5 wrong name"},
        {"secure: the handshake fails",
         {.level = Level::secure, .peer = {"220 mx\r\n", withTls, ready}, .verdict = std::nullopt},
         start + "<tls>",
         {},
         "tlsFailed 4.7.5 the TLS handshake failed: no shared cipher"},
        {"after TLS EHLO may be refused: HELO is as protected",
         {.level = Level::encrypt,
          .peer = {"220 mx\r\n", withTls, ready, "502 no\r\n", "250 mx\r\n", ok, ok, go, ok}},
         start + "<tls>" + helo + "HELO client.example\r\n" + group + text + quit,
         {"a delivered 2.0.0"},
         ""},
        {"an octet behind the 220 was injected",
         {.peer = {"220 mx\r\n", withTls, ready + "2"}},
         start,
         {},
         "violation 4.5.0"},
        {"a reply behind the 220 was injected",
         {.level = Level::encrypt, .peer = {"220 mx\r\n", withTls, ready + pipelining}},
         start,
         {},
         "violation 4.5.0"},
        {"250 is no answer to STARTTLS", {.peer = {"220 mx\r\n", withTls, ok}}, start, {}, "violation 4.5.0"},
    };
    check(rows);

    Play broken{.peer = {"220 mx\r\n", withTls, ready}, .verdict = std::nullopt};
    CHECK(play(broken).whole->then == SessionFailure::Then::sameHostInClear);
    broken.peer.back() = "421 no\r\n";
    CHECK(play(broken).whole->then == SessionFailure::Then::sameHostInClear);
    broken.peer.back() = "";
    CHECK(play(broken).whole->then == SessionFailure::Then::sameHostInClear);
    for (const auto level : {Level::encrypt, Level::fingerprint, Level::verify, Level::secure})
        for (const auto* reply : {"220 ready\r\n", "421 no\r\n", "454 no\r\n", ""}) {
            const auto seen =
                play({.level = level, .peer = {"220 mx\r\n", withTls, reply}, .verdict = std::nullopt});
            CHECK(seen.whole->then == SessionFailure::Then::nextHost);
            CHECK(seen.whole->status.front() == '4');
        }
}

TEST_CASE("rule 50: replies out of step are not believed") {
    const std::string begin = helo + sizedGroup;
    const Row rows[] = {
        {"rubbish behind the final reply",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok + "x"}},
         begin + text,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"a second final reply",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok + ok}},
         begin + text,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"rubbish as the final reply",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, "Ok\r\n"}},
         begin + text,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"354 as the final reply",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, go}},
         begin + text,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"250 before the text is out",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go + ok}},
         begin,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"250 to DATA",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + ok}},
         begin,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"354 to MAIL",
         {.peer = {"220 mx\r\n", pipelining, go + ok + ok}},
         begin,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"354 to RCPT",
         {.peer = {"220 mx\r\n", pipelining, ok + go + ok}},
         begin,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"more replies than commands",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go + "2"}},
         begin,
         {"a deferred 4.5.0"},
         "violation 4.5.0"},
        {"an octet before EHLO", {.peer = {"220 mx\r\n2"}}, "", {}, "violation 4.5.0"},
        {"the EHLO reply before EHLO", {.peer = {"220 mx\r\n" + pipelining}}, "", {}, "violation 4.5.0"},
        {"an octet after the EHLO reply", {.peer = {"220 mx\r\n", plain + " "}}, helo, {}, "violation 4.5.0"},
        {"rule 49: a greeting without end",
         {.peer = {"220-" + std::string(70000, 'x')}},
         "",
         {},
         "violation 4.5.0"},
        {"334 to EHLO", {.peer = {"220 mx\r\n", "334 \r\n"}}, helo, {}, "violation 4.5.0"},
    };
    check(rows);
}

TEST_CASE("RFC 5321 §3.3: a connection is used again") {
    const std::vector two{envelopeTo({"a@example.org"}), envelopeTo({"b@example.org"})};
    const std::string second = "MAIL FROM:<from@example.net> SIZE=100\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";
    const Row rows[] = {
        {"MAIL follows the final reply at once",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok, ok + ok + go, ok}, .envelopes = two},
         helo + sizedGroup + text + second + text + quit,
         {"a delivered 2.0.0", "b delivered 2.0.0"},
         ""},
        {"RSET where the transaction before was left open",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + "451 x\r\n", ok + ok + ok + go, ok}, .envelopes = two},
         helo + sizedGroup + "RSET\r\n" + second + text + quit,
         {"a deferred 4.0.0", "b delivered 2.0.0"},
         ""},
        {"RSET without PIPELINING",
         {.peer = {"220 mx\r\n", plain, ok, "550 no\r\n", ok, ok, ok, go, ok}, .envelopes = two},
         helo +
             "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\nRSET\r\n"
             "MAIL FROM:<from@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n" +
             text + quit,
         {"a bounced 5.0.0", "b delivered 2.0.0"},
         ""},
        {"no RSET after a refused MAIL",
         {.peer = {"220 mx\r\n", pipelining, "451 x\r\n503 x\r\n503 x\r\n", ok + ok + go, ok},
          .envelopes = two},
         helo + sizedGroup + second + text + quit,
         {"a deferred 4.0.0", "b delivered 2.0.0"},
         ""},
        {"gone meanwhile: the second is tried anew",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok, ""}, .envelopes = two},
         helo + sizedGroup + text + second,
         {"a delivered 2.0.0", "b deferred 4.4.2"},
         "stale 4.4.2"},
        {"421 to the second MAIL: as well",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok, "421 4.4.2 idle\r\n"}, .envelopes = two},
         helo + sizedGroup + text + second,
         {"a delivered 2.0.0", "b deferred 4.4.2"},
         "stale 4.4.2"},
        {"gone after it answered: not stale",
         {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok, ok}, .envelopes = two},
         helo + sizedGroup + text + second,
         {"a delivered 2.0.0", "b deferred 4.4.2"},
         "temporary 4.4.2"},
    };
    check(rows);
}

TEST_CASE("rule 50: an octet on an idle connection ends it before the next MAIL") {
    ClientSession session(std::make_shared<ClientSettings>(ClientSettings{"c.example"}), {Level::none});
    const auto until = [&](auto wanted, std::string_view bytes) {
        auto action = session.next({});
        for (int i = 0; i < 10 && !std::holds_alternative<decltype(wanted)>(action); ++i) {
            if (std::holds_alternative<Read>(action)) session.received(std::exchange(bytes, {}));
            if (std::holds_alternative<NeedBody>(action)) session.body("x", BodyPart::last);
            action = session.next({});
        }
        REQUIRE(std::holds_alternative<decltype(wanted)>(action));
        return session.next({});
    };
    CHECK(std::holds_alternative<Read>(session.start({})));
    session.received("220 mx\r\n");
    until(Write{}, "");
    until(Ready{}, pipelining);
    session.transact(envelopeTo({"a@example.org"}));
    until(Write{}, "");
    until(NeedBody{}, ok + ok + go);
    session.body("x", BodyPart::last);
    until(Write{}, "");
    until(Ready{}, ok);
    CHECK(session.outcomes()[0].result == record::HopResult::delivered);
    session.transact(envelopeTo({"b@example.org"}));
    CHECK(std::holds_alternative<Peek>(session.next({})));
    session.received("421 4.4.2 idle\r\n");
    CHECK(std::holds_alternative<Close>(session.next({})));
    CHECK(session.failure()->kind == SessionFailure::Kind::stale);
    CHECK(session.failure()->then == SessionFailure::Then::sameHostAnew);
}

namespace {

/// A server that agrees to every command of what was written.
void answerEach(ClientSession& session, const std::string& written) {
    for (std::size_t at = 0; at < written.size(); at = written.find('\n', at) + 1) {
        const auto line = written.substr(at, 4);
        if (line != "QUIT") session.received(line == "EHLO" ? pipelining : line == "DATA" ? go : ok);
        if (line == ".\r\n") return;
    }
}

}  // namespace

TEST_CASE("RFC 2920 §3.1: many recipients never fill both directions") {
    Strings names;
    for (int i = 0; i < 1000; ++i)
        names.push_back("recipient" + std::to_string(i) + "@long-name-of-a-host.example.org");
    ClientSession session(std::make_shared<ClientSettings>(ClientSettings{"c.example"}), {Level::none});
    std::size_t largest = 0, envelopes = 0;
    auto action = session.start({});
    session.received("220 mx\r\n");
    for (; !std::holds_alternative<Close>(action); action = session.next({})) {
        if (const auto* write = std::get_if<Write>(&action)) {
            largest = std::max(largest, write->bytes.size());
            answerEach(session, std::string(write->bytes));
        } else if (std::holds_alternative<NeedBody>(action)) {
            session.body("", BodyPart::last);
        } else if (std::holds_alternative<Ready>(action)) {
            envelopes++ == 0 ? session.transact(envelopeTo(names)) : session.quit();
        }
    }
    CHECK(largest < 17 * 1024);
    CHECK(!session.failure());
    CHECK(session.outcomes().size() == 1000);
    CHECK(session.outcomes()[999].result == record::HopResult::delivered);
}

TEST_CASE("rule 48: each reply has its time as a whole, and so has the text") {
    const base::Tick zero{};
    ClientSession session(std::make_shared<ClientSettings>(ClientSettings{"c.example"}), {Level::none});
    const auto next = [&](std::chrono::seconds at) { return session.next(zero + at); };
    const auto limit = [&] { return session.deadline() - zero; };

    session.start(zero);
    CHECK(limit() == 300s);
    session.received("220 ");
    CHECK(std::holds_alternative<Read>(next(299s)));
    CHECK(limit() == 300s);  // an octet a second gains nothing
    session.received("mx\r\n");
    next(299s);  // Peek
    next(299s);  // EHLO
    next(299s);
    CHECK(limit() == 599s);
    session.received(pipelining);
    next(300s);
    CHECK(std::holds_alternative<Ready>(next(300s)));
    CHECK(session.deadline() == base::Tick::max());

    session.transact(envelopeTo({"a@example.org", "b@example.org"}));
    next(1000s);
    next(1000s);  // MAIL, RCPT, RCPT, DATA
    next(1000s);
    CHECK(limit() == 1300s);
    session.received(ok);
    next(1200s);
    CHECK(limit() == 1500s);  // each reply
    session.received(ok);
    next(1490s);
    session.received(ok);
    next(1700s);
    CHECK(limit() == 1820s);  // DATA: two minutes
    session.received(go);
    CHECK(std::holds_alternative<Peek>(next(1800s)));
    next(1800s);
    session.body(std::string(100'000, 'x'), BodyPart::more);
    CHECK(std::holds_alternative<Write>(next(1800s)));
    CHECK(limit() == 1980s);  // the first block
    next(1979s);
    CHECK(std::holds_alternative<NeedBody>(next(1979s)));
    session.body("end", BodyPart::last);
    next(1979s);
    CHECK(limit() == 1979s + 180s);  // 100,000 octets excuse 200 s
    next(2000s);
    CHECK(limit() == 2600s);  // ten minutes for the last reply
    session.timedOut();
    CHECK(std::holds_alternative<Close>(next(2600s)));
    CHECK(session.failure()->words == "timed out while we waited for the reply to the text");
    CHECK(session.outcomes()[1].result == record::HopResult::deferred);
}

TEST_CASE("rule 48: the replies of one envelope have their time together") {
    const base::Tick zero{};
    ClientSession session(std::make_shared<ClientSettings>(ClientSettings{"c.example"}), {Level::none});
    session.start(zero);
    session.received("220 mx\r\n");
    session.next(zero), session.next(zero), session.next(zero);
    session.received(pipelining);
    session.next(zero), session.next(zero);
    session.transact(envelopeTo(Strings(100, "a@example.org")));
    session.next(zero), session.next(zero), session.next(zero);
    for (auto at = 299s; at < 1800s; at += 299s) {
        session.received(ok);
        session.next(zero + at);
        CHECK(session.deadline() <= zero + 1800s);
    }
}

TEST_CASE("a session that is abandoned delivers nothing more, but what is delivered stays so") {
    const std::string agreed = fmt::format("{0}{0}{1}", ok, go);
    for (const bool isAnswered : {false, true}) {
        ClientSession session(std::make_shared<ClientSettings>(ClientSettings{"c.example"}), {Level::none});
        session.start({});
        session.received("220 mx\r\n");
        session.next({}), session.next({}), session.next({});
        session.received(pipelining);
        session.next({}), session.next({});
        session.transact(envelopeTo({"a@example.org"}));
        session.next({}), session.next({}), session.next({});
        session.received(agreed);
        session.next({});
        CHECK(std::holds_alternative<NeedBody>(session.next({})));
        if (isAnswered) {
            session.body("Hi", BodyPart::last);
            session.next({}), session.next({});
            session.received(ok);
            CHECK(std::holds_alternative<Peek>(session.next({})));
        }
        session.abandon("the server is shutting down");
        CHECK(std::holds_alternative<Close>(session.next({})));
        using enum record::HopResult;
        CHECK(session.outcomes()[0].result == (isAnswered ? delivered : deferred));
        session.lost("late");
        CHECK(session.failure()->status == "4.3.0");
    }
}

}  // namespace postseal::smtp
