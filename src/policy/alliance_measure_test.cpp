#include "policy/alliance_measure.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using record::Assurance;
using record::HopRecord;

namespace {

HopRecord sealedHop() {
    HopRecord hop;
    hop.direction = record::Direction::out;
    hop.peer.name = "mx.a.example";
    hop.assurance = Assurance::encrypted;
    hop.tls.emplace().peer.emplace().dnsNames = {"*.a.example"};
    return hop;
}

const AllianceMember secure{.domains = {"a.example"},
                            .mx = {{"mx.a.example"}},
                            .clients = {NamedClient{"out.a.example"}},
                            .to = record::Level::secure,
                            .from = InboundLevel::verify};

}  // namespace

TEST_CASE("what would have been stopped: mail to a member") {
    CHECK(whyStopped(secure, sealedHop()).empty());
    auto hop = sealedHop();
    hop.peer.name = "mx.evil.example";
    CHECK(whyStopped(secure, hop) == "mx.evil.example is not among its mail hosts");
    hop = sealedHop();
    hop.assurance = Assurance::cleartext;
    CHECK(whyStopped(secure, hop) == "mx.a.example took it in clear text");
    hop = sealedHop();
    hop.tls->peer->dnsNames = {"mx.b.example"};
    CHECK(whyStopped(secure, hop) == "mx.a.example showed no certificate for its name");
    hop = sealedHop();
    hop.tls->peer->chainFault = "the certificate expired";
    CHECK(whyStopped(secure, hop) == "mx.a.example: the certificate expired");
    auto other = secure;
    other.to = record::Level::dane;
    CHECK(whyStopped(other, sealedHop()) == "mx.a.example was not proven by DANE");
    other.to = record::Level::fingerprint;
    CHECK(whyStopped(other, sealedHop()) == "mx.a.example showed another key");
    other.to = record::Level::may;
    other.from = InboundLevel::may;
    hop = sealedHop();
    hop.assurance = Assurance::cleartext;
    CHECK(whyStopped(other, hop).empty());
}

TEST_CASE("what would have been stopped: mail from a member") {
    auto hop = sealedHop();
    hop.direction = record::Direction::in;
    CHECK(whyStopped(secure, hop).empty());  // the wildcard covers its name
    hop.tls->peer->dnsNames = {"tenant.cloud.example"};
    CHECK(whyStopped(secure, hop) == "mx.a.example showed the certificate of another");
    hop.tls->peer.reset();
    CHECK(whyStopped(secure, hop) == "mx.a.example showed no certificate");
    hop.tls.reset();
    CHECK(whyStopped(secure, hop) == "mx.a.example brought it in clear text");
}
