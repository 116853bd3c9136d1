#include "net/https_client.hpp"

#include "net/listener.hpp"
#include "net/test_peers.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace postseal;
using namespace postseal::net;
using namespace postseal::net::test;

namespace {

constexpr std::size_t most = 1024;

enum class End { goodbye, silently, never };

/// A server that says its piece to whoever asks, and keeps what it was asked.
struct Server {
    tls::SslContext context;
    std::string answer;
    End end = End::goodbye;
    bool drips = false;
    std::string heard = {};
    std::string serverName = {};
};

Awaitable<void> serve(Connection connection, Server* server) {
    connection.setDeadline(connection.now() + 10s);
    if (!co_await connection.startTls(tls::Ssl(SSL_new(server->context.get())), TlsSide::server)) co_return;
    if (const auto* name = SSL_get_servername(connection.tls(), TLSEXT_NAMETYPE_host_name); name != nullptr)
        server->serverName = name;
    while (server->heard.find("\r\n\r\n") == std::string::npos) {
        const auto bytes = co_await connection.read();
        if (!bytes || bytes->empty()) co_return;
        server->heard += *bytes;
    }
    if (!server->drips && !co_await connection.write(server->answer)) co_return;
    for (std::size_t i = 0; server->drips && i < server->answer.size(); ++i) {
        if (!co_await connection.write(std::string_view(server->answer).substr(i, 1))) co_return;
        co_await task::sleepFor(20ms);
    }
    switch (server->end) {
    case End::goodbye: break;
    case End::silently: shutdown(SSL_get_fd(connection.tls()), SHUT_WR); break;
    case End::never: co_await task::sleepFor(10s); break;
    }
}

std::shared_ptr<const tls::TrustStore> trusting(const tls::test::Identity& authority) {
    const auto file = "/tmp/postseal-https-test." + std::to_string(getpid()) + ".pem";
    FILE* pem = fopen(file.c_str(), "w");
    fputs(tls::test::pemOf(authority.certificate.get()).c_str(), pem);
    fclose(pem);
    auto trust = *tls::TrustStore::load(file, "");
    unlink(file.c_str());
    return trust;
}

using Outcome = base::Result<HttpsResponse, HttpsFailure>;

struct Fixture {
    static Awaitable<void> ask(Fixture* self, HttpsRequest request, std::optional<Outcome>* outcome) {
        outcome->emplace(co_await self->client.get(std::move(request)));
        self->world.core.tasks.cancelAll();
    }

    Outcome get(Server& server, std::vector<Endpoint> before = {}, std::chrono::milliseconds patience = 5s) {
        auto made = Listener::open(world.core, loopback);
        REQUIRE(made);
        auto addresses = std::move(before);
        addresses.push_back(made->local());
        const auto take = [this, &server](Connection connection) {
            task::spawn(world.core, serve(std::move(connection), &server), "server");
        };
        task::spawn(world.core, Listener::acceptAll(std::move(*made), take, {}), "accept");
        std::optional<Outcome> outcome;
        world.start(ask(this,
                        {.host = *base::DomainName::parse("mta-sts.example.org"),
                         .path = "/.well-known/mta-sts.txt",
                         .addresses = std::move(addresses),
                         .mostBytes = most,
                         .deadline = world.in(patience),
                         .now = tls::test::now},
                        &outcome));
        world.run();
        return *outcome;
    }

    World world;
    tls::test::Identity root = tls::test::make({.commonName = "Root", .authority = true});
    HttpsClient client{trusting(root)};
};

Outcome answered(std::string answer, End end = End::goodbye, bool drips = false,
                 std::chrono::milliseconds patience = 5s) {
    Fixture fixture;
    const auto identity =
        tls::test::make({.commonName = "", .dnsNames = {"mta-sts.example.org"}, .issuer = &fixture.root});
    Server server{tls::test::serve(identity), std::move(answer), end, drips};
    return fixture.get(server, {}, patience);
}

std::string ofSize(std::size_t bytes) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
           std::string(bytes, 'x');
}

}  // namespace

