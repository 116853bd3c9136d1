#include "base/base64.hpp"

#include "base/ascii.hpp"

#include <cstdint>

namespace postseal::base {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint32_t> valueOf(char c) {
    if (isUpper(c)) return c - 'A';
    if (isLower(c)) return c - 'a' + 26;
    if (isDigit(c)) return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return std::nullopt;
}

/// Of two to four characters one to three octets; false: bits are left over.
bool append(Bytes& bytes, std::uint32_t group, std::size_t characters) {
    group <<= 6 * (4 - characters);
    for (std::size_t i = 0; i + 1 < characters; ++i)
        bytes.push_back(static_cast<std::byte>((group >> (16 - 8 * i)) & 0xff));
    return (group & (0xffffffU >> (8 * (characters - 1))) & 0xffffffU) == 0;
}

}  // namespace

std::string toBase64(std::span<const std::byte> bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto octets = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = group << 8 | (i < octets ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= octets ? alphabet[(group >> (18 - 6 * i)) & 63] : '=';
    }
    return text;
}

std::optional<Bytes> parseBase64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with('=')) text.remove_suffix(text.ends_with("==") ? 2 : 1);
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(4, text.size()))) {
        const auto characters = text.substr(0, 4);
        std::uint32_t group = 0;
        for (const char c : characters) {
            const auto value = valueOf(c);
            if (!value) return std::nullopt;
            group = group << 6 | *value;
        }
        if (!append(bytes, group, characters.size())) return std::nullopt;
    }
    return bytes;
}

}  // namespace postseal::base
