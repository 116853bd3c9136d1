// What peers do that the standards don't foresee, and what a client makes of it.
#include "smtp/client_table_test.hpp"

#include <doctest/doctest.h>

namespace postseal::smtp {

using namespace test;
using record::Level;
using record::Why;

namespace {

const std::string start = helo + "STARTTLS\r\n";
const std::string chunking = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
const std::string envelope = "MAIL FROM:<from@example.net>\r\nRCPT TO:<a@example.org>\r\n";
const std::string bdat = "BDAT 10 LAST\r\nHi\r\n.dot\r\n";
const std::string byData = envelope + "DATA\r\n" + text;

}  // namespace

TEST_CASE("rule 45: a session of TLS that is dead behind its handshake is no TLS") {
    const std::string heard = start + "<tls>" + helo;
    for (const std::string end : {"", "\x1f"}) {
        const auto may = play({.peer = {"220 mx\r\n", withTls, "220 ready\r\n", end}});
        CHECK(may.said == heard);
        CHECK(may.whole->kind == SessionFailure::Kind::tlsFailed);
        CHECK(may.whole->then == SessionFailure::Then::sameHostInClear);
        CHECK(may.whole->why == Why::handshake);
        CHECK(may.whole->words.find("the reply to EHLO within TLS") != std::string::npos);

        const auto demand =
            play({.level = Level::encrypt, .peer = {"220 mx\r\n", withTls, "220 ready\r\n", end}});
        CHECK(demand.whole->then == SessionFailure::Then::nextHost);
        CHECK(demand.whole->why == Why::lost);
    }
    // What it says is its word, and no failure of TLS.
    const auto said = play({.peer = {"220 mx\r\n", withTls, "220 ready\r\n", "421 busy\r\n"}});
    CHECK(said.whole->then == SessionFailure::Then::nextHost);
    // In clear text the EHLO reply is awaited as ever.
    const auto clear = play({.peer = {"220 mx\r\n", ""}});
    CHECK(clear.whole->then == SessionFailure::Then::nextHost);
    CHECK(clear.whole->words.find("within TLS") == std::string::npos);
}

TEST_CASE("RFC 3207 §4: a host that demands TLS refuses the session in clear text, not the message") {
    struct Row {
        const char* why;
        std::string reply;
        std::string end;
        Why cause;
    };
    const Row rows[] = {
        {"530", "530 5.7.0 Must issue a STARTTLS command first\r\n", "a deferred 4.7.0", Why::demandsTls},
        {"without words", "530 no\r\n", "a deferred 4.0.0", Why::demandsTls},
        {"5.7.10", "550 5.7.10 no\r\n", "a deferred 4.7.10", Why::demandsTls},
        {"5.7.11", "538 5.7.11 no\r\n", "a deferred 4.7.11", Why::demandsTls},
        {"5.7.0 that names it", "554 5.7.0 use STARTTLS\r\n", "a deferred 4.7.0", Why::demandsTls},
        {"5.7.1 that names it", "550 5.7.1 TLS required\r\n", "a deferred 4.7.1", Why::demandsTls},
        {"words alone", "550 Encryption is mandatory\r\n", "a deferred 4.0.0", Why::demandsTls},
        {"for now", "450 4.7.1 Session encryption is required\r\n", "a deferred 4.7.1", Why::demandsTls},
        {"530 for want of AUTH", "530 5.7.0 Authentication required\r\n", "a bounced 5.7.0", Why::refused},
        {"another refusal", "550 5.7.1 spam\r\n", "a bounced 5.7.1", Why::refused},
        {"of the address", "550 5.1.1 no such user TLS\r\n", "a bounced 5.1.1", Why::refused},
        {"letters within a word", "550 5.7.1 see http://titls.example\r\n", "a bounced 5.7.1", Why::refused},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto causeOf = [&](const Play& given) {
            const auto seen = play(given);
            CHECK(seen.outcomes == Strings{row.end});
            return ClientPlayer(given, 4096).play().outcomes.at(0).at(0).why;
        };
        const Play atMail{.peer = {"220 mx\r\n", plain, row.reply},
                          .envelopes = {envelopeTo({"a@example.org"})}};
        Play atRcpt = atMail;
        atRcpt.peer = {"220 mx\r\n", plain, ok, row.reply};
        CHECK(causeOf(atMail) == row.cause);
        CHECK(causeOf(atRcpt) == row.cause);
    }
    // In TLS the same words are about something else.
    const auto inTls =
        play({.peer = {"220 mx\r\n", withTls, "220 ready\r\n", plain, "530 5.7.0 STARTTLS\r\n"}});
    CHECK(inTls.outcomes == Strings{"a bounced 5.7.0"});
}

TEST_CASE(
    "RFC 3030 §2: who offers CHUNKING and doesn't know BDAT is asked again on a new connection, by DATA") {
    const std::string agreed = ok + ok;
    const std::string heard = helo + envelope + bdat;
    struct Row {
        const char* why;
        std::string said;
        std::string status;
        std::string goodbye;
    };
    const Row rows[] = {
        {"500", "500 what\r\n", "4.0.0", quit},
        {"502", "502 5.5.1 no\r\n", "4.5.1", quit},
        {"503", "503 5.5.1 no\r\n", "4.5.1", quit},
        {"504", "504 no\r\n", "4.0.0", quit},
        {"and it ends", "500 what\r\n421 4.7.0 too many errors\r\n", "4.0.0", quit},
        {"the chunk is taken for commands", "500 what\r\n500 what\r\n500 what\r\n", "4.0.0", quit},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto seen = play({.peer = {"220 mx\r\n", chunking, agreed, row.said}});
        CHECK(seen.said == heard + row.goodbye);
        CHECK(seen.outcomes == Strings{"a deferred " + row.status});
        REQUIRE(seen.whole);
        CHECK(seen.whole->why == Why::noBdat);
        CHECK(seen.whole->then == SessionFailure::Then::sameHostAnew);
    }
    // Behind a chunk for which no reply is due yet, no QUIT would be read as one.
    const auto early = play({.peer = {"220 mx\r\n", chunking, agreed, "500 what\r\n"},
                             .text = {std::string(70'000, 'x') + "\r\n", std::string(70'000, 'y') + "\r\n"}});
    CHECK(early.whole->then == SessionFailure::Then::sameHostAnew);
    // LMTP: of a command that it doesn't know it speaks once.
    const auto lmtp = play({.peer = {"220 mx\r\n", chunking, ok + ok + ok, "500 what\r\n\x1f"},
                            .envelopes = {envelopeTo({"a@example.org", "b@example.org"})},
                            .dialect = Dialect::lmtp});
    CHECK(lmtp.whole->why == Why::noBdat);
    CHECK(lmtp.outcomes == Strings{"a deferred 4.0.0", "b deferred 4.0.0"});
    // What is said of the text stays what it is.
    const std::vector two{envelopeTo({"a@example.org"}), envelopeTo({"b@example.org"})};
    const auto refused =
        play({.peer = {"220 mx\r\n", chunking, ok + ok, "554 5.6.0 no\r\n", ok + ok, ok}, .envelopes = two});
    CHECK(refused.outcomes == Strings{"a bounced 5.6.0", "b delivered 2.0.0"});
    CHECK(refused.said.find("DATA\r\n") == std::string::npos);
}

TEST_CASE("RFC 5321 §4.5.4.1: a connection that has had enough says nothing of the next message") {
    const std::vector two{envelopeTo({"a@example.org"}), envelopeTo({"b@example.org"})};
    const auto full = play(
        {.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok, "452 4.5.3 reconnect\r\n"}, .envelopes = two});
    CHECK(full.whole->kind == SessionFailure::Kind::stale);
    CHECK(full.whole->then == SessionFailure::Then::sameHostAnew);
    CHECK(full.outcomes == Strings{"a delivered 2.0.0", "b deferred 4.5.3"});
    CHECK(full.said.ends_with(quit));
    const auto first = play({.peer = {"220 mx\r\n", pipelining, "452 4.5.3 no\r\n503 x\r\n503 x\r\n"}});
    CHECK_FALSE(first.whole);
    const auto never =
        play({.peer = {"220 mx\r\n", pipelining, ok + ok + go, ok, "550 5.7.1 no\r\n503 x\r\n503 x\r\n"},
              .envelopes = two});
    CHECK_FALSE(never.whole);
    CHECK(never.outcomes == Strings{"a delivered 2.0.0", "b bounced 5.7.1"});
}

