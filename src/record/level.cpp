#include "record/level.hpp"

#include "record/names.hpp"

namespace postseal::record {
namespace {

constexpr std::array<std::string_view, 11> originNames{"map",    "exception", "alliance", "requiretls",
                                                       "sender", "tlsrpt",    "dane",     "mta-sts",
                                                       "memory", "listener",  "default"};
constexpr std::string_view alliancePrefix = "alliance:";

}  // namespace

std::string_view toText(Level level) {
    return nameOf(levelNames, level);
}

std::optional<Level> parseLevel(std::string_view text) {
    return valueOf<Level>(levelNames, text);
}

LevelClass classOf(Level level) {
    switch (level) {
    case Level::none: return LevelClass::none;
    case Level::may: return LevelClass::may;
    case Level::encrypt: return LevelClass::encrypt;
    case Level::dane:
    case Level::daneOnly:
    case Level::fingerprint:
    case Level::verify:
    case Level::secure: return LevelClass::authenticated;
    }
    return LevelClass::authenticated;
}

std::string toText(const Origin& origin) {
    if (origin.kind == Origin::Kind::alliance) return std::string(alliancePrefix) + origin.alliance;
    return std::string(nameOf(originNames, origin.kind));
}

std::optional<Origin> parseOrigin(std::string_view text) {
    if (text.starts_with(alliancePrefix)) {
        const auto name = text.substr(alliancePrefix.size());
        if (name.empty()) return std::nullopt;
        return Origin{Origin::Kind::alliance, std::string(name)};
    }
    const auto kind = valueOf<Origin::Kind>(originNames, text);
    if (!kind || *kind == Origin::Kind::alliance) return std::nullopt;
    return Origin{*kind};
}

}  // namespace postseal::record
