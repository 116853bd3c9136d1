// The number under which a Message-ID is indexed: with or without its angle brackets it is the same. Two ids
// may share a number, so who searches compares. It is stored: never change it.
#pragma once

#include <cstdint>
#include <string_view>

namespace postseal::ledger {

constexpr std::string_view withoutBrackets(std::string_view messageId) {
    if (messageId.starts_with('<') && messageId.ends_with('>'))
        return messageId.substr(1, messageId.size() - 2);
    return messageId;
}

constexpr std::int64_t hashOf(std::string_view messageId) {  // FNV-1a
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : withoutBrackets(messageId)) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211U;
    }
    return static_cast<std::int64_t>(hash);
}

}  // namespace postseal::ledger
