#include "net/smtp_client.hpp"

#include "net/listener.hpp"
#include "net/test_peers.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace postseal;
using namespace postseal::net;
using namespace postseal::net::test;

namespace {

enum class Tls { none, offered, broken };
enum class Mood { fair, silent, dripping, endless, babbling, hasty };

/// A server that plays its part, well or badly, and writes down what it was told.
struct Peer {
    Tls tls = Tls::none;
    Mood mood = Mood::fair;
    const TlsEnds* ends = nullptr;
    int connections = 0;
    int resumed = 0;
    std::string heard;  // in clear or inside TLS, all connections
};

Awaitable<std::string> readLine(Connection& connection, std::string& pending) {
    while (pending.find("\r\n") == std::string::npos) {
        const auto bytes = co_await connection.read();
        if (!bytes || bytes->empty()) co_return std::string();
        pending += *bytes;
    }
    const auto size = pending.find("\r\n") + 2;
    auto line = pending.substr(0, size);
    pending.erase(0, size);
    co_return line;
}

Awaitable<bool> misbehave(Connection& connection, Mood mood) {
    switch (mood) {
    case Mood::fair:
    case Mood::babbling:
    case Mood::hasty: co_return false;
    case Mood::silent: co_await task::sleepFor(10s); break;
    case Mood::dripping:
        while (co_await connection.write("2"))
            co_await task::sleepFor(20ms);
        break;
    case Mood::endless: {
        const std::string line = "220-" + std::string(400, 'x') + "\r\n";
        while (co_await connection.write(line)) {
        }
    }
    }
    co_return true;
}

std::string replyTo(const std::string& line, const Peer& peer, bool inTls) {
    if (line.starts_with("EHLO")) {
        const bool offers = peer.tls != Tls::none && !inTls;
        return offers ? "250-peer\r\n250-PIPELINING\r\n250 STARTTLS\r\n" : "250-peer\r\n250 PIPELINING\r\n";
    }
    if (line.starts_with("STARTTLS")) return "220 go\r\n";
    if (line.starts_with("DATA")) return "354 go on\r\n";
    if (line.starts_with("QUIT")) return "221 bye\r\n";
    return "250 2.0.0 fine\r\n";
}

/// The answer to a client's hello, where there is one.
Awaitable<bool> shakeHands(Connection& connection, Peer& peer) {
    if (peer.tls != Tls::broken) {
        if (!co_await connection.startTls(peer.ends->serverSession(), TlsSide::server)) co_return false;
        peer.resumed += SSL_session_reused(connection.tls());
        co_return true;
    }
    const auto hello = co_await connection.read();
    CHECK(hello);
    co_await connection.closeGently();
    co_return false;
}

Awaitable<void> serve(Connection connection, Peer* peer) {
    ++peer->connections;
    if (co_await misbehave(connection, peer->mood)) co_return;
    if (!co_await connection.write("220 peer\r\n")) co_return;
    std::string pending;
    bool inText = false;
    while (true) {
        const auto line = co_await readLine(connection, pending);
        if (line.empty()) co_return;
        peer->heard += line;
        if (inText && line != ".\r\n") continue;
        inText = line == "DATA\r\n";
        auto reply = replyTo(line, *peer, connection.tls() != nullptr);
        if (inText && peer->mood == Mood::hasty) reply += "250 2.0.0 taken already\r\n";
        if (line == ".\r\n" && peer->mood == Mood::babbling) reply += "250 2.0.0 and another\r\n";
        if (!co_await connection.write(reply)) co_return;
        if (line == "STARTTLS\r\n" && !co_await shakeHands(connection, *peer)) co_return;
    }
}

struct Text : BodySource {
    Awaitable<base::Result<std::string_view>> next() override { co_return std::exchange(text, {}); }
    std::string_view text = "Hello\r\n.dot\r\n";
};

record::Envelope envelope() {
    record::Envelope one;
    one.sender = *record::Mailbox::parse("a@example.net");
    one.recipients.push_back({*record::Mailbox::parse("b@example.org")});
    return one;
}

record::Requirement secure(const char* name) {
    return {.level = record::Level::secure,
            .allOf = {record::NamesCondition{{{record::NamePattern::Kind::exact, name}}}}};
}

struct Seen {
    bool ready = false;
    std::optional<smtp::SessionFailure> failure;
    std::optional<record::Assurance> assurance;
    std::vector<smtp::RecipientResult> outcomes;
    std::string protocol;
};

struct Fixture {
    Fixture() {
        auto made = Listener::open(world.core, loopback);
        REQUIRE(made);
        at = made->local();
        const auto take = [this](Connection connection) {
            auto& core = connection.core();
            task::spawn(core, serve(std::move(connection), &peer), "peer");
        };
        task::spawn(world.core, Listener::acceptAll(std::move(*made), take, {}), "accept");
        settings->heloName = "client.example";
        settings->deadlines.greeting = settings->deadlines.command = settings->deadlines.dataEnd = 1s;
        peer.ends = &ends;
        // The CA of the test is the server's own certificate.
        const auto file = "/tmp/postseal-net-test." + std::to_string(getpid()) + ".pem";
        FILE* pem = fopen(file.c_str(), "w");
        fputs(tls::test::pemOf(ends.identity.certificate.get()).c_str(), pem);
        fclose(pem);
        trust = *tls::TrustStore::load(file, "");
        unlink(file.c_str());
    }

