#include "app/tls_watch.hpp"

#include "store/temp_dir_test.hpp"
#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>

namespace postseal::app {
namespace {

using namespace std::chrono_literals;
using What = TlsWatch::Seen::What;

struct Fixture {
    Fixture() {
        issue("mx.example.org");
        write("postseal.toml", "hostname = \"mx.example.org\"\ndata_dir = \"data\"\n"
                               "[tls]\ncertificates = [{ chain = \"mx.pem\", key = \"mx.key\" }]\n"
                               "ticket_key_life = \"1h\"\n"
                               "[[listener]]\naddress = \"127.0.0.1:2525\"\n");
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
