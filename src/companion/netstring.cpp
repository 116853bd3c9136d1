#include "companion/netstring.hpp"

#include "base/ascii.hpp"

#include <algorithm>

namespace postseal::companion {

std::string toNetstring(std::string_view text) {
    auto framed = std::to_string(text.size()) + ':';
    framed += text;
    framed += ',';
    return framed;
}

void NetstringReader::append(std::string_view bytes) {
    bytes_.erase(0, begin_);
    begin_ = 0;
    bytes_ += bytes;
}

base::Result<std::optional<std::string>, std::string> NetstringReader::next() {
    const auto rest = std::string_view(bytes_).substr(begin_);
    std::size_t length = 0;
    std::size_t at = 0;
    for (; at < rest.size() && base::isDigit(rest[at]); ++at) {
        if (at > 0 && rest.front() == '0') return base::fail(std::string("a length begins with zero"));
        length = length * 10 + static_cast<std::size_t>(rest[at] - '0');
        if (length > longest_) return base::fail("longer than " + std::to_string(longest_) + " bytes");
    }
    if (at == rest.size()) return std::nullopt;
    if (at == 0 || rest[at] != ':') return base::fail(std::string("no length where one must be"));
    const auto text = rest.substr(at + 1);
    if (text.size() <= length) return std::nullopt;
    if (text[length] != ',') return base::fail(std::string("no comma at its end"));
    begin_ += at + 1 + length + 1;
    return std::string(text.substr(0, length));
}

}  // namespace postseal::companion