    static Awaitable<void> deliver(Fixture* self, record::Requirement requirement, smtp::TlsAttempt attempt,
                                   Seen* seen) {
        auto& dialer = *self->dialer;
        const DialTarget target{"mx.example.org", self->at, std::move(requirement)};
        auto client = co_await dialer.dial(target, attempt);
        if (client->isReady()) {
            Text text;
            co_await client->transact(envelope(), "Received: x\r\n", text);
        }
        *seen = {client->isReady(), client->failure(), client->assurance(), client->outcomes(),
                 client->protocol()};
        co_await client->quit();
        if (--self->left == 0) self->world.core.tasks.cancelAll();
    }

    Seen play(record::Requirement requirement, smtp::TlsAttempt attempt = smtp::TlsAttempt::first) {
        dialer = std::make_unique<SmtpDialer>(SmtpDialerSettings{settings, 5s, 10}, trust);
        Seen seen;
        left = 1;
        world.start(deliver(this, std::move(requirement), attempt, &seen));
        world.run();
        return seen;
    }

    TlsEnds ends;
    Peer peer;
    World world;
    Endpoint at;
    std::shared_ptr<smtp::ClientSettings> settings = std::make_shared<smtp::ClientSettings>();
    std::shared_ptr<const tls::TrustStore> trust;
    std::unique_ptr<SmtpDialer> dialer;
    int left = 0;
};

bool told(const Peer& peer, std::string_view words) {
    return peer.heard.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a message goes over a real connection, in clear and in TLS") {
    Fixture clear;
    const auto plain = clear.play({});
    CHECK(plain.ready);
    REQUIRE(plain.outcomes.size() == 1);
    CHECK(plain.outcomes[0].result == record::HopResult::delivered);
    CHECK(plain.assurance == record::Assurance::cleartext);
    CHECK(told(clear.peer, "DATA\r\nReceived: x\r\nHello\r\n..dot\r\n.\r\n"));

    Fixture sealed;
    sealed.peer.tls = Tls::offered;
    const auto seen = sealed.play(secure("mx.example.org"));
    CHECK(seen.ready);
    REQUIRE(seen.outcomes.size() == 1);
    CHECK(seen.outcomes[0].result == record::HopResult::delivered);
    CHECK(seen.assurance == record::Assurance::authenticated);
    CHECK(seen.protocol == "ESMTPS");
}

TEST_CASE("a demand is never met by less: nothing of the envelope leaves") {
    struct Row {
        const char* why;
        Tls tls;
        const char* name;
        smtp::SessionFailure::Kind kind;
    };
    const Row rows[] = {
        {"no STARTTLS", Tls::none, "mx.example.org", smtp::SessionFailure::Kind::tlsRefused},
        {"another name", Tls::offered, "mx.example.com", smtp::SessionFailure::Kind::tlsUnmet},
        {"broken handshake", Tls::broken, "mx.example.org", smtp::SessionFailure::Kind::tlsFailed},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Fixture fixture;
        fixture.peer.tls = row.tls;
        const auto seen = fixture.play(secure(row.name));
        CHECK(!seen.ready);
        REQUIRE(seen.failure);
        CHECK(seen.failure->kind == row.kind);
        CHECK(seen.failure->then == smtp::SessionFailure::Then::nextHost);
        CHECK(!told(fixture.peer, "MAIL"));
    }
}

TEST_CASE("rule 45: may: TLS first, then clear text on a new connection, and the record says so") {
    Fixture fixture;
    fixture.peer.tls = Tls::broken;
    const auto first = fixture.play({});
    REQUIRE(first.failure);
    CHECK(first.failure->then == smtp::SessionFailure::Then::sameHostInClear);
    CHECK(!first.assurance);
    CHECK(!told(fixture.peer, "MAIL"));

    Fixture again;
    again.peer.tls = Tls::broken;
    const auto second = again.play({}, smtp::TlsAttempt::inClear);
    CHECK(second.ready);
    CHECK(second.assurance == record::Assurance::cleartext);
    CHECK(told(again.peer, "MAIL"));
}

TEST_CASE("rule 46: a handshake that breaks off is tried once more with classical groups alone") {
    Fixture fixture;
    fixture.peer.tls = Tls::broken;
    const auto seen = fixture.play(secure("mx.example.org"));
    CHECK(!seen.ready);
    CHECK(fixture.peer.connections == (tls::hasHybridGroups() ? 2 : 1));
}

TEST_CASE("rules 48, 49, 50: hostile servers end the session as failed, in time") {
    for (const auto mood : {Mood::silent, Mood::dripping, Mood::endless, Mood::babbling, Mood::hasty}) {
        INFO(static_cast<int>(mood));
        Fixture fixture;
        fixture.peer.mood = mood;
        const auto begun = std::chrono::steady_clock::now();
        const auto seen = fixture.play({});
        CHECK(std::chrono::steady_clock::now() - begun < 8s);
        CHECK(!seen.ready);
        CHECK(seen.failure);
        for (const auto& outcome : seen.outcomes)
            CHECK(outcome.result == record::HopResult::deferred);
    }
}

TEST_CASE("nobody there is a failure like others") {
    Fixture fixture;
    fixture.at.port = 9;
    const auto seen = fixture.play({});
    REQUIRE(seen.failure);
    CHECK(toText(seen.failure->status) == "4.4.1");
    CHECK(seen.failure->phase == base::Phase::connect);
    CHECK(!seen.assurance);
}

namespace {

enum class ResetAt { greeting, startTls, hello };

/// A host of a thread of its own that resets each connection, whenever that meets ours.
class ResettingHost {
public:
    explicit ResettingHost(ResetAt at) : at_(at) {}
    ~ResettingHost() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }
    ResettingHost(const ResettingHost&) = delete;
    ResettingHost& operator=(const ResettingHost&) = delete;

