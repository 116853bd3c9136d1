#include "policy/inbound_rule.hpp"

#include "record/names.hpp"

namespace postseal::policy {

std::string_view toText(InboundLevel level) {
    return record::nameOf(inboundLevelNames, level);
}

std::optional<InboundLevel> parseInboundLevel(std::string_view text) {
    return record::valueOf<InboundLevel>(inboundLevelNames, text);
}

bool needsCertificate(InboundLevel level) {
    switch (level) {
    case InboundLevel::verify:
    case InboundLevel::fingerprint:
    case InboundLevel::dane: return true;
    case InboundLevel::may:
    case InboundLevel::encrypt:
    case InboundLevel::refuse:
    case InboundLevel::exempt: break;
    }
    return false;
}

std::string_view toText(InboundMode mode) {
    return mode == InboundMode::enforce ? "enforce" : "testing";
}

std::string nameOf(const InboundRule& rule) {
    return rule.key.text + ' ' + std::string(toText(rule.level));
}

}  // namespace postseal::policy
