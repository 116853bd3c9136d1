#include "record/route.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using record::Route;

TEST_CASE("a route is what its text says, however it was made") {
    for (const auto* text :
         {"example.org", "[mx.example.org]:587", "lmtp:unix:/run/lmtp", "maildir:example.org"}) {
        CAPTURE(text);
        const auto read = Route::parse(text);
        REQUIRE(read);
        CHECK(read->text() == text);
        CHECK(*read == Route(read->transport()));
    }
    CHECK_FALSE(Route::parse("lmtp:").has_value());
    CHECK_FALSE(*Route::parse("example.org") == *Route::parse("[example.org]"));
}

TEST_CASE("a text that was kept stays as it is: it is the key that its rows are found by") {
    const auto kept = Route::parse("[192.0.2.1]:smtp");
    REQUIRE(kept);
    CHECK(kept->text() == "[192.0.2.1]:smtp");
    CHECK(record::toText(kept->transport()) == "[192.0.2.1]:25");
}
