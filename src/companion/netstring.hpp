// Netstrings, `12:hello world!,`: how Postfix's socketmap frames requests and replies (socketmap_table(5)).
// Pure. Input is hostile: what is longer than allowed is refused before it is gathered.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::companion {

std::string toNetstring(std::string_view text);

class NetstringReader {
public:
    explicit NetstringReader(std::size_t longest) : longest_(longest) {}

    void append(std::string_view bytes);  // copied
    /// The next whole string; nullopt: it takes more bytes. The error, for people, is the end: what follows
    /// can't be read any more.
    base::Result<std::optional<std::string>, std::string> next();

private:
    std::size_t longest_;
    std::string bytes_;
    std::size_t begin_ = 0;  // of what is not read yet
};

}  // namespace postseal::companion
