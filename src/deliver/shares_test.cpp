#include "deliver/shares.hpp"

#include <doctest/doctest.h>

using namespace postseal::deliver;

TEST_CASE("slow next hops never take all memory and connections from the others") {
    struct Row {
        const char* why;
        Usage used;
        bool memory, connection;
    };
    const Row rows[] = {
        {"nothing is used", {0, 0}, true, true},
        {"the last one below the reserve", {899, 99}, true, true},
        {"the reserve is for others", {900, 99}, false, false},
        {"for who has little in memory, and no connection", {900, 9}, true, false},
        {"for who has nothing", {999, 0}, true, true},
        {"all is used", {1000, 0}, false, false},
        {"nobody has more than a tenth of the memory", {100, 100}, false, true},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(hasRoom(row.used, 1000) == row.memory);
        CHECK(mayConnect(row.used, 1000) == row.connection);
    }
    CHECK(hasRoom({0, 0}, 1));
    CHECK(mayConnect({0, 0}, 1));
    CHECK(!hasRoom({1, 1}, 1));
}
