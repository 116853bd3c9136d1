// Input: a byte for the size of the chunks, then what a socketmap client sends. The same bytes in other
// chunks give the same strings; none is longer than allowed, and framed again each is what it was read from.
#include "companion/netstring.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace postseal::companion;

namespace {

constexpr std::size_t longest = 300;

void require(bool holds) {
    if (!holds) std::abort();
}

std::vector<std::string> readAll(std::string_view wire, std::size_t chunk) {
    NetstringReader reader(longest);
    std::vector<std::string> strings;
    for (std::size_t at = 0; at < wire.size(); at += chunk) {
        reader.append(wire.substr(at, chunk));
        while (true) {
            const auto next = reader.next();
            if (!next) return strings;
            if (!*next) break;
            require((*next)->size() <= longest);
            strings.push_back(**next);
        }
    }
    return strings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view wire(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto whole = readAll(wire, size);
    require(readAll(wire, data[0] % 16U + 1U) == whole);
    std::string framed;
    for (const auto& text : whole)
        framed += toNetstring(text);
    require(wire.starts_with(framed));
    return 0;
}
