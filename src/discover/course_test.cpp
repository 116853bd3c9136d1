#include "discover/course.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::discover;

TEST_CASE("course: what stays on this machine, and what leaves it") {
    struct Row {
        const char* transport;
        const char* leaves;  // by this next hop; empty: it stays
        smtp::Dialect dialect;
    };
    using enum smtp::Dialect;
    const Row rows[] = {
        {"example.org", "example.org", smtp},
        {"[mx.example.org]:587", "[mx.example.org]:587", smtp},
        {"[192.0.2.1]:25", "[192.0.2.1]:25", smtp},
        {"[127.0.0.1]:10025", "", smtp},
        {"[::1]:10025", "", smtp},
        {"[localhost]:10025", "", smtp},
        {"[127.0.0.1]", "[127.0.0.1]", smtp},  // a recipient may have written it: rule 58 is asked
        {"localhost", "localhost", smtp},
        {"[127.0.0.9]:587", "[127.0.0.9]:587", smtp},  // a tunnel's end, perhaps
        {"[127.0.0.1]:587", "[127.0.0.1]:587", smtp},  // the map has an entry for it
        {"lmtp:unix:/run/lmtp", "", lmtp},
        {"lmtp:[127.0.0.1]:24", "", lmtp},
        {"lmtp:localhost", "", lmtp},
        {"lmtp:mailstore.example", "[mailstore.example]:24", lmtp},
        {"lmtp:mailstore.example:2400", "[mailstore.example]:2400", lmtp},
        {"lmtp:[192.0.2.1]", "[192.0.2.1]:24", lmtp},
        {"maildir:example.org", "", smtp},
    };
    const auto map = policy::Map::parse("[127.0.0.1]:587 encrypt\n", "tls_policy", {});
    REQUIRE(map);
    for (const auto& row : rows) {
        INFO(row.transport);
        const auto course = courseOf(record::parseTransport(row.transport).value(), &*map);
        CHECK((course.nextHop ? toText(*course.nextHop) : "") == row.leaves);
        CHECK(course.dialect == row.dialect);
        if (!course.here) continue;
        CHECK(course.here->hosts.front().requirement.level == record::Level::none);
        CHECK((course.socket || course.here->hosts.front().port != 25));
    }
}
