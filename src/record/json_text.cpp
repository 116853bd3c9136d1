#include "record/json_text.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace postseal::record {
namespace {

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
        } else if (const auto sequence = base::utf8Length(text); sequence == 0) {
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
