#include "companion/netstring.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace postseal::companion {
namespace {

struct Heard {
    std::vector<std::string> strings;
    bool isBroken = false;

    bool operator==(const Heard&) const = default;
};

Heard hear(std::string_view wire, std::size_t chunk) {
    NetstringReader reader(20);
    Heard heard;
    for (std::size_t at = 0; at < wire.size(); at += chunk) {
        reader.append(wire.substr(at, chunk));
        while (true) {
            auto next = reader.next();
            if (!next) {
                heard.isBroken = true;
                return heard;
            }
            if (!*next) break;
            heard.strings.push_back(std::move(**next));
        }
    }
    return heard;
}

}  // namespace

TEST_CASE("netstrings are read whole, one after the other, in any chunks") {
    struct Row {
        const char* why;
        std::string_view wire;
        Heard want;
    };
    const Row rows[] = {
        {"one", "5:hello,", {{"hello"}}},
        {"an empty one", "0:,", {{""}}},
        {"two, the second not whole", "1:a,2:b", {{"a"}}},
        {"bytes of any kind", std::string_view("3:a\0,,", 6), {{std::string("a\0,", 3)}}},
        {"the longest", "20:01234567890123456789,", {{"01234567890123456789"}}},
        {"longer is refused by its length alone", "21:", {{}, true}},
        {"a length that would overflow", "99999999999999999999999999:", {{}, true}},
        {"a length that begins with zero has two forms", "01:a,", {{}, true}},
        {"no length", ":a,", {{}, true}},
        {"another sign behind the length", "1;a,", {{}, true}},
        {"no comma at the end", "1:ab", {{}, true}},
        {"HTTP that a browser was tricked into", "GET / HTTP/1.1\r\n", {{}, true}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        for (const std::size_t chunk : {std::size_t{1}, std::size_t{3}, row.wire.size()})
            CHECK(hear(row.wire, chunk) == row.want);
    }
    CHECK(toNetstring("hello") == "5:hello,");
    CHECK(hear(toNetstring(""), 9).strings == std::vector<std::string>{""});
}

}  // namespace postseal::companion