TEST_CASE("https: one plain request, to the host that was named") {
    Fixture fixture;
    const auto identity =
        tls::test::make({.commonName = "", .dnsNames = {"*.example.org"}, .issuer = &fixture.root});
    Server server{tls::test::serve(identity), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    const auto response = fixture.get(server);
    REQUIRE(response);
    CHECK(response->body == "ok");
    CHECK(server.serverName == "mta-sts.example.org");
    CHECK(server.heard.starts_with("GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.org:"));
    CHECK(server.heard.find("gzip") == std::string::npos);
}

TEST_CASE("rule 19: an answer is taken as it came (RFC 8461 §3.3, RFC 9112)") {
    struct Row {
        const char* why;
        std::string answer;
        unsigned status;
        const char* body;
        End end = End::goodbye;
        bool isWhole = true;
    };
    const Row rows[] = {
        {"by length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
        {"by length, from a server that does not close", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
         200, "hello", End::never},
        {"in chunks",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 200,
         "hello"},
        {"by TLS's goodbye", "HTTP/1.0 200 OK\r\n\r\nhello", 200, "hello"},
        {"by the connection's end, which anyone can bring about", "HTTP/1.0 200 OK\r\n\r\nhello", 200,
         "hello", End::silently, false},
        {"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
        {"a redirect is an answer and no more",
         "HTTP/1.1 301 Moved\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n", 301, ""},
        {"what is missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 404, "no"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto response = answered(row.answer, row.end);
        REQUIRE(response);
        CHECK(response->status == row.status);
        CHECK(response->body == row.body);
        CHECK(response->isWhole == row.isWhole);
    }
    const auto typed = answered("HTTP/1.1 200 OK\r\ncontent-TYPE: Text/Plain; charset=utf-8\r\n"
                                "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n");
    REQUIRE(typed);
    CHECK(typed->contentType == "Text/Plain; charset=utf-8");
    CHECK(typed->contentEncoding == "gzip");
}

TEST_CASE("rules 19, 53: size and time are bounded, and what is cut short is no answer") {
    CHECK(answered(ofSize(most - 1)));
    CHECK(answered(ofSize(most)));
    const std::string tooLarge = "its answer is larger than 1 KiB";
    CHECK(answered(ofSize(most + 1)).error().words == tooLarge);
    CHECK(answered("HTTP/1.0 200 OK\r\n\r\n" + std::string(most + 1, 'x')).error().words == tooLarge);
    const auto chunk = "401\r\n" + std::string(0x401, 'x') + "\r\n0\r\n\r\n";
    CHECK(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk).error().words ==
          tooLarge);
    CHECK(answered("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x')).error().words ==
          "the header of its answer is too large");
    const std::string cut = "it closed the connection before its answer was complete";
    CHECK(answered("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello").error().words == cut);
    CHECK(answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n").error().words == cut);
    CHECK(answered("HTTP/1.1 200 OK\r\nContent-").error().words == cut);
    CHECK(answered("").error().words == cut);
    CHECK(answered("version: STSv1\r\n\r\n").error().words.starts_with("its answer is no HTTP: "));
    CHECK(answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", End::goodbye, true, 300ms)
              .error()
              .words == "it did not answer in time");
}

TEST_CASE("rule 19: only a server that proves its name by a chain and a DNS name is asked (RFC 8461 §3.3)") {
    Fixture fixture;
    const auto other = tls::test::make({.commonName = "Other root", .authority = true});
    struct Row {
        const char* why;
        tls::test::Wish wish;
        const char* words;
    };
    const Row rows[] = {
        {"another name",
         {.commonName = "", .dnsNames = {"example.org"}, .issuer = &fixture.root},
         "the certificate is for example.org, not for mta-sts.example.org"},
        {"the common name alone",
         {.commonName = "mta-sts.example.org", .issuer = &fixture.root},
         "the certificate is for no name at all, not for mta-sts.example.org"},
        {"a star for two labels",
         {.commonName = "", .dnsNames = {"*.org"}, .issuer = &fixture.root},
         "the certificate is for *.org, not for mta-sts.example.org"},
        {"another CA", {.commonName = "", .dnsNames = {"mta-sts.example.org"}, .issuer = &other}, nullptr},
        {"nobody's", {.commonName = "", .dnsNames = {"mta-sts.example.org"}}, nullptr},
        {"expired",
         {.commonName = "", .dnsNames = {"mta-sts.example.org"}, .issuer = &fixture.root, .lastDay = -1},
         nullptr},
        {"not yet valid",
         {.commonName = "", .dnsNames = {"mta-sts.example.org"}, .issuer = &fixture.root, .firstDay = 1},
         nullptr},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Fixture each;
        each.client.replace(trusting(fixture.root));
        const auto identity = tls::test::make(row.wish);
        Server server{tls::test::serve(identity), ofSize(1)};
        const auto response = each.get(server);
        REQUIRE_FALSE(response);
        CHECK(response.error().kind == HttpsFailure::Kind::notProven);
        if (row.words != nullptr) CHECK(response.error().words == row.words);
        CHECK(server.heard.empty());
    }
}

TEST_CASE("https: the next address is tried where no connection stands") {
    Fixture fixture;
    const auto identity =
        tls::test::make({.commonName = "", .dnsNames = {"mta-sts.example.org"}, .issuer = &fixture.root});
    Server server{tls::test::serve(identity), ofSize(1)};
    const int closed = listenOn(loopback, 1);
    const auto nobody = localOf(closed);
    close(closed);
    CHECK(fixture.get(server, {nobody}));

    Fixture none;
    std::optional<Outcome> outcome;
    none.world.start(Fixture::ask(&none,
                                  {.host = *base::DomainName::parse("mta-sts.example.org"),
                                   .path = "/",
                                   .addresses = {nobody},
                                   .mostBytes = most,
                                   .deadline = none.world.in(5s),
                                   .now = tls::test::now},
                                  &outcome));
    none.world.run();
    REQUIRE(outcome);
    CHECK(outcome->error().kind == HttpsFailure::Kind::noAnswer);
    CHECK(outcome->error().words == "no connection to " + toText(nobody) + ": Connection refused");
}
