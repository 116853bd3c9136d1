// The envelope of a message: who sends it to whom, and what MAIL and RCPT asked for (RFC 5321 §2.3.1).
#pragma once

#include "record/mailbox.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postseal::record {

enum class BodyType { sevenBit, eightBitMime };  // RFC 6152

struct Envelope {
    ReversePath sender;
    std::vector<Mailbox> recipients;
    BodyType body = BodyType::sevenBit;
    std::optional<std::uint64_t> declaredBytes;  // RFC 1870

    bool operator==(const Envelope&) const = default;
};

}  // namespace postseal::record
