#include "policy/own_relays.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;

namespace {

constexpr const char* pinHex = "aa00000000000000000000000000000000000000000000000000000000000000";

OwnRelays relays() {
    OwnRelays all;
    for (const auto* entry : {"192.0.2.0/24", "name:Backup.example.org",
                              "spki:AA:00:00:00:00:00:00:00:00:00:"
                              "00:00:00:00:00:00:00:00:00:00:00:00:"
                              "00:00:00:00:00:00:00:00:00:00"})
        REQUIRE(all.add(entry));
    return all;
}

InboundClient client(const char* address) {
    return {.address = base::IpAddress::parse(address).value()};
}

InboundClient showing(ClientCertificate certificate, std::string chainFault = {}) {
    auto shown = client("198.51.100.1");
    shown.tls = ClientTls{.certificate = std::move(certificate)};
    shown.chainFault = [fault = std::move(chainFault)](const auto&) { return fault; };
    return shown;
}

}  // namespace

TEST_CASE("own_relays: by network, by a name that a trusted CA vouches for, by key") {
    ClientCertificate pinned;
    pinned.spki[0] = std::byte{0xaa};
    const auto all = relays();
    CHECK(all.needCertificates());
    CHECK(ownRelay(all, client("192.0.2.7")) == "192.0.2.0/24");
    CHECK(ownRelay(all, client("198.51.100.1")) == std::nullopt);
    CHECK(ownRelay(all, showing({.names = {"backup.example.org"}})) == "name:backup.example.org");
    // Anybody can write any name into a certificate of his own.
    CHECK(ownRelay(all, showing({.names = {"backup.example.org"}}, "self-signed")) == std::nullopt);
    CHECK(ownRelay(all, showing({.names = {"*.example.org"}})) == std::nullopt);
    CHECK(ownRelay(all, showing(pinned, "self-signed")) == std::string("spki:") + pinHex);
}

TEST_CASE("own_relays: what is no entry is told") {
    OwnRelays all;
    CHECK(all.add("backup.example.org").error() ==
          "'backup.example.org' is no IP address or network like 192.0.2.0/24 or 2001:db8::/32, and neither "
          "name:HOST nor spki:HEX");
    CHECK(all.add("spki:AA").error() == "\"spki:AA\" is no SHA-256 of a public key (64 hexadecimal digits)");
    CHECK(all.add("name:a b").error().starts_with("\"name:a b\": the name "));
    CHECK_FALSE(all.needCertificates());
}
