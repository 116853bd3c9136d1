// Closed sets of words: the text of an enumerator and back, from one table in the enumerators' order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace postseal::record {

template <class Enum, std::size_t n>
constexpr std::string_view nameOf(const std::array<std::string_view, n>& names, Enum value) {
    return names[static_cast<std::size_t>(value)];
}

template <class Enum, std::size_t n>
constexpr std::optional<Enum> valueOf(const std::array<std::string_view, n>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}  // namespace postseal::record
