#include "net/https_response.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace postseal;
using namespace postseal::net;

namespace {

using Outcome = base::Result<HttpsResponse, std::string>;

constexpr std::size_t most = 1024;
constexpr auto line = HttpsResponseReader::mostLine;
constexpr auto inAll = HttpsResponseReader::mostOctets(most);
const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// In pieces of one octet, unless told otherwise, so that nothing is whole by chance.
Outcome read(std::string_view answer, std::size_t piece = 1) {
    HttpsResponseReader reader(most);
    while (!answer.empty()) {
        const auto state = reader.put(answer.substr(0, piece));
        if (!state) return base::fail(state.error());
        if (*state == HttpsResponseReader::State::complete) return reader.take();
        answer.remove_prefix(std::min(piece, answer.size()));
    }
    return reader.ended(HttpsResponseReader::Goodbye::said);
}

/// Empty: it was taken.
std::string faultOf(const Outcome& outcome) {
    return outcome ? std::string() : outcome.error();
}

std::string padded(std::string before, std::size_t octets, const std::string& after) {
    REQUIRE(before.size() + after.size() <= octets);
    before.append(octets - before.size() - after.size(), 'x');
    return before + after;
}

std::string withHeader(std::size_t octets) {
    return padded("HTTP/1.1 200 OK\r\nX: ", octets, "\r\nContent-Length: 2\r\n\r\n") + "ok";
}

/// `octets` are what stands between the end of one chunk's data and the next one's.
std::string withChunkLine(std::size_t octets) {
    return chunked + "1\r\no" + padded("\r\n1;", octets, "\r\n") + "k\r\n0\r\n\r\n";
}

std::string withTrailer(std::size_t octets) {
    return chunked + "2\r\nok" + padded("\r\n0\r\nX: ", octets, "\r\n\r\n");
}

/// The body in chunks of one octet each, the whole answer of this size.
std::string inSmallChunks(std::size_t octets) {
    const std::string end = "0\r\n\r\n";
    std::string answer = chunked;
    const std::size_t each = (octets - chunked.size() - end.size()) / most;
    for (std::size_t i = 1; i < most; ++i)
        answer += padded("1;", each - 3, "\r\n") + "x\r\n";
    const auto rest = octets - answer.size() - end.size();
    return answer + padded("1;", rest - 3, "\r\n") + "x\r\n" + end;
}

std::string interim(std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i)
        all +=
            i % 2 == 0 ? "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" : "HTTP/1.1 100 Continue\r\n\r\n";
    return all;
}

}  // namespace

TEST_CASE("rules 19, 53: whatever an answer is made of, its octets have one bound") {
    struct Row {
        const char* why;
        std::string (*answer)(std::size_t octets);
        std::size_t limit;
        const char* words;
    };
    const Row rows[] = {
        {"a header", withHeader, line, "the header of its answer is too large"},
        {"the extension of a chunk", withChunkLine, line, "a line or a trailer of its answer is too large"},
        {"a trailer", withTrailer, line, "a line or a trailer of its answer is too large"},
        {"chunks of one octet", inSmallChunks, inAll, "its answer is larger than 18 KiB in all"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, 2 * inAll}) {
            CHECK(faultOf(read(row.answer(row.limit - 1), piece)) == "");
            CHECK(faultOf(read(row.answer(row.limit), piece)) == "");
            CHECK(faultOf(read(row.answer(row.limit + 1), piece)) == row.words);
        }
    }
    CHECK(read(inSmallChunks(inAll))->body == std::string(most, 'x'));
}

TEST_CASE("interim answers are skipped, a few, within the same bound (RFC 9110 §15.2)") {
    const std::string last = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
    for (const std::size_t count : {std::size_t{1}, std::size_t{2}, HttpsResponseReader::mostInterim})
        for (const std::size_t piece : {1U, 7U, 4096U}) {
            const auto response = read(interim(count) + last, piece);
            REQUIRE(response);
            CHECK(*response == HttpsResponse{.status = 200, .contentType = "text/plain", .body = "ok"});
        }
    CHECK(faultOf(read(interim(HttpsResponseReader::mostInterim + 1) + last)) ==
          "it sends interim answers and nothing else");
    std::string large;
    for (int i = 0; i < 2; ++i)
        large += padded("HTTP/1.1 103 Early Hints\r\nX: ", inAll / 2, "\r\n\r\n");
    CHECK(faultOf(read(large + last)) == "its answer is larger than 18 KiB in all");
    CHECK(faultOf(read(interim(1))) == "it closed the connection before its answer was complete");
    CHECK(read("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + last)->status == 101);
}

TEST_CASE("a trailer says nothing of the body's type (RFC 9110 §6.5.1)") {
    const auto response = read(chunked + "2\r\nok\r\n0\r\nContent-Type: text/plain\r\n\r\n");
    REQUIRE(response);
    CHECK(*response == HttpsResponse{.status = 200, .body = "ok"});
}
