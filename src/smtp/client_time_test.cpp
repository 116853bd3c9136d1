#include "smtp/client_session.hpp"

#include "smtp/client_table_test.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace postseal::smtp {

using namespace client_action;
using namespace std::chrono_literals;
using namespace test;
using record::Level;

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

}  // namespace postseal::smtp
