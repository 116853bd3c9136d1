#include "discover/local_policy.hpp"

#include "store/open.hpp"
#include "store/temp_dir_test.hpp"

#include <doctest/doctest.h>

namespace postseal::discover {
namespace {

constexpr base::Timestamp now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

}  // namespace

TEST_CASE("what this house says of a domain is not known before memory, exceptions and alliances are read") {
    const store::TempDir dir;
    store::Readers readers(store::readersOf(dir.path()));
    const Query query{.nextHop = record::NextHop::parse("example.org").value(), .domain = "example.org"};
    MemoryStore memory(policy::MemorySettings{});
    Exceptions exceptions;
    Alliances alliances{AllianceSettings{}};
    CHECK_FALSE(memory.load(readers).has_value());  // there is no database
    CHECK_FALSE(exceptions.load(readers).has_value());
    CHECK_FALSE(alliances.load(readers).has_value());
    CHECK_FALSE(localPolicyOf(exceptions, alliances, memory, query, now));
    CHECK_FALSE(memory.observe("example.org", {}, now).row);  // it would write over what is there

    auto opened = store::writerOf(dir.path(), {memorySchema, exceptionsSchema, alliancesSchema})();
    REQUIRE(opened.has_value());
    REQUIRE(memory.load(readers).has_value());
    CHECK_FALSE(localPolicyOf(exceptions, alliances, memory, query, now));
    REQUIRE(exceptions.load(readers).has_value());
    CHECK_FALSE(localPolicyOf(exceptions, alliances, memory, query, now));
    REQUIRE(alliances.load(readers).value());
    CHECK(localPolicyOf(exceptions, alliances, memory, query, now) == LocalPolicy());
}

}  // namespace postseal::discover
