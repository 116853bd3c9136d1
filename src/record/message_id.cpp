#include "record/message_id.hpp"

#include <algorithm>

namespace postseal::record {
namespace {

// In ASCII's order, so that ids sort as their times do; no vowels, so that no id is a word.
constexpr std::string_view alphabet = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
constexpr std::size_t timeDigits = 11;

void writeDigits(char* end, std::size_t count, std::uint64_t value) {
    for (; count > 0; --count, value /= alphabet.size())
        *--end = alphabet[value % alphabet.size()];
}

std::uint64_t readDigits(std::string_view text) {
    std::uint64_t value = 0;
    for (const char c : text)
        value = value * alphabet.size() + alphabet.find(c);
    return value;
}

}  // namespace

base::Timestamp QueueId::time() const {
    return base::fromMicros(
        static_cast<std::int64_t>(readDigits(std::string_view(text_).substr(0, timeDigits))));
}

std::uint32_t QueueId::sequence() const {
    return static_cast<std::uint32_t>(readDigits(std::string_view(text_).substr(timeDigits)));
}

QueueId QueueId::make(base::Timestamp time, std::uint32_t sequence) {
    QueueId id;
    id.text_.resize(length);
    writeDigits(id.text_.data() + timeDigits, timeDigits,
                static_cast<std::uint64_t>(std::max<std::int64_t>(base::toMicros(time), 0)));
    writeDigits(id.text_.data() + length, length - timeDigits, sequence);
    return id;
}

std::optional<QueueId> QueueId::parse(std::string_view text) {
    if (text.size() != length) return std::nullopt;
    if (text.find_first_not_of(alphabet) != std::string_view::npos) return std::nullopt;
    QueueId id;
    id.text_ = text;
    return id;
}

std::string makeMessageId(const QueueId& id, std::string_view hostname) {
    std::string text = "<";
    text += id.text();
    text += '@';
    text += hostname;
    text += '>';
    return text;
}

}  // namespace postseal::record
