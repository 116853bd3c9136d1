#include "net/connection.hpp"

#include "net/test_peers.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::net;
using namespace postseal::net::test;

namespace {

/// Reads until `size` bytes have come, the peer closes, or an error.
Awaitable<base::Result<std::string>> readSome(Connection& connection, std::size_t size) {
    std::string all;
    while (all.size() < size) {
        const auto bytes = co_await connection.read();
        if (!bytes) co_return base::fail(bytes.error());
        if (bytes->empty()) break;
        all += *bytes;
    }
    co_return all;
}

Awaitable<void> echo(Connection peer) {
    while (true) {
        const auto bytes = co_await peer.read();
        if (!bytes || bytes->empty()) co_return;
        const std::string copy(*bytes);
        if (!co_await peer.write(copy)) co_return;
    }
}

Awaitable<void> talkInClear(Connection us) {
    CHECK(us.peer().address == *base::IpAddress::parse("127.0.0.1"));
    CHECK(us.peer().port != us.local().port);
    CHECK(!*us.readNow());
    const std::string first = "one ";
    const std::string second(300'000, 'x');
    CHECK(co_await us.write(first, second));
    const auto back = co_await readSome(us, first.size() + second.size());
    REQUIRE(back);
    CHECK(*back == first + second);
    us.close();
    CHECK(!us.isOpen());
    const auto closed = co_await us.read();
    REQUIRE(!closed);
    CHECK(is(closed.error(), std::errc::not_connected));
}

}  // namespace

TEST_CASE("bytes go both ways, and the end is seen") {
    World world;
    Pair pair(world.core);
    world.start(talkInClear(std::move(pair.ours)));
    world.start(echo(std::move(pair.theirs)));
    world.run();
}

namespace {

Awaitable<void> outwaitSilence(Connection us, Connection peer) {
    const auto begun = us.now();
    us.setDeadline(begun + 200ms);
    const auto nothing = co_await us.read();
    REQUIRE(!nothing);
    CHECK(is(nothing.error(), std::errc::timed_out));
    CHECK(us.now() - begun >= 200ms);
    CHECK(us.now() - begun < 2s);
    const auto still = co_await us.write("x");
    REQUIRE(!still);
    CHECK(is(still.error(), std::errc::timed_out));

    us.setDeadline(us.now() + 10s);  // a last word
    CHECK(co_await us.write("421 4.4.2 Too slow\r\n"));
    const auto heard = co_await peer.read();
    REQUIRE(heard);
    CHECK(*heard == "421 4.4.2 Too slow\r\n");
}

Awaitable<void> outwaitFullWindow(Connection us, Connection peer) {
    const std::string much(64 << 20, 'x');
    us.setDeadline(us.now() + 200ms);
    const auto unread = co_await us.write(much);
    REQUIRE(!unread);
    CHECK(is(unread.error(), std::errc::timed_out));
    CHECK(peer.isOpen());
}

Awaitable<void> drip(Connection peer) {
    while (co_await peer.write("x"))
        co_await task::sleepFor(20ms);
}

Awaitable<void> flood(Connection peer) {
    const std::string much(1 << 20, 'x');
    while (co_await peer.write(much)) {
    }
}

Awaitable<void> outlast(Connection us) {
    const auto begun = us.now();
    us.setDeadline(begun + 400ms);
    while (true) {
        const auto bytes = co_await us.read();
        if (bytes && !bytes->empty()) continue;
        REQUIRE(!bytes);
        CHECK(is(bytes.error(), std::errc::timed_out));
        break;
    }
    CHECK(us.now() - begun < 3s);
}

}  // namespace

TEST_CASE("rule 48: silence ends at the deadline, and a last word can still be said") {
    World world;
    Pair pair(world.core);
    world.start(outwaitSilence(std::move(pair.ours), std::move(pair.theirs)));
    world.run();
}

TEST_CASE("rule 48: a peer that takes nothing ends at the deadline") {
    World world;
    Pair pair(world.core);
    world.start(outwaitFullWindow(std::move(pair.ours), std::move(pair.theirs)));
    world.run();
}

TEST_CASE("rule 48: neither single bytes nor a flood move the deadline") {
    for (const auto peer : {drip, flood}) {
        World world;
        Pair pair(world.core);
        world.start(outlast(std::move(pair.ours)));
        world.start(peer(std::move(pair.theirs)));
        world.run();
    }
}

namespace {

Awaitable<void> saySorry(Connection us, Connection peer, task::Core* core) {
    core->tasks.cancelAll();
    const auto cancelled = co_await us.read();
    REQUIRE(!cancelled);
    CHECK(is(cancelled.error(), std::errc::operation_canceled));
    CHECK(co_await us.write("421 4.3.2 Shutting down\r\n"));
    CHECK(peer.readNow()->value_or("") == "421 4.3.2 Shutting down\r\n");
}

Awaitable<void> waitForShutdown(Connection us) {
    const auto cancelled = co_await us.read();
    REQUIRE(!cancelled);
    CHECK(is(cancelled.error(), std::errc::operation_canceled));
}

}  // namespace

TEST_CASE("a cancelled task reads no more, but may say why") {
    World world;
    Pair waiting(world.core);
    Pair busy(world.core);
    world.start(waitForShutdown(std::move(waiting.ours)));
    world.start(saySorry(std::move(busy.ours), std::move(busy.theirs), &world.core));
    world.run();
}

namespace {

Awaitable<void> serveTls(Connection us, const TlsEnds* ends) {
    CHECK(co_await us.startTls(ends->serverSession(), TlsSide::server));
    co_await echo(std::move(us));
}

Awaitable<void> talkInTls(Connection us, const TlsEnds* ends, bool abruptly) {
    us.setDeadline(us.now() + 20s);
    REQUIRE(co_await us.startTls(ends->clientSession(), TlsSide::client));
    CHECK(us.tls() != nullptr);
    CHECK(!*us.readNow());  // the server's ticket is no data
    std::string much;
    for (int i = 0; i < 100'000; ++i)
        much += std::to_string(i);
    for (const std::size_t size : {std::size_t(1), std::size_t(100), std::size_t(16'384), much.size()}) {
        const auto part = std::string_view(much).substr(0, size);
        CHECK(co_await us.write(part.substr(0, size / 2), part.substr(size / 2)));
        const auto back = co_await readSome(us, size);
        REQUIRE(back);
        CHECK(*back == part);
    }
    if (abruptly) co_return;
    co_await us.closeGently();
}

}  // namespace

TEST_CASE("TLS: small and large pieces both ways, and either end") {
    const TlsEnds ends;
    for (const bool abruptly : {false, true}) {
        World world;
        Pair pair(world.core);
        world.start(serveTls(std::move(pair.theirs), &ends));
        world.start(talkInTls(std::move(pair.ours), &ends, abruptly));
        world.run();
    }
}

namespace {

Awaitable<void> expectTlsError(Connection us, tls::Ssl session, TlsSide side, const char* why,
                               std::string words) {
    INFO(why);
    us.setDeadline(us.now() + 300ms);
    const auto failed = co_await us.startTls(std::move(session), side);
    REQUIRE(!failed);
    CHECK(failed.error().phase == base::Phase::tls);
    const auto text = base::toText(failed.error());
    INFO(text);
    CHECK(text.find(words) != std::string::npos);
}

Awaitable<void> say(Connection peer, std::string words, bool stay) {
    CHECK(co_await peer.write(words));
    if (stay) co_await task::sleepFor(1s);
}

}  // namespace

TEST_CASE("TLS: a handshake that goes wrong ends, says why, and harms nobody") {
    const TlsEnds ends;
    struct Row {
        const char* why;
        std::string said;
        bool stay;
        const char* words;
    };
    const Row rows[] = {
        {"rule 48: silence", "", true, "timed out"},
        {"rule 42: commands sent in clear behind STARTTLS are no TLS", "EHLO a\r\nMAIL FROM:<a@b>\r\n", true,
         "TLS"},
        {"rubbish", std::string(3000, '\0'), true, "TLS"},
        {"closed", "", false, "TLS"},
        {"closed amidst a record", std::string("\x16\x03\x01\x02\x00\x01", 6), false, "TLS"},
    };
    for (const auto& row : rows) {
        for (const auto side : {TlsSide::server, TlsSide::client}) {
            World world;
            Pair pair(world.core);
            auto session = side == TlsSide::server ? ends.serverSession() : ends.clientSession();
            world.start(expectTlsError(std::move(pair.ours), std::move(session), side, row.why, row.words));
            world.start(say(std::move(pair.theirs), row.said, row.stay));
            world.run();
        }
    }
}

namespace {

Awaitable<void> connectAndTalk(Endpoint to) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    auto us = co_await Connection::connect({.to = to, .from = to.address, .deadline = deadline});
    REQUIRE(us);
    CHECK(us->peer() == to);
    CHECK(us->local().address == to.address);
    CHECK(us->local().port != 0);
}

Awaitable<void> connectInVain(Endpoint to, std::errc code) {
    const auto begun = std::chrono::steady_clock::now();
    const auto us = co_await Connection::connect({.to = to, .deadline = begun + 300ms});
    REQUIRE(!us);
    CHECK(is(us.error(), code));
    CHECK(us.error().phase == base::Phase::connect);
    CHECK(us.error().detail == toText(to));
    CHECK(std::chrono::steady_clock::now() - begun < 3s);
}

}  // namespace

TEST_CASE("connecting: IPv4 and IPv6, refused, and rule 48: never answered") {
    World world;
    const int v4 = listenOn(loopback, 8);
    const int v6 = listenOn({*base::IpAddress::parse("::1"), 0}, 8);
    world.start(connectAndTalk(localOf(v4)));
    world.start(connectAndTalk(localOf(v6)));
    world.run();

    const auto refused = localOf(v4);
    close(v4);
    close(v6);
    const int full = listenOn(loopback, 0);
    const int first = connectTo(localOf(full));  // fills the backlog; the kernel drops what knocks then
    world.start(connectInVain(refused, std::errc::connection_refused));
    world.start(connectInVain(localOf(full), std::errc::timed_out));
    world.run();
    close(first);
    close(full);
}

namespace {

Awaitable<void> connectToLastWords(Endpoint to) {
    auto us = co_await Connection::connect({.to = to, .deadline = std::chrono::steady_clock::now() + 10s});
    REQUIRE(us);
    const auto words = co_await us->read();
    REQUIRE(words);
    CHECK(*words == "421 bye\r\n");
    const auto end = co_await us->read();
    CHECK((end ? end->empty() : is(end.error(), std::errc::connection_reset)));
}

}  // namespace

TEST_CASE("connecting: who takes the connection and resets it at once has taken it, and may have said why") {
    World world;
    const int listener = listenOn(loopback, 8);
    world.start(connectToLastWords(localOf(listener)));
    world.start(resetNext(listener, "421 bye\r\n"));  // before the first looks at what came of it
    world.run();
    close(listener);
}

namespace {

Awaitable<void> writeToWhoReadsNothing(int listener) {
    const std::string text(1 << 20, 'x');
    auto us = co_await Connection::connect({.to = localOf(listener)});
    REQUIRE(us);
    us->setDeadline(us->now() + 300ms);
    const auto written = co_await us->write(text);
    REQUIRE(!written);
    CHECK(is(written.error(), std::errc::timed_out));
}

}  // namespace

TEST_CASE("rule 50: a text does not all lie with our kernel before the peer reads it") {
    World world;
    const int listener = listenOn(loopback, 8);
    world.start(writeToWhoReadsNothing(listener));
    world.run();
    close(listener);
}

namespace {

Awaitable<void> refuse(Connection us) {
    CHECK(co_await us.write("421 4.7.0 Too many errors\r\n"));
    co_await us.closeGently();
}

Awaitable<void> keepTalking(Connection peer) {
    const std::string rubbish(60'000, 'x');
    co_await task::sleepFor(50ms);
    CHECK(co_await peer.write(rubbish));
    co_await task::sleepFor(50ms);
    const auto heard = co_await readSome(peer, 100);
    REQUIRE(heard);
    CHECK(*heard == "421 4.7.0 Too many errors\r\n");
}

}  // namespace

TEST_CASE("a gentle end lets a peer that goes on sending read our last words") {
    World world;
    Pair pair(world.core);
    world.start(refuse(std::move(pair.ours)));
    world.start(keepTalking(std::move(pair.theirs)));
    world.run();
}
