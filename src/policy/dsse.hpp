// DSSE, the envelope in which an alliance's list is signed (github.com/secure-systems-lab/dsse): what is
// signed is not JSON but the payload's octets with their type, so that nobody has to write JSON in one form
// only. Whose signature holds is for who has the keys to say (tls/ed25519). Input is hostile. Pure; any
// thread.
#pragma once

#include "base/hex.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::policy {

struct EnvelopeSignature {
    std::string keyId = {};  // a hint for people: nothing is decided by it
    base::Bytes octets = {};

    bool operator==(const EnvelopeSignature&) const = default;
};

struct SignedEnvelope {
    static constexpr std::size_t longestText = std::size_t{16} << 20U;
    static constexpr std::size_t mostSignatures = 16;

    std::string payloadType = {};
    std::string payload = {};
    std::vector<EnvelopeSignature> signatures = {};

    bool operator==(const SignedEnvelope&) const = default;
};

/// What an alliance's payload is called.
inline constexpr std::string_view alliancePayloadType = "application/vnd.postseal.alliance+json";

/// The error is what is wrong with it, for people. Unknown keys are ignored.
base::Result<SignedEnvelope, std::string> parseEnvelope(std::string_view json);
std::string toJson(const SignedEnvelope& envelope);

/// The octets that are signed: `DSSEv1 LENGTH TYPE LENGTH PAYLOAD`.
std::string toBeSigned(const SignedEnvelope& envelope);

}  // namespace postseal::policy
