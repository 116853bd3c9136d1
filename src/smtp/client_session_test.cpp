#include "smtp/client_session.hpp"

#include "smtp/client_table_test.hpp"

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <chrono>

namespace postseal::smtp {

using namespace client_action;
using namespace std::chrono_literals;
using namespace test;
using record::Level;

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
            CHECK_FALSE(seen.whole->status.isPermanent());
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
        CHECK(toText(session.failure()->status) == "4.3.0");
    }
}

}  // namespace postseal::smtp
