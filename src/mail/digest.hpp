// The letter that tells a recipient, once a day, who tried to write to him without the protection that the
// rules for incoming mail demand: addresses and counts, no subjects. What strangers chose is escaped and
// bounded (rule 55). Pure.
#pragma once

#include "base/time.hpp"
#include "record/language.hpp"
#include "record/mailbox.hpp"
#include "record/message_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::mail {

struct DigestLine {
    enum class Fate { refused, taken };  // taken: the rule is in testing
    std::string sender;                  // as it was said; empty: the null sender
    std::string client;                  // host[address]
    std::int64_t count = 0;
    Fate fate = Fate::refused;
};

/// Views are the caller's; nothing is kept.
struct Digest {
    static constexpr std::size_t mostLines = 100;  // the rest is told as a number

    std::string_view host;
    record::QueueId id;
    base::Timestamp now{};
    std::chrono::sys_days day{};  // of UTC
    std::vector<record::Language> languages;
    std::vector<DigestLine> lines;
};

/// The whole message: ASCII, lines that end in CRLF.
std::string writeDigest(const Digest& digest, const record::Mailbox& to);

}  // namespace postseal::mail
