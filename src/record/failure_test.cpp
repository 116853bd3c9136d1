#include "record/failure.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string_view>

using namespace postseal::record;

namespace {

constexpr int causes = static_cast<int>(Why::stopped) + 1;

}  // namespace

TEST_CASE("RFC 8460 §4.3: every result type is told by some cause, and no cause by another word") {
    const std::set<std::string_view> types{"starttls-not-supported", "certificate-host-mismatch",
                                           "certificate-expired",    "certificate-not-trusted",
                                           "validation-failure",     "tlsa-invalid",
                                           "dnssec-invalid",         "dane-required",
                                           "sts-policy-fetch-error", "sts-policy-invalid",
                                           "sts-webpki-invalid"};
    std::set<std::string_view> told;
    for (int i = 0; i < causes; ++i)
        if (const auto type = resultType(static_cast<Why>(i)); !type.empty()) told.insert(type);
    CHECK(told == types);
}

TEST_CASE("causes of failure read back, each by a word of its own") {
    std::set<std::string_view> words;
    for (int i = 0; i < causes; ++i) {
        const auto why = static_cast<Why>(i);
        INFO(toText(why));
        CHECK(parseWhy(toText(why)) == why);
        words.insert(toText(why));
    }
    CHECK(words.size() == causes);
    CHECK_FALSE(parseWhy("nonsense"));
    CHECK_FALSE(parseWhy(""));
}
