// ASCII and nothing else: the letters of protocols. No locale ever; bytes above 127 stay as they are.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace postseal::base {

constexpr bool isUpper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool isLower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool isAlpha(char c) {
    return isUpper(c) || isLower(c);
}
constexpr bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool isAlnum(char c) {
    return isAlpha(c) || isDigit(c);
}
constexpr bool isBlank(char c) {
    return c == ' ' || c == '\t';
}
constexpr bool isSpace(char c) {
    return isBlank(c) || c == '\r' || c == '\n' || c == '\v' || c == '\f';
}
constexpr bool isControl(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
constexpr bool isPrintable(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
}
constexpr bool is8bit(char c) {
    return static_cast<unsigned char>(c) > 0x7f;
}

constexpr char toLower(char c) {
    return isUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char toUpper(char c) {
    return isLower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string toLower(std::string_view text);
std::string toUpper(std::string_view text);

/// Equal but for the case of A to Z.
constexpr bool sameWord(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return toLower(x) == toLower(y); });
}
constexpr bool startsWithWord(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && sameWord(text.substr(0, prefix.size()), prefix);
}

/// Without the white space (isSpace) at both ends.
std::string_view trim(std::string_view text);

/// The word of `known` that a mistyped `word` was most likely meant to be, by edit distance; empty: nothing
/// near.
std::string_view nearestWord(std::string_view word, const std::string_view* known, std::size_t count);
template <class Words>
std::string_view nearestWord(std::string_view word, const Words& known) {
    return nearestWord(word, std::data(known), std::size(known));
}

/// Foreign text made fit for a log line or a bounce: control characters, bytes above 127 and backslashes
/// become
/// `\xHH`, and what exceeds `limit` bytes of output ends in `...`.
std::string escaped(std::string_view foreign, std::size_t limit = 512);

}  // namespace postseal::base
