// The languages that we write to people in. Each has a table of its own for whatever is said in it; a table
// that lacks a sentence does not compile. Values; any thread.
#pragma once

#include <array>
#include <string_view>

namespace postseal::record {

enum class Language { english, german };

inline constexpr std::array languages{Language::english, Language::german};

/// Words in one language, with fmt's {} where something is put in. There is no empty one, so that none can be
/// left out of a table.
class Sentence {
public:
    consteval Sentence(const char* text) : text_(text) {}

    constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

/// The same in each language.
template <class T>
struct InLanguages {
    T english = {}, german = {};

    const T& in(Language language) const { return language == Language::german ? german : english; }
    bool operator==(const InLanguages&) const = default;
};

}  // namespace postseal::record
