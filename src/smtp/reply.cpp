#include "smtp/reply.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace postseal::smtp {
namespace {

constexpr std::size_t longestLine = 512 - 2;  // RFC 5321 §4.5.3.1.5, without CRLF

void appendClean(std::string& out, std::string_view text) {
    for (const char c : text)
        out += base::isPrintable(c) ? c : '?';
}

// What of `text` goes on the next line, within `room` octets: up to '\n', else broken at the last space.
std::string_view takeLine(std::string_view& text, std::size_t room) {
    const auto newLine = std::min(text.find('\n'), text.size());
    if (newLine <= room) {
        const auto line = text.substr(0, newLine);
        text.remove_prefix(std::min(newLine + 1, text.size()));
        return line;
    }
    const auto space = text.substr(0, room).rfind(' ');
    const auto end = space == std::string_view::npos || space == 0 ? room : space;
    const auto line = text.substr(0, end);
    text.remove_prefix(end == space ? end + 1 : end);
    return line;
}

}  // namespace

std::string toText(const Reply& reply) {
    const auto code = std::to_string(reply.code);
    const auto room =
        longestLine - code.size() - 1 - (reply.enhanced.empty() ? 0 : reply.enhanced.size() + 1);
    std::string out;
    std::string_view left = reply.text;
    do {
        const auto line = takeLine(left, room);
        out += code;
        out += left.empty() ? ' ' : '-';
        if (!reply.enhanced.empty()) {
            out += reply.enhanced;
            out += ' ';
        }
        appendClean(out, line);
        out += "\r\n";
    } while (!left.empty());
    return out;
}

std::string toLogText(const Reply& reply) {
    auto text = std::to_string(reply.code) + ' ';
    if (!reply.enhanced.empty()) text += reply.enhanced + ' ';
    for (const char c : reply.text)
        text += c == '\n' ? ' ' : (base::isPrintable(c) ? c : '?');
    return text;
}

}  // namespace postseal::smtp
