#include "smtp/data.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace postseal::smtp {
namespace {

constexpr std::string_view finalDot = ".\r\n";  // at the start of a line

// memchr is the only scan that the hot path makes, twice for each line.
std::size_t find(std::string_view text, char c, std::size_t from) {
    if (from >= text.size()) return std::string_view::npos;
    const void* found = std::memchr(text.data() + from, c, text.size() - from);
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

void LineWatch::take(std::string_view part) {
    if (find(part, '\r', 0) != std::string_view::npos) bareCr_ = true;
    lineBytes_ += part.size();
    if (lineBytes_ > longestLine_) lineTooLong_ = true;
}

TextFault LineWatch::fault() const {
    if (bareLf_) return TextFault::bareLf;
    if (bareCr_) return TextFault::bareCr;
    return lineTooLong_ ? TextFault::lineTooLong : TextFault::none;
}

DataDecoder::Decoded DataDecoder::decode(std::string_view input) {
    std::size_t begin = 0;  // of what is given
    std::size_t at = 0;     // of the line, or what of it is in this input
    while (at < input.size()) {
        if (atLineStart_ && input[at] == '.') {
            const auto line = input.substr(at, finalDot.size());
            if (line == finalDot) return {input.substr(begin, at - begin), at + finalDot.size(), true};
            if (finalDot.starts_with(line)) break;  // could still be the end
            atLineStart_ = false;
            if (at != begin) return {input.substr(begin, at - begin), at + 1};
            begin = ++at;
            continue;
        }
        const auto lf = find(input, '\n', at);
        if (lf == std::string_view::npos) {
            const auto end = input.back() == '\r' ? input.size() - 1 : input.size();  // its LF may follow
            watch_.take(input.substr(at, end - at));
            atLineStart_ = atLineStart_ && end == at;
            at = end;
            break;
        }
        if (lf > at && input[lf - 1] == '\r') {
            watch_.take(input.substr(at, lf - 1 - at));
            atLineStart_ = true;
            watch_.endLine();
        } else {
            watch_.take(input.substr(at, lf + 1 - at));
            watch_.foundBareLf();
            atLineStart_ = false;
        }
        at = lf + 1;
    }
    return {input.substr(begin, at - begin), at};
}

void ChunkLines::take(std::string_view text) {
    while (!text.empty()) {
        const bool afterCr = std::exchange(heldCr_, false);
        const auto lf = find(text, '\n', 0);
        if (afterCr && lf != 0) watch_.take("\r");
        if (lf == std::string_view::npos) {
            heldCr_ = text.back() == '\r';
            watch_.take(text.substr(0, text.size() - (heldCr_ ? 1 : 0)));
            atLineStart_ = false;
            return;
        }
        const bool proper = lf == 0 ? afterCr : text[lf - 1] == '\r';
        if (proper) {
            watch_.take(text.substr(0, lf == 0 ? 0 : lf - 1));
            watch_.endLine();
        } else {
            watch_.take(text.substr(0, lf + 1));
            watch_.foundBareLf();
        }
        atLineStart_ = proper;
        text.remove_prefix(lf + 1);
    }
}

void ChunkLines::endLine() {
    if (std::exchange(heldCr_, false)) watch_.take("\r");
    watch_.endLine();
    atLineStart_ = true;
}

void DataEncoder::encode(std::string_view text, std::string& out) {
    out.reserve(out.size() + text.size() + text.size() / 64 + 8);
    std::size_t at = 0;
    if (heldCr_ && !text.empty()) {
        heldCr_ = false;
        if (text.front() == '\n') at = 1;
        out += "\r\n";
        atLineStart_ = true;
    }
    while (at < text.size()) {
        if (atLineStart_ && text[at] == '.' && framing_ == Framing::dot) out += '.';
        const auto lf = find(text, '\n', at);
        const auto cr = find(text.substr(0, lf), '\r', at);
        const auto end = std::min({cr, lf, text.size()});
        out += text.substr(at, end - at);
        if (end == text.size()) {
            atLineStart_ = false;
            return;
        }
        if (end + 1 == text.size() && text[end] == '\r') {
            atLineStart_ = atLineStart_ && end == at;
            heldCr_ = true;
            return;
        }
        out += "\r\n";
        atLineStart_ = true;
        at = end + (end + 1 == lf ? 2 : 1);
    }
}

void DataEncoder::finish(std::string& out) {
    if (heldCr_ || !atLineStart_) out += "\r\n";
    heldCr_ = false;
    atLineStart_ = true;
    if (framing_ == Framing::dot) out += finalDot;
}

}  // namespace postseal::smtp
