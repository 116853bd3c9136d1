#include "smtp/peer_reply.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace postseal::smtp {
namespace {

using namespace std::string_literals;

/// What a reader makes of `bytes` in chunks of `size`: replies as text, then "!words" if it ends so.
std::vector<std::string> read(std::string_view bytes, std::size_t size) {
    PeerReplyReader reader;
    std::vector<std::string> seen;
    while (!bytes.empty()) {
        auto chunk = bytes.substr(0, size);
        bytes.remove_prefix(chunk.size());
        while (!chunk.empty()) {
            const auto reply = reader.take(chunk);
            if (!reply) {
                seen.push_back("!" + reply.error());
                return seen;
            }
            if (*reply) seen.push_back(toText(**reply));
        }
    }
    return seen;
}

std::string lines(std::size_t count, std::string_view line) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all += line;
    return all;
}

}  // namespace

TEST_CASE("RFC 5321 §4.2: replies, in whatever chunks they come") {
    using Seen = std::vector<std::string>;
    struct Row {
        const char* why;
        std::string bytes;
        Seen want;
    };
    const Row rows[] = {
        {"one line", "250 Ok\r\n", {"250 Ok"}},
        {"enhanced", "550 5.1.1 No such user\r\n", {"550 5.1.1 No such user"}},
        {"code alone", "250\r\n", {"250"}},
        {"code and space", "250 \r\n", {"250"}},
        {"an enhanced code alone", "250 2.0.0\r\n", {"250 2.0.0"}},
        {"two replies", "250 a\r\n354 b\r\n", {"250 a", "354 b"}},
        {"several lines", "250-mx\r\n250-SIZE\r\n250 HELP\r\n", {"250 mx SIZE HELP"}},
        {"RFC 2034: its code on each line", "550-5.1.1 no\r\n550 5.1.1 such\r\n", {"550 5.1.1 no such"}},
        {"8-bit and controls are escaped", "250 \xff\x1b\r\n", {"250 \\xff\\x1b"}},
        {"begun", "250-mx\r\n25", {}},
        {"bare LF", "250 a\n", {"!a reply line that ends in a bare LF"}},
        {"bare LF before a true end", "250 a\n250 b\r\n", {"!a reply line that ends in a bare LF"}},
        {"bare CR", "250 a\rb\r\n", {"!a bare CR in a reply"}},
        {"CR CR LF", "250 a\r\r\n", {"!a bare CR in a reply"}},
        {"NUL", "250 a\0b\r\n"s, {"!a NUL in a reply"}},
        {"no code", "SSH-2.0-x\r\n", {"!no reply of SMTP: \"SSH-2.0-x\""}},
        {"an empty line", "\r\n", {"!no reply of SMTP: \"\""}},
        {"two digits", "25 a\r\n", {"!no reply of SMTP: \"25 a\""}},
        {"1xx", "150 a\r\n", {"!no reply of SMTP: \"150 a\""}},
        {"6xx", "600 a\r\n", {"!no reply of SMTP: \"600 a\""}},
        {"four digits", "2500\r\n", {"!no reply of SMTP: \"2500\""}},
        {"codes that differ", "250-a\r\n251 b\r\n", {"!a reply whose lines bear different codes"}},
    };
    for (const auto& row : rows)
        for (const std::size_t size : {1U, 2U, 3U, 7U, 1000U}) {
            INFO(row.why);
            CHECK(read(row.bytes, size) == row.want);
        }
}

TEST_CASE("rule 49: a reply ends at 64 KiB or 128 lines; one less and equal pass, one more does not") {
    const auto last = "220 b\r\n"s;
    CHECK(read(lines(126, "220-a\r\n") + last, 1000).size() == 1);
    CHECK(read(lines(127, "220-a\r\n") + last, 1000).front().starts_with("220 a a"));
    CHECK(read(lines(128, "220-a\r\n") + last, 1000) == std::vector{"!a reply of more than 128 lines"s});

    const auto filled = [](std::size_t bytes) { return "220 " + std::string(bytes - 6, 'x') + "\r\n"; };
    for (const std::size_t size : {1U, 4096U, 100000U}) {
        CHECK(read(filled(65535), size).front().starts_with("220 xx"));
        CHECK(read(filled(65536), size).front().starts_with("220 xx"));
        CHECK(read(filled(65537), size) == std::vector{"!a reply of more than 64 KiB"s});
        CHECK(read(std::string(65537, 'x'), size) == std::vector{"!a reply of more than 64 KiB"s});
    }
    CHECK(read(lines(100, filled(65536)), 4096).size() == 100);  // the limit is each reply's
}

TEST_CASE("RFC 3463: an enhanced code counts only in the class of its reply") {
    const auto first = [](std::string_view bytes) {
        PeerReplyReader reader;
        return **reader.take(bytes);
    };
    CHECK(first("550 5.7.1 no\r\n") == PeerReply{550, "5.7.1", "no"});
    CHECK(first("550 5.7.509 no\r\n").enhanced == "5.7.509");
    for (const auto* text : {"550 2.7.1 no\r\n", "550 5.7 no\r\n", "550 5.7.1234 no\r\n", "550 5.7.1: no\r\n",
                             "550 5..1 no\r\n", "550 .7.1 no\r\n", "550 5.7.\r\n"}) {
        INFO(text);
        CHECK(first(text).enhanced.empty());
        CHECK(toText(statusOf(first(text))) == "5.0.0");
    }
}

TEST_CASE("RFC 2034 §4: an enhanced code may stand in a later line, and is told once") {
    const auto first = [](std::string_view bytes) {
        PeerReplyReader reader;
        return **reader.take(bytes);
    };
    const auto reply = first("550-\r\n550-5.1.1\r\n550 5.1.1 <a@b>: no\r\n");
    CHECK(reply.enhanced == "5.1.1");
    CHECK(toText(reply) == "550 5.1.1 <a@b>: no");
    CHECK(toText(first("550-Sorry,\r\n550 5.1.1 no such user\r\n")) == "550 5.1.1 Sorry, no such user");
    CHECK(toText(first("550-4.2.2 full\r\n550 5.2.2 full\r\n")) == "550 5.2.2 4.2.2 full full");
    CHECK(toText(first("550-5.1.1 a\r\n550 5.7.1 b\r\n")) == "550 5.1.1 a 5.7.1 b");  // the first counts
}

TEST_CASE("rule 55: a reply shown is bounded") {
    CHECK(toText(PeerReply{550, "", std::string(60000, 'x')}).size() <= 512);
}

}  // namespace postseal::smtp
