#include "smtp/peer_reply.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <utility>

namespace postseal::smtp {
namespace {

/// One number of an enhanced code: 1 to 3 digits (RFC 3463 §2).
std::size_t digitsAt(std::string_view text, std::size_t from) {
    std::size_t count = 0;
    while (count < 3 && from + count < text.size() && base::isDigit(text[from + count]))
        ++count;
    return count;
}

/// `5.1.1` at the front of `text`, if its class is that of the code; else empty.
std::string_view enhancedAt(std::string_view text, int code) {
    if (text.size() < 5 || text[0] != static_cast<char>('0' + code / 100) || text[1] != '.') return {};
    const auto subject = digitsAt(text, 2);
    if (subject == 0 || 2 + subject >= text.size() || text[2 + subject] != '.') return {};
    const auto detail = digitsAt(text, 3 + subject);
    const auto end = 3 + subject + detail;
    if (detail == 0 || (end < text.size() && text[end] != ' ')) return {};
    return text.substr(0, end);
}

int codeOf(std::string_view line) {
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, base::isDigit)) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::string toText(const PeerReply& reply) {
    auto text = std::to_string(reply.code);
    if (!reply.enhanced.empty()) text += " " + reply.enhanced;
    std::string_view rest = reply.text;
    while (!rest.empty()) {
        const auto line = rest.substr(0, rest.find('\n'));
        if (!line.empty()) text.append(" ").append(line);
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return base::escaped(text);
}

record::Status statusOf(const PeerReply& reply) {
    if (const auto status = record::Status::parse(reply.enhanced)) return *status;
    if (reply.isPositive()) return "2.0.0";
    return reply.isPermanent() ? record::Status("5.0.0") : record::Status("4.0.0");
}

base::Result<std::optional<PeerReply>, std::string> PeerReplyReader::take(std::string_view& input) {
    while (!input.empty()) {
        const auto lf = input.find('\n');
        const auto part = input.substr(0, lf == input.npos ? lf : lf + 1);
        bytes_ += part.size();
        if (bytes_ > mostBytes) return base::fail(std::string("a reply of more than 64 KiB"));
        input.remove_prefix(part.size());
        if (lf == input.npos || !partial_.empty()) partial_ += part;
        if (lf == input.npos) break;

        const auto isLast = addLine(partial_.empty() ? part : std::string_view(partial_));
        partial_.clear();
        if (!isLast) return base::fail(isLast.error());
        if (!*isLast) continue;
        bytes_ = lines_ = 0;
        return std::optional(std::exchange(reply_, {}));
    }
    return std::optional<PeerReply>();
}

/// A line with its LF; gives whether it is the reply's last.
base::Result<bool, std::string> PeerReplyReader::addLine(std::string_view line) {
    if (!line.ends_with("\r\n")) return base::fail(std::string("a reply line that ends in a bare LF"));
    line.remove_suffix(2);
    if (line.find('\r') != line.npos) return base::fail(std::string("a bare CR in a reply"));
    if (line.find('\0') != line.npos) return base::fail(std::string("a NUL in a reply"));

    const auto code = codeOf(line);
    const char separator = line.size() > 3 ? line[3] : ' ';
    if (code < 200 || code > 599 || (separator != ' ' && separator != '-'))
        return base::fail("no reply of SMTP: \"" + base::escaped(line, 80) + "\"");
    if (lines_ != 0 && code != reply_.code)
        return base::fail(std::string("a reply whose lines bear different codes"));
    if (++lines_ > mostLines) return base::fail(std::string("a reply of more than 128 lines"));

    auto text = line.substr(std::min<std::size_t>(line.size(), 4));
    const auto enhanced = enhancedAt(text, code);
    if (lines_ == 1)
        reply_.code = code;
    else
        reply_.text += '\n';
    if (reply_.enhanced.empty()) reply_.enhanced = enhanced;
    if (!enhanced.empty() && enhanced == reply_.enhanced)  // RFC 2034 §4: on each line
        text.remove_prefix(std::min(text.size(), enhanced.size() + 1));
    reply_.text += text;
    return separator == ' ';
}

}  // namespace postseal::smtp
