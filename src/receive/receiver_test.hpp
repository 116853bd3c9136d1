// A receiving server of one core with a real store, and a client that plays a list of turns on it.
#pragma once

#include "receive/session.hpp"

#include "ledger/search.hpp"
#include "ledger/write.hpp"
#include "net/test_peers.hpp"
#include "queue/lease.hpp"
#include "queue/look.hpp"
#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace postseal::receive {

inline std::shared_ptr<const tls::ServerContext>
serverContext(const store::TempDir& dir, const tls::test::Identity& identity,
              tls::ClientCertificates asks = tls::ClientCertificates::no, const std::string& caFile = {}) {
    std::ofstream(dir / "chain.pem") << tls::test::pemOf(identity.certificate.get());
    std::ofstream(dir / "key.pem") << tls::test::pemOf(identity.key.get());
    const tls::ServerTlsSettings settings{.certificates = {{dir / "chain.pem", dir / "key.pem"}},
                                          .clientCertificates = asks};
    return tls::ServerContext::make(settings, **tls::TrustStore::load(caFile, "")).value();
}

inline directory::Directory sampleDirectory() {
    directory::Directory directory;
    const auto ours = base::DomainName::parse("example.org").value();
    directory.domains.emplace(
        ours, directory::Domain{directory::Relay{record::NextHop::parse("[inner.example.org]:2525").value()},
                                directory::Recipients::parse("bob\ncarol\n", ours).value()});
    return directory;
}

inline discover::SharedInboundPolicy policyOf(std::string_view map) {
    auto parsed = policy::InboundMap::parse(map, "tls_policy_in", [](const std::string&) {
        return base::Result<record::Anchors, std::string>(record::Anchors{});
    });
    REQUIRE(parsed.has_value());
    return std::make_shared<const discover::InboundPolicy>(
        discover::InboundPolicy{std::make_shared<const policy::InboundMap>(std::move(*parsed))});
}

/// A receiving server of one core with a real store; sessions are played on it by clients.
struct Receiver {
    Receiver() {
        site->settings =
            std::make_shared<Settings>(Settings{.hostname = "mx.example.org", .relayNetworks = {}});
        site->tls = serverContext(dir, ends.identity);
        site->directory = std::make_shared<directory::Directory>(sampleDirectory());
        site->demand.origin.kind = record::Origin::Kind::listener;
        set(smtp::ListenerTls::may);
        REQUIRE(queue::voidLeases(writer).has_value());
        REQUIRE(bodies.sweepOrphans().has_value());
    }
    void set(smtp::ListenerTls tls, smtp::Limits limits = {}, smtp::Deadlines deadlines = {}) {
        site->smtp = std::make_shared<smtp::ServerSettings>(
            smtp::ServerSettings{base::DomainName::parse("mx.example.org").value(), tls, limits, deadlines});
    }
    std::unique_ptr<store::Engine> look() const { return store::readersOf(dir.path())().value(); }

    store::TempDir dir;
    net::test::TlsEnds ends;
    net::test::World world;
    task::Pool pool{1};
    store::Writer writer{store::writerOf(dir.path(), {queue::schema, ledger::schema}),
                         {.dataDir = dir.path()}};
    store::Readers readers{store::readersOf(dir.path())};
    queue::Bodies bodies{{.dataDir = dir.path()}, pool, readers};
    queue::IdMaker ids;
    Rates rates;
    ArrivalMemory memory;
    ClientNames names{nullptr};
    std::atomic<bool> queueReady = true;
    std::vector<queue::Lease> handedOver;
    ledger::RefusedMails refusedMails;
    ReceivingServices services{.core = world.core,
                               .log = {},
                               .writer = writer,
                               .bodies = bodies,
                               .ids = ids,
                               .rates = rates,
                               .memory = memory,
                               .names = names,
                               .queueReady = queueReady,
                               .handOver =
                                   [this](std::vector<queue::Lease> leases) {
                                       std::ranges::move(leases, std::back_inserter(handedOver));
                                   },
                               .refusedMails = refusedMails,
                               .policy = policyOf({})};
    std::shared_ptr<Site> site = std::make_shared<Site>();
};

struct Turn {
    std::string send;    // "TLS": the handshake; empty: only listen
    std::string expect;  // the reply begins so; empty: the server closes
};

inline task::Awaitable<std::string> replyOf(net::Connection& connection, std::string& unread) {
    while (true) {
        for (std::size_t line = 0, end = 0; (end = unread.find("\r\n", line)) != std::string::npos;
             line = end + 2) {
            if (unread.size() < line + 4 || unread[line + 3] == '-') continue;
            auto reply = unread.substr(0, end);
            unread.erase(0, end + 2);
            co_return reply;
        }
        const auto bytes = co_await connection.read();
        if (!bytes || bytes->empty()) co_return std::string();
        unread += *bytes;
    }
}

inline task::Awaitable<void> talk(net::Connection connection, tls::Ssl session, std::vector<Turn> turns) {
    std::string unread;
    connection.setDeadline(connection.now() + std::chrono::seconds(20));
    for (const auto& turn : turns) {
        INFO("sent " << turn.send.substr(0, 60));
        const bool isHandshake = turn.send == "TLS";
        CHECK((!isHandshake || unread.empty()));
        const auto done = isHandshake ? co_await connection.startTls(std::move(session), net::TlsSide::client)
                                      : co_await connection.write(turn.send);
        CHECK(done.has_value());
        if (isHandshake) continue;
        const auto reply = co_await replyOf(connection, unread);
        INFO("came " << reply);
        CHECK((turn.expect.empty() ? reply.empty() : reply.starts_with(turn.expect)));
    }
}

inline void play(Receiver& receiver, std::vector<Turn> turns) {
    net::test::Pair pair(receiver.world.core);
    receiver.world.start(serve(&receiver.services, receiver.site, std::move(pair.ours)));
    receiver.world.start(talk(std::move(pair.theirs), receiver.ends.clientSession(), std::move(turns)));
    receiver.world.run();
}

}  // namespace postseal::receive
