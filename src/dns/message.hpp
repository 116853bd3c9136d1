// DNS messages as a client without a validator of its own speaks them with a resolver of its machine (RFC
// 1035 §4.1): the question, which asks for the AD bit (RFC 6840 §5.7), and the answer, with the chain of
// aliases in it. Whether the bit is to be believed is the caller's to know (rule 17). Pure; what is read is
// hostile.
#pragma once

#include "dns/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace postseal::dns {

constexpr std::uint16_t largestDatagram = 1232;  // what we ask for (EDNS0, RFC 6891)

std::vector<std::byte> encodeQuestion(const Question& question, std::uint16_t id);

struct NotOurs {};    // another question's answer, or none at all: go on waiting
struct Truncated {};  // ask again by TCP (RFC 1035 §4.2.1)

/// `secure` where the AD bit is set. A message that is ours and malformed is a failed answer.
std::variant<Answer, NotOurs, Truncated> readAnswer(const Question& question, std::uint16_t id,
                                                    std::span<const std::byte> message);

/// The question for the root's keys with their signatures (RFC 4035 §3.2.1, the DO bit): what whoever
/// validates needs first, and what a server that leaves signatures out can't answer.
std::vector<std::byte> encodeKeysQuestion(std::uint16_t id);

enum class KeysAnswer {
    notOurs,
    withSignatures,     // or cut, which is no word against the server
    withoutSignatures,  // keys or nothing, but no signatures
    refused,            // SERVFAIL and the like
};
KeysAnswer readKeysAnswer(std::uint16_t id, std::span<const std::byte> message);

}  // namespace postseal::dns
