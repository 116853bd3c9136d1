#include "config/folder_test.hpp"

#include <doctest/doctest.h>

namespace postseal::config {

TEST_CASE("config: an address beside all addresses, at the same port, is told") {
    struct Row {
        std::string_view first, second;
        bool isTold;
    };
    const Row rows[] = {
        {"127.0.0.1:2525", "0.0.0.0:2525", true},  {"0.0.0.0:2525", "127.0.0.1:2525", true},
        {"127.0.0.1:2525", "0.0.0.0:2526", false}, {"[::]:2525", "127.0.0.1:2525", false},
        {"[::1]:2525", "[::]:2525", true},         {"[::]:2525", "0.0.0.0:2525", false},
    };
    const Folder folder;
    for (const auto& row : rows) {
        INFO(row.first);
        INFO(row.second);
        auto text = std::string(least);
        for (const auto address : {row.first, row.second})
            text += "[[listener]]\naddress = \"" + std::string(address) + "\"\ntls = \"none\"\n";
        const auto settings = folder.parsed(text);
        REQUIRE(settings);
        CHECK(settings->warnings.size() == (row.isTold ? 1 : 0));
    }
}

TEST_CASE("config: where a key stands is known, for what is found later") {
    const Folder folder;
    const auto settings =
        folder.parsed(std::string(least) + "[tls]\ncertificates = [{ chain = \"ecdsa.pem\", "
                                           "key = \"ecdsa.key\" }]\n");
    REQUIRE(settings);
    CHECK(settings->lines.at("hostname") == 1);
    CHECK(settings->lines.at("tls.certificates[1].key") == 4);
    CHECK_FALSE(settings->lines.contains("user"));
}

}  // namespace postseal::config
