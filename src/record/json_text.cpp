#include "record/json_text.hpp"

#include "base/ascii.hpp"

#include <cstdint>

namespace postseal::record {
namespace {

/// The bytes of the well-formed UTF-8 sequence at the front (Unicode's table 3-7); 0: there is none.
std::size_t sequenceLength(std::string_view text) {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
    const unsigned lead = at(0);
    const unsigned second = at(1);
    if (lead < 0x80) return 1;
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

void appendControl(std::string& text, char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
    case '\n': text += "\\n"; return;
    case '\r': text += "\\r"; return;
    case '\t': text += "\\t"; return;
    default: break;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += "\\u00";
    text += digits[byte >> 4];
    text += digits[byte & 15];
}

void append(std::string& out, std::string_view text) {
    constexpr std::string_view replacement = "\xef\xbf\xbd";
    out.reserve(out.size() + text.size() + 2);
    out += '"';
    while (!text.empty()) {
        const char c = text.front();
        std::size_t length = 1;
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (base::isControl(c)) {
            appendControl(out, c);
        } else if (!base::is8bit(c)) {
            out += c;
        } else if (const auto sequence = sequenceLength(text); sequence == 0) {
            out += replacement;
        } else {
            out += text.substr(0, sequence);
            length = sequence;
        }
        text.remove_prefix(length);
    }
    out += '"';
}

}  // namespace

void JsonText::appendQuoted(std::string_view text) {
    append(text_, text);
}

std::string quotedJson(std::string_view text) {
    std::string quoted;
    append(quoted, text);
    return quoted;
}

}  // namespace postseal::record
