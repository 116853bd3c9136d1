#include "base/xtext.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace postseal::base {
namespace {

constexpr std::string_view embedded = "\\x{";

bool isXchar(char c) {
    return isPrintable(c) && c != ' ' && c != '+' && c != '=';
}

/// A number in hexadecimal digits, all of `digits`.
std::optional<char32_t> parseHex(std::string_view digits) {
    constexpr std::size_t mostDigits = 6;
    unsigned value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.empty() || digits.size() > mostDigits || parsed.ec != std::errc() ||
        parsed.ptr != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

bool isControlPoint(char32_t codePoint) {
    return codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0);
}

/// The octets that it stands for, none of them a control character.
std::optional<std::string> decode(std::string_view xtext) {
    std::string text;
    while (!xtext.empty()) {
        char c = xtext.front();
        if (c == '+') {
            if (xtext.size() < 3) return std::nullopt;
            const auto digits = xtext.substr(1, 2);
            const auto octet = parseHex(digits);
            if (!octet || std::ranges::any_of(digits, isLower)) return std::nullopt;
            c = static_cast<char>(*octet);
            if (isControl(c)) return std::nullopt;
            xtext.remove_prefix(2);
        } else if (!isXchar(c)) {
            return std::nullopt;
        }
        text += c;
        xtext.remove_prefix(1);
    }
    return text;
}

}  // namespace

std::string toXtext(std::string_view text) {
    std::string xtext;
    for (const char c : text) {
        if (isXchar(c))
            xtext += c;
        else
            xtext += fmt::format("+{:02X}", static_cast<unsigned char>(c));
    }
    return xtext;
}

std::optional<std::string> fromXtext(std::string_view xtext) {
    auto text = decode(xtext);
    if (text && std::ranges::any_of(*text, is8bit)) return std::nullopt;
    return text;
}

std::optional<std::string> utf8FromXtext(std::string_view xtext) {
    auto text = decode(xtext);
    if (!text || !isUtf8(*text)) return std::nullopt;
    for (std::string_view rest = *text; !rest.empty(); rest.remove_prefix(utf8Length(rest)))
        if (isControlPoint(firstCodePoint(rest))) return std::nullopt;
    return text;
}

std::string toUtf8Xtext(std::string_view text) {
    std::string xtext;
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(utf8Length(text), 1);
        const char c = text.front();
        if (length == 1 && isXchar(c) && c != '\\')
            xtext += c;
        else
            xtext += fmt::format("\\x{{{:02X}}}", static_cast<std::uint32_t>(firstCodePoint(text)));
        text.remove_prefix(length);
    }
    return xtext;
}

std::optional<std::string> fromUtf8Xtext(std::string_view xtext) {
    std::string text;
    while (!xtext.empty()) {
        if (xtext.starts_with(embedded)) {
            const auto end = xtext.find('}');
            if (end == std::string_view::npos) return std::nullopt;
            const auto codePoint = parseHex(xtext.substr(embedded.size(), end - embedded.size()));
            if (!codePoint || isControlPoint(*codePoint) || !appendUtf8(text, *codePoint))
                return std::nullopt;
            xtext.remove_prefix(end + 1);
            continue;
        }
        const auto length = utf8Length(xtext);
        const bool plain = length == 1 && isXchar(xtext.front()) && xtext.front() != '\\';
        if (!plain && (length < 2 || isControlPoint(firstCodePoint(xtext)))) return std::nullopt;
        text += xtext.substr(0, length);
        xtext.remove_prefix(length);
    }
    return text;
}

}  // namespace postseal::base
