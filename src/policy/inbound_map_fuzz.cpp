// The inbound map: any text is a map or a list of faults; each rule is found by its key, and judged to some
// verdict with words.
#include "policy/inbound.hpp"
#include "policy/inbound_map.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace postseal;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto anchors = [](const std::string&) { return record::Anchors(); };
    const auto map = policy::InboundMap::parse(text, "map", anchors);
    if (!map) {
        if (map.error().empty()) std::abort();
        return 0;
    }
    for (const auto& rule : map->rules()) {
        policy::InboundFacts facts;
        if (rule.key.kind == policy::InboundKey::Kind::domain) {
            facts.domain = rule.key.text;
            if (map->ofDomain(facts.domain) != &rule) std::abort();
        }
        facts.client.tls =
            policy::ClientTls{.certificate = policy::ClientCertificate{.names = {"mx.example"}}};
        const auto verdict = policy::judge({rule}, facts);
        if (verdict.sentence.empty() || verdict.rules.size() != 1) std::abort();
    }
    return 0;
}
