#include "tls/ed25519.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace postseal;
using namespace postseal::tls;

namespace {

PrivateKey keyOf(std::string_view pem) {
    const auto file = std::filesystem::temp_directory_path() / "postseal-ed25519-test.pem";
    std::ofstream(file) << pem;
    auto key = PrivateKey::load(file.string());
    std::filesystem::remove(file);
    REQUIRE(key);
    return std::move(*key);
}

}  // namespace

TEST_CASE("Ed25519: RFC 8032 §7.1, test 2") {
    // The seed in the form of RFC 8410 §7.
    const auto key = keyOf("-----BEGIN PRIVATE KEY-----\n"
                           "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
                           "-----END PRIVATE KEY-----\n");
    CHECK(base::toHex(publicEd25519(key).value()) ==
          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    CHECK(base::toHex(signEd25519(key, "\x72").value()) ==
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
          "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST_CASE("Ed25519: a new key signs, and what was changed is not signed") {
    const auto pem = newEd25519();
    REQUIRE(pem);
    const auto key = keyOf(pem->reveal());
    const auto signature = signEd25519(key, "list").value();
    const auto octets = publicEd25519(key).value();
    CHECK(octets.size() == 32);
    CHECK(isSignedBy(octets, "list", signature));
    CHECK_FALSE(isSignedBy(octets, "lisT", signature));
    auto other = signature;
    other.back() ^= std::byte{1};
    CHECK_FALSE(isSignedBy(octets, "list", other));
    CHECK_FALSE(isSignedBy(base::Bytes(32), "list", signature));
    CHECK_FALSE(isSignedBy(base::Bytes(31), "list", signature));
    CHECK_FALSE(isSignedBy(octets, "list", base::Bytes(63)));
}