TEST_CASE("rule 50: a refusal amid the text is believed where the peer leaves it at that") {
    const std::string long1(70000, 'x'), long2(70000, 'y');
    const auto interrupted = [&](std::string said) {
        return play({.peer = {"220 mx\r\n", pipelining, ok + ok + go, std::move(said)},
                     .text = {long1 + "\r\n", long2 + "\r\n", "end\r\n"}});
    };
    const auto begun = helo + sizedGroup + long1 + "\r\n";
    struct Row {
        const char* why;
        std::string said;
        std::string end;
        SessionFailure::Kind kind;
    };
    using Kind = SessionFailure::Kind;
    const Row rows[] = {
        {"and the peer ends", "552 5.3.4 too large\r\n", "a bounced 5.3.4", Kind::temporary},
        {"for now", "452 4.3.1 full\r\n", "a deferred 4.3.1", Kind::temporary},
        {"of several lines", "552-5.3.4 too\r\n552 5.3.4 large\r\n", "a bounced 5.3.4", Kind::temporary},
        {"but it stays", "552 5.3.4 too large\r\n\x1f", "a deferred 4.5.0", Kind::violation},
        {"but it goes on", "552 5.3.4 too large\r\n250 ok\r\n", "a deferred 4.5.0", Kind::violation},
        {"never a success", "250 2.0.0 taken\r\n", "a deferred 4.5.0", Kind::violation},
        {"nor rubbish", "5 rubbish\r\n", "a deferred 4.5.0", Kind::violation},
        {"half of it", "552 5.3.4 too", "a deferred 4.4.2", Kind::temporary},
        {"421 is what it always is", "421 4.3.2 bye\r\n", "a deferred 4.3.2", Kind::temporary},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto seen = interrupted(row.said);
        CHECK(seen.said == begun);  // no further octet of the text
        CHECK(seen.outcomes == Strings{row.end});
        REQUIRE(seen.whole.has_value());
        CHECK(seen.whole->kind == row.kind);
    }
}

