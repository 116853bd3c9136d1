#include "record/tlsa.hpp"

#include <charconv>

namespace postseal::record {
namespace {

std::optional<std::uint8_t> takeField(std::string_view& text) {
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto used = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || used == text.size() || text[used] != ',') return std::nullopt;
    text.remove_prefix(used + 1);
    return value;
}

}  // namespace

std::string toText(const Tlsa& record) {
    return std::to_string(record.usage) + ',' + std::to_string(record.selector) + ',' +
           std::to_string(record.matching) + ',' + base::toHex(record.data);
}

std::optional<Tlsa> parseTlsa(std::string_view text) {
    const auto usage = takeField(text);
    if (!usage) return std::nullopt;
    const auto selector = takeField(text);
    if (!selector) return std::nullopt;
    const auto matching = takeField(text);
    if (!matching) return std::nullopt;
    auto data = base::parseHex(text);
    if (!data) return std::nullopt;
    return Tlsa{*usage, *selector, *matching, std::move(*data)};
}

}  // namespace postseal::record
