#include "policy/hindsight.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;
using record::Assurance;
using record::Level;

namespace {

record::HopRecord clear() {
    record::HopRecord hop;
    hop.direction = record::Direction::out;
    hop.peer.name = "mx.hoster.example";
    hop.result = record::HopResult::delivered;
    hop.assurance = Assurance::cleartext;
    return hop;
}

record::HopRecord tlsHop(std::vector<std::string> names, std::string chainFault = {}) {
    auto hop = clear();
    hop.assurance = Assurance::encrypted;
    auto& peer = hop.tls.emplace().peer.emplace();
    peer.dnsNames = std::move(names);
    peer.chainFault = std::move(chainFault);
    return hop;
}

record::HopRecord proven(record::HopRecord hop, record::Proof proof) {
    hop.assurance = Assurance::authenticated;
    hop.tls->authenticatedBy = proof;
    return hop;
}

record::HopRecord decidedBy(record::HopRecord hop, record::Origin::Kind kind) {
    hop.claims = {{.origin = {kind}, .level = Level::may, .won = true}};
    return hop;
}

/// Whether it had passed under each level; `-`: another decides.
std::string passes(const record::HopRecord& hop) {
    std::string all;
    const Claim levels[] = {standardClaim(Level::may),      standardClaim(Level::encrypt),
                            standardClaim(Level::daneOnly), standardClaim(Level::verify),
                            standardClaim(Level::secure),   standardSealed()};
    for (const auto& level : levels) {
        const auto found = hindsight(hop, "example.org", level);
        CHECK(found.why.empty() == (found.what != Hindsight::What::waits));
        all += found.what == Hindsight::What::passes ? 'y' : found.what == Hindsight::What::waits ? 'n' : '-';
    }
    return all;
}

}  // namespace

TEST_CASE("hindsight: what another default level would have done to a transfer") {
    using Kind = record::Origin::Kind;
    auto bracketed = tlsHop({"mx.hoster.example"});
    bracketed.mxProof = record::MxProof::administrator;
    auto unshown = tlsHop({});
    unshown.tls->peer.reset();
    auto named = tlsHop({});
    named.tls->peer->subject = "MX.hoster.example";
    struct Row {
        const char* why;
        record::HopRecord hop;
        const char* passes;  // may, encrypt, dane-only, verify, secure, sealed
    };
    const Row rows[] = {
        {"clear text", clear(), "ynnnnn"},
        {"TLS with a certificate of nobody's", tlsHop({"mx.hoster.example"}, "self-signed"), "yynnnn"},
        {"of the host", tlsHop({"mx.hoster.example"}), "yynynn"},
        {"a wildcard of it", tlsHop({"*.hoster.example"}), "yynynn"},
        {"by its common name", named, "yynynn"},
        {"of the domain itself", tlsHop({"example.org"}), "yynnyy"},
        {"below it", tlsHop({"mail.example.org"}), "yynnyy"},
        {"of the host and the domain", tlsHop({"mx.hoster.example", "example.org"}), "yynyyy"},
        {"none was shown", unshown, "yynnnn"},
        {"the administrator wrote the host", bracketed, "yynyyy"},
        {"DANE, with a certificate of its own", proven(tlsHop({"x"}, "self-signed"), record::Proof::dane),
         "yyynny"},
        {"MTA-STS", proven(tlsHop({"mx.hoster.example"}), record::Proof::mtaSts), "yynyny"},
        {"an entry of the map", decidedBy(clear(), Kind::map), "------"},
        {"an exception", decidedBy(clear(), Kind::exception), "------"},
        {"what is published is beside it", decidedBy(clear(), Kind::mtaSts), "ynnnnn"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(passes(row.hop) == row.passes);
    }
    CHECK(hindsight(tlsHop({"a.example", "b.example", "c.example", "d.example"}), "example.org",
                    standardSealed())
              .why == "the certificate is for a.example, b.example, c.example, ..., not for example.org");
}
