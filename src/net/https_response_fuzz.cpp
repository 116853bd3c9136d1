// The answer of an HTTPS server: any octets are an answer or a fault with words, the same answer however they
// are cut. Whatever is sent, and its end again and again for megabytes, what is kept of it has a bound,
// counted in what was really allocated.
#include "net/https_response.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

/// Of a sanitizer's allocator, where the program has one; the name is theirs.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" __attribute__((weak)) std::size_t __sanitizer_get_current_allocated_bytes();

namespace {

using namespace postseal;
using net::HttpsResponseReader;
using Outcome = base::Result<net::HttpsResponse, std::string>;

constexpr std::size_t mostBody = 4096, offered = std::size_t{4} << 20U, repeated = 64;
// Of 16 KiB of a header, the least fields take about 25 times as much.
constexpr std::size_t bound = 32 * HttpsResponseReader::mostOctets(mostBody);

std::size_t allocatedBytes() {
    if (__sanitizer_get_current_allocated_bytes != nullptr) return __sanitizer_get_current_allocated_bytes();
    const auto heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

/// How it ends; nullopt: more is wanted.
std::optional<Outcome> put(HttpsResponseReader& reader, std::string_view bytes) {
    const auto state = reader.put(bytes);
    if (!state) return Outcome(base::fail(state.error()));
    if (*state == HttpsResponseReader::State::complete) return Outcome(reader.take());
    return std::nullopt;
}

Outcome read(std::string_view bytes, std::size_t piece) {
    HttpsResponseReader reader(mostBody);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        if (auto end = put(reader, bytes.substr(0, piece))) return std::move(*end);
    return reader.ended(HttpsResponseReader::Goodbye::said);
}

void readWithoutEnd(std::string_view bytes) {
    const auto before = allocatedBytes();
    HttpsResponseReader reader(mostBody);
    auto end = put(reader, bytes);
    const auto again = bytes.substr(bytes.size() - std::min(repeated, bytes.size()));
    for (std::size_t sent = 0; !end && !again.empty() && sent < offered; sent += again.size()) {
        end = put(reader, again);
        if (allocatedBytes() > before + bound) std::abort();
    }
    if (!end && !again.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = read(bytes, size), cut = read(bytes, 1 + data[0]);
    for (const auto* outcome : {&whole, &cut}) {
        if (!*outcome && outcome->error().empty()) std::abort();
        if (*outcome && (*outcome)->body.size() > mostBody) std::abort();
    }
    if (whole.has_value() != cut.has_value()) std::abort();
    if (whole && *whole != *cut) std::abort();
    readWithoutEnd(bytes);
    return 0;
}
