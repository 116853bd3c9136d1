#include "smtp/extensions.hpp"
#include "smtp/reply.hpp"

#include <doctest/doctest.h>

using namespace postseal::smtp;

TEST_CASE("RFC 5321 §4.2.1: a reply as lines with code and enhanced code") {
    struct Row {
        std::string why;
        Reply reply;
        std::string want;
    };
    const Row rows[] = {
        {"one line", {250, "2.1.0", "Ok"}, "250 2.1.0 Ok\r\n"},
        {"without an enhanced code", {354, "", "Go"}, "354 Go\r\n"},
        {"several lines", {250, "", "a\nB\nC"}, "250-a\r\n250-B\r\n250 C\r\n"},
        {"RFC 2034 §4: each line bears the code", {550, "5.7.1", "a\nb"}, "550-5.7.1 a\r\n550 5.7.1 b\r\n"},
        {"foreign octets can't end a line", {550, "5.1.1", "a\r\x80z"}, "550 5.1.1 a??z\r\n"},
        {"no text", {250, "", ""}, "250 \r\n"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(toText(row.reply) == row.want);
    }
    CHECK(toLogText({550, "5.7.1", "a\nb\r"}) == "550 5.7.1 a b?");
}

TEST_CASE("RFC 5321 §4.5.3.1.5: no line of a reply exceeds 512 octets") {
    for (const std::size_t size : {500U, 501U, 502U, 503U, 2000U}) {
        for (const char* word : {"x", "x x x x x "}) {
            std::string text;
            while (text.size() < size)
                text += word;
            const auto wire = toText({550, "5.7.1", text.substr(0, size)});
            for (std::size_t at = 0; at < wire.size();) {
                const auto end = wire.find("\r\n", at) + 2;
                CHECK(end - at <= 512);
                CHECK(wire.substr(at, 3) == "550");
                at = end;
            }
        }
    }
    CHECK(toText({550, "5.7.1", std::string(500, 'x')}) == "550 5.7.1 " + std::string(500, 'x') + "\r\n");
}

TEST_CASE("extensions: what we offer is what we read") {
    const Extensions all{.pipelining = true,
                         .startTls = true,
                         .eightBitMime = true,
                         .enhancedStatusCodes = true,
                         .dsn = true,
                         .smtpUtf8 = true,
                         .chunking = true,
                         .size = 5};
    Extensions read;
    for (const auto& line : toLines(all))
        addLine(read, line);
    CHECK(read == all);

    struct Row {
        std::string why;
        const char* line;
        Extensions want;
    };
    const Row rows[] = {
        {"any case", "starttls", {.startTls = true}},
        {"RFC 1870 §4: SIZE without a number", "SIZE", {.size = 0}},
        {"SIZE with rubbish is none", "SIZE 1x", {}},
        {"nor with too great a number", "SIZE 99999999999999999999", {}},
        {"STARTTLS has no argument", "STARTTLS x", {}},
        {"RFC 6531 §3.1: SMTPUTF8 counts, whatever stands behind it", "SMTPUTF8 x", {.smtpUtf8 = true}},
        {"DSN has no argument", "DSN x", {}},
        {"nor has CHUNKING", "CHUNKING 1", {}},
        {"unknown", "XCLIENT NAME", {}},
        {"empty", "", {}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        Extensions extensions;
        addLine(extensions, row.line);
        CHECK(extensions == row.want);
    }
}