    Endpoint place() const { return localOf(listener_); }
    int connections() const { return connections_; }

private:
    void serve() {
        for (int one = 0; (one = accept(listener_, nullptr, nullptr)) >= 0; ++connections_) {
            char heard[4096];
            const auto say = [one](std::string_view words) {
                send(one, words.data(), words.size(), MSG_NOSIGNAL);
            };
            if (at_ != ResetAt::greeting) {
                say("220 peer\r\n");
                recv(one, heard, sizeof heard, 0);
                say("250-peer\r\n250 STARTTLS\r\n");
                recv(one, heard, sizeof heard, 0);
                say("220 go\r\n");
            }
            if (at_ == ResetAt::hello) recv(one, heard, sizeof heard, 0);
            const linger now{1, 0};
            setsockopt(one, SOL_SOCKET, SO_LINGER, &now, sizeof now);
            close(one);
        }
    }

    const ResetAt at_;
    const int listener_ = listenOn(loopback, 8);
    std::atomic<int> connections_ = 0;
    std::thread thread_{[this] { serve(); }};
};

}  // namespace

TEST_CASE("RFC 5321 §3.8: a host that resets the connection is the same whichever moment we notice it") {
    struct Row {
        ResetAt at;
        smtp::SessionFailure::Kind kind;
        const char* status;
        std::optional<record::Assurance> assurance;
    };
    using Kind = smtp::SessionFailure::Kind;
    const Row rows[] = {
        {ResetAt::greeting, Kind::temporary, "4.4.2", record::Assurance::cleartext},
        {ResetAt::startTls, Kind::tlsFailed, "4.7.5", std::nullopt},
        {ResetAt::hello, Kind::tlsFailed, "4.7.5", std::nullopt},
    };
    for (const auto& row : rows) {
        INFO(static_cast<int>(row.at));
        for (int i = 0; i < 20; ++i) {
            ResettingHost host(row.at);
            Fixture fixture;
            fixture.at = host.place();
            const auto seen = fixture.play({.level = record::Level::encrypt});
            REQUIRE(seen.failure);
            CHECK(seen.failure->kind == row.kind);
            CHECK(toText(seen.failure->status) == row.status);
            CHECK(seen.assurance == row.assurance);
            const bool isTriedAgain = row.kind == Kind::tlsFailed && tls::hasHybridGroups();
            CHECK(host.connections() == (isTriedAgain ? 2 : 1));
        }
    }
}

