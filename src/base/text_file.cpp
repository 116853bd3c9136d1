#include "base/text_file.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace postseal::base {
namespace {

constexpr std::string_view byteOrderMark = "\xef\xbb\xbf";

struct Range {
    char32_t first, last;
};
constexpr Range invisible[] = {
    {0xa0, 0xa0},      // no-break space
    {0xad, 0xad},      // soft hyphen
    {0x180e, 0x180e},  // Mongolian vowel separator
    {0x2000, 0x200f},  // spaces of all widths, zero-width characters, marks of direction
    {0x2028, 0x202f},  // separators, embeddings, narrow no-break space
    {0x205f, 0x206f},  // word joiner and other format characters
    {0x3000, 0x3000},  // ideographic space
    {0xfe00, 0xfe0f},  // variation selectors
    {0xfeff, 0xfeff},  // byte-order mark
};

}  // namespace

std::string_view withoutByteOrderMark(std::string_view text) {
    if (text.starts_with(byteOrderMark)) text.remove_prefix(byteOrderMark.size());
    return text;
}

std::vector<LogicalLine> logicalLines(std::string_view text) {
    std::vector<LogicalLine> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const Line line{number, text.substr(0, end)};
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto words = trim(line.text);
        if (words.empty() || words.starts_with('#')) continue;
        if (!isSpace(line.text.front()) || lines.empty()) lines.emplace_back();
        lines.back().push_back(line);
    }
    return lines;
}

std::optional<char32_t> findInvisible(std::string_view text) {
    while (!text.empty()) {
        const auto length = utf8Length(text);
        if (length > 1) {
            const auto found = firstCodePoint(text);
            const auto holds = [&](const Range& range) {
                return found >= range.first && found <= range.last;
            };
            if (std::ranges::any_of(invisible, holds)) return found;
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return std::nullopt;
}

}  // namespace postseal::base
