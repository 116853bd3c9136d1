#include "mail/fold.hpp"

#include <algorithm>
#include <utility>

namespace postseal::mail {
namespace {

constexpr std::size_t lineLength = 78;
constexpr std::size_t tabWidth = 8;

}  // namespace

Folded& Folded::word(std::string_view word) {
    if (word.empty()) return *this;
    if (std::exchange(wantsLine_, false) || column_ + 1 + word.size() > lineLength) {
        text_ += "\r\n\t";
        column_ = tabWidth;
    } else {
        text_ += ' ';
        ++column_;
    }
    return glue(word);
}

Folded& Folded::words(std::string_view text) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        word(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return *this;
}

}  // namespace postseal::mail