namespace {

// A connection that stood when the CAs were replaced leaves no session behind, and says that it is outdated.
Awaitable<void> acrossReload(Fixture* fixture) {
    fixture->left = 1;
    const DialTarget target{"mx.example.org", fixture->at, secure("mx.example.org")};
    auto client = co_await fixture->dialer->dial(target, smtp::TlsAttempt::first);
    REQUIRE(client->isReady());
    CHECK_FALSE(client->isOutdated());
    fixture->dialer->replace(SmtpDialerSettings{fixture->settings, 5s, 10}, *tls::TrustStore::load("", ""));
    CHECK(client->isOutdated());
    co_await client->quit();
    Seen seen;
    co_await Fixture::deliver(fixture, secure("mx.example.org"), smtp::TlsAttempt::first, &seen);
    CHECK(fixture->peer.resumed == 0);
    CHECK(!seen.ready);
}

Awaitable<void> thrice(Fixture* fixture) {
    fixture->left = 4;
    Seen seen;
    co_await Fixture::deliver(fixture, secure("mx.example.org"), smtp::TlsAttempt::first, &seen);
    CHECK(fixture->peer.resumed == 0);
    co_await Fixture::deliver(fixture, secure("mx.example.org"), smtp::TlsAttempt::first, &seen);
    CHECK(fixture->peer.resumed == 1);
    CHECK(seen.assurance == record::Assurance::authenticated);  // the verdict came with the session
    auto other = secure("mx.example.org");
    other.origin = {record::Origin::Kind::map};
    other.floors.ciphers = record::CipherGrade::high;
    co_await Fixture::deliver(fixture, other, smtp::TlsAttempt::first, &seen);
    CHECK(fixture->peer.resumed == 1);
    co_await Fixture::deliver(fixture, secure("mx.example.com"), smtp::TlsAttempt::first, &seen);
    CHECK(fixture->peer.resumed == 1);
    CHECK(!seen.ready);
}

}  // namespace

TEST_CASE("rule 16: a reload of the trusted CAs forgets whom the old ones proved") {
    Fixture fixture;
    fixture.peer.tls = Tls::offered;
    fixture.dialer =
        std::make_unique<SmtpDialer>(SmtpDialerSettings{fixture.settings, 5s, 10}, fixture.trust);
    fixture.world.start(acrossReload(&fixture));
    fixture.world.run();
}

TEST_CASE("rules 16 and 57: a TLS session is resumed under an equal requirement only") {
    Fixture fixture;
    fixture.peer.tls = Tls::offered;
    fixture.dialer =
        std::make_unique<SmtpDialer>(SmtpDialerSettings{fixture.settings, 5s, 10}, fixture.trust);
    fixture.world.start(thrice(&fixture));
    fixture.world.run();
    CHECK(fixture.peer.connections == 4);
}
