#include "policy/dsse.hpp"

#include <doctest/doctest.h>

using namespace postseal;
using namespace postseal::policy;

TEST_CASE("DSSE: what is signed, as its specification writes it") {
    const SignedEnvelope envelope{.payloadType = "http://example.com/HelloWorld", .payload = "hello world"};
    CHECK(toBeSigned(envelope) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST_CASE("DSSE: an envelope reads back as itself, whatever its payload") {
    SignedEnvelope envelope{.payloadType = std::string(alliancePayloadType),
                            .payload = std::string("{\"\0}", 4)};
    envelope.signatures = {{"key", {std::byte{1}, std::byte{2}}}, {"", {}}};
    CHECK(parseEnvelope(toJson(envelope)).value() == envelope);
}

TEST_CASE("DSSE: what is no envelope is refused in words") {
    struct Row {
        const char *json, *words;
    };
    const Row rows[] = {
        {"", "it is no JSON: incomplete JSON"},
        {"[]", "it is no JSON object"},
        {"{}", R"("payloadType" is not there as a string)"},
        {R"({"payloadType":"t","payload":"e"})", R"("payload" is not base64 text)"},
        {R"({"payloadType":"t","payload":"","signatures":{}})", R"("signatures" is not a list)"},
        {R"({"payloadType":"t","payload":"","signatures":["x"]})",
         R"("signatures" is not a list of objects)"},
        {R"({"payloadType":"t","payload":"","signatures":[{"keyid":"k"}]})",
         R"("sig" is not there as a string)"},
    };
    for (const auto& row : rows) {
        const auto read = parseEnvelope(row.json);
        REQUIRE_FALSE(read);
        INFO(read.error());
        CHECK(read.error().starts_with(row.words));
    }
    const auto read = parseEnvelope(R"({"payloadType":"t","payload":"","signatures":[],"more":1})");
    CHECK(read.has_value());  // unknown keys are ignored
}