namespace {

/// A session up to the write of some text, with more to come.
class AmidText {
public:
    explicit AmidText(const std::string& ehlo) {
        session_.start({});
        session_.received("220 mx\r\n");
        write();
        session_.received(ehlo);
        while (!std::holds_alternative<client_action::Ready>(session_.next({}))) {
        }
        session_.transact(envelopeTo({"a@example.org"}));
        write();
        session_.next({});
        session_.received(ehlo == pipelining ? ok + ok + go : ok + ok);
        write();
    }
    /// The text's last octets are with the driver, too.
    AmidText& atItsEnd() {
        part_ = BodyPart::last;
        write();
        return *this;
    }
    /// How the recipient ends where the peer had said so, and a write to it then fails.
    std::string endAfter(std::string_view said) {
        session_.received(said);
        session_.lost("broken pipe");
        CHECK(std::holds_alternative<client_action::Close>(session_.next({})));
        const auto& outcome = session_.outcomes().at(0);
        return std::string(record::toText(outcome.result)) + " " + toText(outcome.status);
    }
    const SessionFailure& failure() const { return *session_.failure(); }

private:
    void write() {
        auto action = session_.next({});
        while (!std::holds_alternative<client_action::Write>(action)) {
            if (std::holds_alternative<client_action::NeedBody>(action))
                session_.body(std::string(100'000, 'x'), part_);
            action = session_.next({});
        }
    }

    ClientSession session_{std::make_shared<ClientSettings>(ClientSettings{"c.example"}), {Level::none}};
    BodyPart part_ = BodyPart::more;
};

std::string endAfter(std::string_view said) {
    return AmidText(pipelining).endAfter(said);
}

}  // namespace

TEST_CASE("rule 50: what a peer had said when its connection broke under our text") {
    CHECK(endAfter("552 5.3.4 too large\r\n") == "bounced 5.3.4");
    CHECK(endAfter("452 4.3.1 full\r\n") == "deferred 4.3.1");
    CHECK(endAfter("250 2.0.0 taken\r\n") == "deferred 4.4.2");
    CHECK(endAfter("552 5.3.4 too large\r\n250 ok\r\n") == "deferred 4.4.2");
    CHECK(endAfter("") == "deferred 4.4.2");
    CHECK(endAfter("421 4.3.2 bye\r\n") == "deferred 4.3.2");
    // At its last octets it makes no difference.
    CHECK(AmidText(pipelining).atItsEnd().endAfter("552 5.3.4 too large\r\n") == "bounced 5.3.4");
    CHECK(AmidText(pipelining).atItsEnd().endAfter("250 2.0.0 taken\r\n") == "deferred 4.4.2");
    // Replies to chunks are due, whatever stands behind the first refusal.
    CHECK(AmidText(chunking).endAfter("554 5.6.0 no\r\n") == "bounced 5.6.0");
    CHECK(AmidText(chunking).atItsEnd().endAfter("554 5.6.0 no\r\n503 5.5.1 no\r\n") == "bounced 5.6.0");
    for (const auto* said : {"500 what\r\n", "500 what\r\n500 what\r\n"}) {
        AmidText unknown(chunking);
        CHECK(unknown.endAfter(said) == "deferred 4.0.0");
        CHECK(unknown.failure().then == SessionFailure::Then::sameHostAnew);
    }
}

TEST_CASE("RFC 5321 §3.8: 421 is the same whenever it comes, and takes nothing back") {
    struct Row {
        const char* why;
        std::vector<std::string> peer;
        Strings outcomes;
    };
    const std::string bye = "421 4.3.2 bye\r\n";
    const Row rows[] = {
        {"in place of the greeting", {bye}, {}},
        {"behind it", {"220 mx\r\n" + bye}, {}},
        {"as the reply to EHLO", {"220 mx\r\n", bye}, {}},
        {"behind it", {"220 mx\r\n", plain + bye}, {}},
        {"as the reply to MAIL", {"220 mx\r\n", plain, bye}, {"a deferred 4.3.2"}},
        {"behind it", {"220 mx\r\n", plain, ok + bye}, {"a deferred 4.3.2"}},
        {"as the reply to the text", {"220 mx\r\n", pipelining, ok + ok + go, bye}, {"a deferred 4.3.2"}},
        {"behind it", {"220 mx\r\n", pipelining, ok + ok + go, ok + bye}, {"a delivered 2.0.0"}},
        {"a refusal of it",
         {"220 mx\r\n", pipelining, ok + ok + go, "550 5.7.1 no\r\n" + bye},
         {"a bounced 5.7.1"}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto seen = play({.peer = row.peer});
        CHECK(seen.outcomes == row.outcomes);
        REQUIRE(seen.whole);
        CHECK(seen.whole->why == Why::putOff);
        CHECK(toText(seen.whole->status) == "4.3.2");
    }
    // Where the handshake is due, it came in clear: from anyone.
    const auto handshake = play({.peer = {"220 mx\r\n", withTls, "220 go\r\n" + bye}});
    CHECK(handshake.whole->kind == SessionFailure::Kind::violation);
}

}  // namespace postseal::smtp
