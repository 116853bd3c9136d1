#include "smtp/data.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace postseal::smtp;
using namespace std::string_literals;

namespace {

struct Read {
    std::string text;
    std::string rest;  // what is not the message's
    bool ended = false;
    TextFault fault = TextFault::none;

    bool operator==(const Read&) const = default;
};

Read decodeInChunks(std::string_view wire, std::size_t chunk, std::size_t longestLine = 998) {
    DataDecoder decoder(longestLine);
    Read read;
    std::string input;
    for (std::size_t at = 0; at < wire.size() || at == 0; at += chunk) {
        input += wire.substr(at, chunk);
        while (!read.ended) {
            const auto decoded = decoder.decode(input);
            read.text += decoded.text;
            read.ended = decoded.ended;
            input.erase(0, decoded.consumed);
            if (decoded.consumed == 0) break;
        }
        if (!read.ended) CHECK(input.size() <= 2);
    }
    read.rest = input;
    read.fault = decoder.fault();
    return read;
}

std::string encodeInChunks(std::string_view text, std::size_t chunk) {
    DataEncoder encoder;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += chunk)
        encoder.encode(text.substr(at, chunk), out);
    encoder.finish(out);
    return out;
}

}  // namespace

TEST_CASE("rule 47: CRLF.CRLF alone ends a message, in any chunks") {
    using enum TextFault;
    struct Row {
        std::string why;
        std::string wire;
        Read want;
    };
    const Row rows[] = {
        {"an empty message", ".\r\n", {"", "", true, none}},
        {"a line", "a\r\n.\r\n", {"a\r\n", "", true, none}},
        {"what follows is not the message's", "a\r\n.\r\nRSET\r\n", {"a\r\n", "RSET\r\n", true, none}},
        {"a stuffed dot", "..\r\n.\r\n", {".\r\n", "", true, none}},
        {"stuffed dots in a row", "..a\r\n...\r\n..\r\n.\r\n", {".a\r\n..\r\n.\r\n", "", true, none}},
        {"RFC 5321 §4.5.2: a dot before other text is dropped", ".a\r\n.\r\n", {"a\r\n", "", true, none}},
        {"a dot within a line stays", "a.\r\n.\r\n", {"a.\r\n", "", true, none}},
        {"any octet in a line", "\0\x80\xff\r\n.\r\n"s, {"\0\x80\xff\r\n"s, "", true, none}},
        {"not ended", "a\r\n", {"a\r\n", "", false, none}},
        {"could still be the end", "a\r\n.\r", {"a\r\n", ".\r", false, none}},
        {"smuggling: LF.LF", "a\n.\nb\r\n.\r\n", {"a\n.\nb\r\n", "", true, bareLf}},
        {"smuggling: LF.CRLF", "a\n.\r\nb\r\n.\r\n", {"a\n.\r\nb\r\n", "", true, bareLf}},
        {"smuggling: CRLF.LF", "a\r\n.\nb\r\n.\r\n", {"a\r\n\nb\r\n", "", true, bareLf}},
        {"smuggling: CR.CR", "a\r.\rb\r\n.\r\n", {"a\r.\rb\r\n", "", true, bareCr}},
        {"smuggling: CR.CRLF", "a\r.\r\nb\r\n.\r\n", {"a\r.\r\nb\r\n", "", true, bareCr}},
        {"smuggling: CRLF.CR", "a\r\n.\rb\r\n.\r\n", {"a\r\n\rb\r\n", "", true, bareCr}},
        {"smuggling: CRLF NUL . CRLF", "a\r\n\0.\r\n.\r\n"s, {"a\r\n\0.\r\n"s, "", true, none}},
        {"smuggling: CRLF.NUL CRLF", "a\r\n.\0\r\n.\r\n"s, {"a\r\n\0\r\n"s, "", true, none}},
        {"smuggling: CRCRLF.CRLF is no end of its own", "a\r\r\n.\r\n", {"a\r\r\n", "", true, bareCr}},
        {"a bare LF first of all", "\n.\r\n.\r\n", {"\n.\r\n", "", true, bareLf}},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        for (std::size_t chunk = 1; chunk <= row.wire.size(); ++chunk) {
            INFO(chunk);
            CHECK(decodeInChunks(row.wire, chunk) == row.want);
        }
    }
}

TEST_CASE("rule 53: a line of text, one less, equal, one more") {
    struct Row {
        std::size_t octets;
        TextFault want;
    };
    const Row rows[] = {{997, TextFault::none}, {998, TextFault::none}, {999, TextFault::lineTooLong}};
    for (const auto& row : rows)
        for (const std::size_t chunk : {1U, 7U, 4096U}) {
            INFO(row.octets);
            const std::string line(row.octets, 'x');
            CHECK(decodeInChunks("a\r\n" + line + "\r\n.\r\n", chunk).fault == row.want);
            const std::string dots(row.octets, '.');  // the stuffed dot is not the line's
            CHECK(decodeInChunks("." + dots + "\r\n.\r\n", chunk).fault == row.want);
        }
}

TEST_CASE("RFC 5321 §4.5.2: dots are stuffed, and the end stands on a line of its own") {
    struct Row {
        std::string why;
        std::string text, want;
    };
    const Row rows[] = {
        {"nothing", "", ".\r\n"},
        {"a line", "a\r\n", "a\r\n.\r\n"},
        {"the last line without its end", "a", "a\r\n.\r\n"},
        {"dots", ".\r\n..\r\na.\r\n.", "..\r\n...\r\na.\r\n..\r\n.\r\n"},
        {"rule 47: a bare LF never leaves", "a\n.\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
        {"rule 47: nor a bare CR", "a\r.\rb\r\n", "a\r\n..\r\nb\r\n.\r\n"},
        {"rule 47: a CR at the end", "a\r", "a\r\n.\r\n"},
        {"rule 47: CRCRLF", "a\r\r\n", "a\r\n\r\n.\r\n"},
        {"any other octet", "\0\x80\xff\r\n"s, "\0\x80\xff\r\n.\r\n"s},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        for (std::size_t chunk = 1; chunk <= row.text.size() + 1; ++chunk) {
            INFO(chunk);
            CHECK(encodeInChunks(row.text, chunk) == row.want);
        }
    }
}

TEST_CASE("what is encoded is decoded to the same, in any chunks") {
    std::string text;
    unsigned state = 1;
    const std::string_view octets[] = {".", "\r\n", "x", "yz", "\x80", "\r\n."};
    for (int i = 0; i < 2000; ++i) {
        state = state * 1664525 + 1013904223;
        text += octets[(state >> 16) % std::size(octets)];
    }
    text += "\r\n";
    const auto wire = encodeInChunks(text, text.size());
    for (const std::size_t chunk : {1U, 2U, 3U, 5U, 64U, 1000U, 100000U}) {
        INFO(chunk);
        CHECK(encodeInChunks(text, chunk) == wire);
        CHECK(decodeInChunks(wire, chunk, 100000) == Read{text, "", true, TextFault::none});
    }
}
