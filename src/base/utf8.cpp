#include "base/utf8.hpp"

namespace postseal::base {

std::size_t utf8Length(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
    const unsigned lead = at(0);
    const unsigned second = at(1);
    if (lead < 0x80) return text.empty() ? 0 : 1;
    if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        const bool overlong = lead == 0xe0 && second < 0xa0;
        const bool surrogate = lead == 0xed && second > 0x9f;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        const bool overlong = lead == 0xf0 && second < 0x90;
        const bool beyond = lead == 0xf4 && second > 0x8f;
        return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

bool isUtf8(std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8Length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

char32_t firstCodePoint(std::string_view text) {
    const auto length = utf8Length(text);
    const auto lead = static_cast<unsigned char>(text.front());
    if (length == 1) return lead;
    char32_t codePoint = lead & (0xffU >> (length + 1));
    for (const char c : text.substr(1, length - 1))
        codePoint = codePoint << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    return codePoint;
}

bool appendUtf8(std::string& out, char32_t codePoint) {
    constexpr char32_t firstSurrogate = 0xd800, lastSurrogate = 0xdfff, last = 0x10ffff;
    if (codePoint > last || (codePoint >= firstSurrogate && codePoint <= lastSurrogate)) return false;
    const auto append = [&](char32_t octet) { out += static_cast<char>(octet); };
    const auto follow = [&](unsigned shift) { append(0x80U | (codePoint >> shift & 0x3fU)); };
    if (codePoint < 0x80) {
        append(codePoint);
    } else if (codePoint < 0x800) {
        append(0xc0U | codePoint >> 6U);
        follow(0);
    } else if (codePoint < 0x10000) {
        append(0xe0U | codePoint >> 12U);
        follow(6);
        follow(0);
    } else {
        append(0xf0U | codePoint >> 18U);
        follow(12);
        follow(6);
        follow(0);
    }
    return true;
}

}  // namespace postseal::base
