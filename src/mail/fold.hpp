// Folding of the header fields that we write: words into lines of at most 78 characters where they fit (RFC
// 5322 §2.1.1). A word is never broken, so its maker bounds it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace postseal::mail {

class Folded {
public:
    explicit Folded(std::string_view start) : text_(start), column_(text_.size()) {}

    /// Behind a space, or on a new line where it does not fit. An empty word adds nothing.
    Folded& word(std::string_view word);
    /// Each word of a text.
    Folded& words(std::string_view text);
    /// The next word begins a new line.
    Folded& newLine() {
        wantsLine_ = true;
        return *this;
    }
    /// Straight behind the last word.
    Folded& glue(std::string_view text) {
        text_ += text;
        column_ += text.size();
        return *this;
    }
    /// With the last line's CRLF.
    std::string take() { return std::move(text_) + "\r\n"; }

private:
    std::string text_;
    std::size_t column_;
    bool wantsLine_ = false;
};

}  // namespace postseal::mail
