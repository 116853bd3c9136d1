#include "record/transport.hpp"

#include <doctest/doctest.h>

using namespace postseal;

TEST_CASE("a transport's text reads back as the same transport") {
    const char* texts[] = {"example.org",         "[mx.example.org]:587", "[192.0.2.1]",
                           "lmtp:unix:/run/lmtp", "lmtp:[127.0.0.1]:24",  "lmtp:[mail.example.org]:2003",
                           "maildir:example.org"};
    for (const auto* text : texts) {
        CAPTURE(text);
        const auto transport = record::parseTransport(text);
        REQUIRE(transport);
        CHECK(record::toText(*transport) == text);
    }
}

TEST_CASE("what names no transport is refused in words") {
    for (const auto* text : {"", "lmtp:", "lmtp:unix:run/lmtp", "maildir:", "maildir:/var/mail", "a b"}) {
        CAPTURE(text);
        const auto transport = record::parseTransport(text);
        REQUIRE(!transport);
        CHECK(!transport.error().empty());
    }
}
