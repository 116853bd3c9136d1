#include "app/tls_watch.hpp"

#include "store/temp_dir_test.hpp"
#include "tls/facts.hpp"
#include "tls/test_certificates.hpp"
#include "tls/verify.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace postseal::app {
namespace {

using namespace std::chrono_literals;
using What = TlsWatch::Seen::What;

struct Fixture {
    Fixture() {
        issue("mx.example.org");
        write("public.pem", tls::test::pemOf(tls::test::make({.commonName = "CA"}).certificate.get()));
        begin("");
    }
    /// With these keys of its listener.
    void begin(const std::string& keys) {
        write("postseal.toml", "hostname = \"mx.example.org\"\ndata_dir = \"data\"\n"
                               "[tls]\ncertificates = [{ chain = \"mx.pem\", key = \"mx.key\" }]\n"
                               "ticket_key_life = \"1h\"\n"
                               "ca_file = \"public.pem\"\n"
                               "[[listener]]\naddress = \"127.0.0.1:2525\"\n" +
                                   keys);
        auto read = load((dir / "postseal.toml").string());
        REQUIRE_MESSAGE(read, (read ? "" : read.error()));
        loaded = *read;
        watch.start(*loaded, now);
    }
    void write(const std::string& name, const std::string& text) {
        std::ofstream(dir / (name + ".new")) << text;
        std::filesystem::rename(dir / (name + ".new"), dir / name);
    }
    void issue(const std::string& name) {
        const auto made = tls::test::make({.commonName = name, .dnsNames = {name}});
        write("mx.pem", tls::test::pemOf(made.certificate.get()));
        write("mx.key", tls::test::pemOf(made.key.get()));
    }
    /// What the listener says of who shows this certificate; null: of who shows none.
    std::string faultOf(const tls::test::Identity* client) {
        const tls::SslContext clients(SSL_CTX_new(TLS_client_method()));
        const tls::Ssl session(SSL_new(clients.get()));
        if (client != nullptr) {
            SSL_use_certificate(session.get(), client->certificate.get());
            SSL_use_PrivateKey(session.get(), client->key.get());
        }
        const auto server = loaded->sites.at(0)->tls->newSession(tls::test::now);
        REQUIRE(tls::test::handshake(session.get(), server.get()));
        const auto facts = tls::factsOf(server.get(), tls::clientVerdict(server.get()));
        return facts.peer ? facts.peer->chainFault : "no certificate";
    }
    /// Once it is at rest; what comes of it is in force.
    base::Result<What, std::string> look(std::chrono::seconds after = 1s) {
        now += after;
        auto seen = watch.look(*loaded, now);
        if (!seen) return base::fail(seen.error());
        if (seen->loaded) loaded = seen->loaded;
        return seen->what;
    }
    const tls::ServerContext* context() const { return loaded->sites.at(0)->tls.get(); }

    store::TempDir dir;
    std::shared_ptr<const Loaded> loaded;
    TlsWatch watch;
    base::Tick now{};
};

}  // namespace

TEST_CASE("certificates and keys are read again when they change, and bad ones leave those before in force") {
    Fixture fixture;
    const auto* first = fixture.context();
    CHECK(*fixture.look() == What::nothing);
    fixture.issue("mx.example.org");
    CHECK(*fixture.look() == What::nothing);  // it may still be being written
    CHECK(*fixture.look() == What::readAgain);
    const auto* second = fixture.context();
    CHECK(second != first);
    CHECK(*fixture.look() == What::nothing);

    fixture.write("mx.pem", "junk\n");
    CHECK(*fixture.look() == What::nothing);
    const auto refused = fixture.look();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("mx.pem: holds no certificate in PEM form") != std::string::npos);
    CHECK(fixture.context() == second);
    CHECK(*fixture.look() == What::nothing);  // told once

    std::filesystem::remove(fixture.dir / "mx.key");
    CHECK(*fixture.look() == What::nothing);
    CHECK_FALSE(fixture.look());
    fixture.issue("mx.example.org");
    CHECK(*fixture.look() == What::nothing);
    CHECK(*fixture.look() == What::readAgain);
}

TEST_CASE("a listener's client_ca_file vouches for its clients and nobody else does, as the file is now") {
    Fixture fixture;
    const auto root = tls::test::make({.commonName = "Our clients", .authority = true});
    const auto issuing = tls::test::make({.commonName = "Our mail", .issuer = &root, .authority = true});
    const auto ours = tls::test::make({.commonName = "ours.example", .issuer = &root});
    const auto below = tls::test::make({.commonName = "below.example", .issuer = &issuing});
    const auto stranger = tls::test::make({.commonName = "stranger.example"});
    const auto pem = [](const tls::test::Identity& one) { return tls::test::pemOf(one.certificate.get()); };
    fixture.write("public.pem", pem(stranger));
    fixture.write("clients.pem", pem(root));
    const auto tellsOfStrangers = [&] {
        return std::ranges::any_of(fixture.loaded->warnings, [](const std::string& warning) {
            return warning.find("strangers too: name those who vouch") != warning.npos;
        });
    };
    fixture.begin("client_certificates = \"require\"\n");
    CHECK(tellsOfStrangers());
    CHECK(fixture.faultOf(&stranger).empty());
    CHECK_FALSE(fixture.faultOf(&ours).empty());

    fixture.begin("client_certificates = \"require\"\nclient_ca_file = \"clients.pem\"\n");
    CHECK_FALSE(tellsOfStrangers());
    CHECK(fixture.faultOf(&ours).empty());
    CHECK_FALSE(fixture.faultOf(&stranger).empty());
    CHECK(fixture.faultOf(nullptr) == "no certificate");

    fixture.write("clients.pem", pem(issuing));
    CHECK(*fixture.look() == What::nothing);
    CHECK(*fixture.look() == What::readAgain);
    CHECK(fixture.faultOf(&below).empty());  // an intermediate may be named, and vouches for no more
    CHECK_FALSE(fixture.faultOf(&ours).empty());

    fixture.write("clients.pem", "junk\n");
    CHECK(*fixture.look() == What::nothing);
    const auto refused = fixture.look();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("listener[1].client_ca_file: ") != std::string::npos);
    CHECK(fixture.faultOf(&below).empty());
}

TEST_CASE("session tickets get a new key each period, without a look at files") {
    Fixture fixture;
    const auto* first = fixture.context();
    CHECK(*fixture.look(59min) == What::nothing);
    CHECK(*fixture.look(1min) == What::ticketKeysDue);
    CHECK(fixture.context() != first);
    CHECK(*fixture.look(59min) == What::nothing);
    CHECK(*fixture.look(1min) == What::ticketKeysDue);
}

}  // namespace postseal::app
