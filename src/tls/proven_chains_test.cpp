#include "tls/proven_chains.hpp"

#include "tls/test_certificates.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::tls;
using namespace std::chrono_literals;

namespace {

CertificateStore storeOf(const test::Identity& authority) {
    CertificateStore store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), authority.certificate.get());
    return store;
}

}  // namespace

TEST_CASE("what verified is remembered for its store, its certificates and its time, and nothing else") {
    const auto root = test::make({.commonName = "Root", .authority = true});
    const auto other = test::make({.commonName = "Other", .authority = true});
    const auto good =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &root, .lastDay = 1});
    const auto alien = test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &other});
    const auto trusted = storeOf(root);
    const auto strangers = storeOf(other);
    ProvenChains chains;
    const Chain ours{.leaf = good.certificate.get()};

    CHECK(chains.chainFault(ours, trusted.get(), test::now).empty());
    CHECK(chains.size() == 1);
    CHECK(chains.chainFault(ours, trusted.get(), test::now + 5min).empty());
    CHECK(chains.size() == 1);

    INFO("another store has not verified it");
    CHECK(!chains.chainFault(ours, strangers.get(), test::now).empty());
    INFO("another certificate was not verified");
    CHECK(!chains.chainFault({.leaf = alien.certificate.get()}, trusted.get(), test::now).empty());
    CHECK(!chains.chainFault({}, trusted.get(), test::now).empty());
    CHECK(chains.size() == 1);
}

TEST_CASE("a remembered chain ends with its certificates, before ten minutes are over") {
    const auto root = test::make({.commonName = "Root", .authority = true});
    const auto good =
        test::make({.commonName = "mx", .dnsNames = {"mx.example.org"}, .issuer = &root, .lastDay = 1});
    const auto trusted = storeOf(root);
    ProvenChains chains;
    const Chain ours{.leaf = good.certificate.get()};
    const auto end = test::now + 24h;

    CHECK(chains.chainFault(ours, trusted.get(), end - 1min).empty());
    CHECK(chains.chainFault(ours, trusted.get(), end + 1min).words.find("expired") != std::string::npos);
    CHECK(chains.size() == 0);
    INFO("a clock that went back asks again");
    CHECK(chains.chainFault(ours, trusted.get(), test::now).empty());
    CHECK(!chains.chainFault(ours, trusted.get(), test::now - 24h * 365).empty());
}
