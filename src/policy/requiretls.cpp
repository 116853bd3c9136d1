#include "policy/requiretls.hpp"

#include <algorithm>

namespace postseal::policy {

using record::Level;

std::string_view toText(RequireTlsMode mode) {
    return requireTlsModes.at(static_cast<std::size_t>(mode)).first;
}

std::optional<RequireTlsMode> parseRequireTlsMode(std::string_view text) {
    for (const auto& [word, mode] : requireTlsModes)
        if (word == text) return mode;
    return std::nullopt;
}

RequireTlsMode modeAt(const std::optional<RequireTlsRelaxation>& relaxation, base::Timestamp now) {
    return relaxation && now < relaxation->until ? relaxation->mode : RequireTlsMode::enforce;
}

RequireTlsOnHop requireTlsOnHop(record::TlsDemand demand, MailKind kind, RequireTlsMode mode) {
    using enum record::RequireTls;
    if (demand != record::TlsDemand::required) return {};
    const auto claimed = [](Level level) {
        return Claim{.origin = {record::Origin::Kind::requiretls}, .level = level};
    };
    if (kind == MailKind::report) mode = std::max(mode, RequireTlsMode::opportunisticStartTls);
    switch (mode) {
    case RequireTlsMode::enforce: return {must, claimed(Level::secure)};  // a predicate: any proof meets it
    case RequireTlsMode::opportunisticStartTls: return {whereOffered, claimed(Level::encrypt)};
    case RequireTlsMode::opportunistic: return {whereOffered};
    case RequireTlsMode::disable: break;
    }
    return {};
}

}  // namespace postseal::policy
