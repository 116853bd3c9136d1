// Bytes as hexadecimal text: plain lower case for JSON and rdata, colon-separated upper case as Postfix
// prints fingerprints; reading takes both forms and any case.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::base {

using Bytes = std::vector<std::byte>;
using Sha256 = std::array<std::byte, 32>;

std::string toHex(std::span<const std::byte> bytes);       // 6f3a...
std::string toColonHex(std::span<const std::byte> bytes);  // 6F:3A:...

/// Hexadecimal digits in pairs, with or without a colon between every two pairs; anything else: nullopt.
std::optional<Bytes> parseHex(std::string_view text);

inline std::span<const std::byte> asBytes(std::string_view text) {
    return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
inline std::string_view asText(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace postseal::base
