#include "record/status.hpp"

#include <doctest/doctest.h>

#include <string>

using postseal::record::Status;

TEST_CASE("RFC 3463 §2: a status reads back; what is none is refused") {
    for (const std::string text : {"2.0.0", "4.4.1", "5.1.1", "5.7.30", "4.999.999"}) {
        INFO(text);
        const auto status = Status::parse(text);
        REQUIRE(status.has_value());
        CHECK(toText(*status) == text);
    }
    for (const auto* bad : {"", "5", "5.1", "5.1.", "5..1", "3.1.1", "5.1.1 ", "5.1.1000", "5.1000.1",
                            "x.1.1", "5.1.1.1", "55.1.1", "5.-1.1"}) {
        INFO(bad);
        CHECK_FALSE(Status::parse(bad));
    }
}

TEST_CASE("a refusal for good can be told as one for now, and the other way round; a success stays one") {
    constexpr Status good = "2.1.5", later = "4.7.5", never = "5.7.5";
    CHECK(never.asTemporary() == later);
    CHECK(later.asPermanent() == never);
    CHECK(later.asTemporary() == later);
    CHECK(good.asTemporary() == good);
    CHECK(good.asPermanent() == good);
    CHECK(never.isPermanent());
    CHECK_FALSE(later.isPermanent());
}
