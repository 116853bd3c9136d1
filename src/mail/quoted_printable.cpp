#include "mail/quoted_printable.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace postseal::mail {
namespace {

constexpr std::size_t longestLine = 76;

void addLine(std::string& encoded, std::string_view line) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::size_t column = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool isLast = i + 1 == line.size();
        // White space at a line's end may be lost on the way.
        const bool isPlain = base::isBlank(c) ? !isLast : base::isPrintable(c) && c != '=';
        const std::size_t width = isPlain ? 1 : 3;
        if (column + width > longestLine - (isLast ? 0 : 1)) {
            encoded += "=\r\n";
            column = 0;
        }
        column += width;
        if (isPlain) {
            encoded += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        encoded += '=';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
}

}  // namespace

std::string toQuotedPrintable(std::string_view text) {
    std::string encoded;
    encoded.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        addLine(encoded, text.substr(0, end));
        encoded += "\r\n";
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return encoded;
}

}  // namespace postseal::mail
