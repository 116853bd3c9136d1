#include "policy/dsse.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "policy/json_reading.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

namespace postseal::policy {
namespace {

using base::fail;
using base::Result;

base::Bytes base64Of(const boost::json::object& object, std::string_view key) {
    auto bytes = base::parseBase64(json::textOf(object, key));
    if (!bytes) json::refuse(key, "base64 text");
    return std::move(*bytes);
}

SignedEnvelope envelopeOf(const boost::json::object& object) {
    SignedEnvelope envelope{.payloadType = json::textOf(object, "payloadType"),
                            .payload = std::string(base::asText(base64Of(object, "payload")))};
    json::eachObject(object, "signatures", [&](const boost::json::object& one) {
        envelope.signatures.push_back(
            {.keyId = json::textOf(one, "keyid", json::Missing::isEmpty), .octets = base64Of(one, "sig")});
    });
    if (envelope.signatures.size() > SignedEnvelope::mostSignatures)
        json::refuse("signatures", fmt::format("at most {} of them", SignedEnvelope::mostSignatures));
    return envelope;
}

}  // namespace

Result<SignedEnvelope, std::string> parseEnvelope(std::string_view text) {
    return json::read<SignedEnvelope>(text, SignedEnvelope::longestText, envelopeOf);
}

std::string toJson(const SignedEnvelope& envelope) {
    record::JsonText text;
    text.open('{');
    text.member("payloadType", envelope.payloadType)
        .member("payload", base::toBase64(base::asBytes(envelope.payload)));
    text.key("signatures").open('[');
    for (const auto& [keyId, octets] : envelope.signatures) {
        text.open('{');
        text.member("keyid", keyId).member("sig", base::toBase64(octets));
        text.close('}');
    }
    text.close(']');
    text.close('}');
    return text.take() + '\n';
}

std::string toBeSigned(const SignedEnvelope& envelope) {
    return fmt::format("DSSEv1 {} {} {} {}", envelope.payloadType.size(), envelope.payloadType,
                       envelope.payload.size(), envelope.payload);
}

}  // namespace postseal::policy
