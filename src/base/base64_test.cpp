#include "base/base64.hpp"

#include <doctest/doctest.h>

using namespace postseal::base;

TEST_CASE("base64: what RFC 4648 §10 says, and back") {
    struct Row {
        const char *plain, *text;
    };
    const Row rows[] = {{"", ""},
                        {"f", "Zg=="},
                        {"fo", "Zm8="},
                        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg=="},
                        {"fooba", "Zm9vYmE="},
                        {"foobar", "Zm9vYmFy"}};
    for (const auto& row : rows) {
        INFO(row.plain);
        CHECK(toBase64(asBytes(row.plain)) == row.text);
        const auto read = parseBase64(row.text);
        REQUIRE(read);
        CHECK(asText(*read) == row.plain);
    }
    const Bytes high(3, std::byte{0xff});
    CHECK(toBase64(high) == "////");
    CHECK(parseBase64("____") == high);
}

TEST_CASE("base64: what is none") {
    for (const char* text :
         {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", "Z===", "=", "====", "Zg==Zg==", "Zm 9"}) {
        INFO(text);
        CHECK_FALSE(parseBase64(text));
    }
}
