// Reads the text form of a requirement, whose grammar stands in requirement_text.cpp.
#include "record/requirement.hpp"

#include "base/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace postseal::record {
namespace {

using base::fail;
using base::Result;

constexpr std::size_t mostConditions = 16;

std::optional<std::string> parseWord(std::string_view text) {
    if (text == "%") return std::string();
    std::string word;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            word += text[i];
            continue;
        }
        const auto byte = base::parseHex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        word += std::to_integer<char>(byte->front());
        i += 2;
    }
    return word;
}

std::optional<NamePattern> parsePattern(std::string_view text) {
    using Kind = NamePattern::Kind;
    for (const auto kind : {Kind::nexthop, Kind::dotNexthop, Kind::hostname})
        if (text == toText(NamePattern{kind})) return NamePattern{kind};
    const bool below = text.starts_with('.');
    auto name = parseWord(below ? text.substr(1) : text);
    if (!name || text.empty()) return std::nullopt;
    return NamePattern{below ? Kind::below : Kind::exact, std::move(*name)};
}

/// Each item between the separators goes to `take`, which says whether it was good; an empty text has no
/// item.
template <class Take>
bool eachItem(std::string_view text, char separator, Take take) {
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (!take(text.substr(0, end))) return false;
        if (end + 1 == text.size()) return false;  // a separator with nothing behind it
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

/// Takes an item by a parser that gives an optional or a Result.
template <class Item, class Parse>
bool takeItems(std::string_view text, char separator, std::vector<Item>& items, Parse parse) {
    return eachItem(text, separator, [&](std::string_view item) {
        auto parsed = parse(item);
        if (parsed) items.push_back(std::move(*parsed));
        return static_cast<bool>(parsed);
    });
}

std::optional<Anchors> parseAnchors(std::string_view text) {
    constexpr std::string_view keyAnchor = "spki/";
    Anchors anchors;
    if (text.starts_with(keyAnchor)) {
        anchors.of = Anchors::Of::key;
        text.remove_prefix(keyAnchor.size());
    }
    const auto bytes = base::parseHex(text);
    if (!bytes || bytes->size() != anchors.digest.size()) return std::nullopt;
    std::ranges::copy(*bytes, anchors.digest.begin());
    return anchors;
}

/// How a name can prove a server.
std::optional<Proof> parseNameProof(std::string_view text) {
    const auto proof = parseProof(text);
    return proof == Proof::pkix || proof == Proof::mtaSts ? proof : std::nullopt;
}

std::optional<Origin> parseEscapedOrigin(std::string_view text) {
    constexpr std::string_view prefix = "alliance:";
    if (!text.starts_with(prefix)) return parseOrigin(text);
    auto name = parseWord(text.substr(prefix.size()));
    if (!name) return std::nullopt;
    return Origin{Origin::Kind::alliance, std::move(*name)};
}

std::optional<Also> parseAlso(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto level = parseLevel(text.substr(0, slash));
    auto origin = parseEscapedOrigin(text.substr(slash + 1));
    if (!level || !origin) return std::nullopt;
    return Also{*level, std::move(*origin)};
}

class Reader {
public:
    explicit Reader(Level level) { requirement_.level = level; }

    bool take(std::string_view name, std::string_view value) {
        if (name == "ciphers") return assign(requirement_.floors.ciphers, parseCipherGrade(value));
        if (name == "protocols") return takeProtocols(value);
        if (name == "exclude") return takeItems(value, ':', requirement_.floors.exclude, parseWord);
        if (name == "groups") return takeItems(value, ':', requirement_.floors.groups, parseWord);
        if (name == "servername") return assign(requirement_.serverName, parseWord(value));
        if (name == "also") return takeItems(value, ',', requirement_.also, parseAlso);
        if (name == "origin") return assign(requirement_.origin, parseEscapedOrigin(value));
        if (name == "until") {
            requirement_.until = base::parseRfc3339(value);
            return requirement_.until.has_value();
        }
        return takeOfCondition(name, value);
    }

    /// The conditions follow each other from the first on.
    std::optional<Requirement> finish() {
        for (auto& slot : conditions_) {
            if (!slot) break;
            requirement_.allOf.push_back(std::move(*slot));
            slot.reset();
        }
        if (std::ranges::any_of(conditions_, [](const auto& slot) { return slot.has_value(); }))
            return std::nullopt;
        return std::move(requirement_);
    }

private:
    template <class T>
    static bool assign(T& target, std::optional<T> value) {
        if (value) target = std::move(*value);
        return value.has_value();
    }

    bool takeProtocols(std::string_view value) {
        requirement_.floors.protocols.bits = 0;
        return eachItem(value, ':', [&](std::string_view item) {
            const auto protocol = parseProtocol(item);
            if (protocol) requirement_.floors.protocols.bits |= static_cast<unsigned>(*protocol);
            return protocol.has_value();
        });
    }

    bool takeOfCondition(std::string_view name, std::string_view value) {
        std::size_t number = 1;
        const auto digits = std::min(name.find_first_of("0123456789"), name.size());
        if (digits != name.size()) {
            const auto* const end = name.data() + name.size();
            const auto [stop, error] = std::from_chars(name.data() + digits, end, number);
            if (error != std::errc() || stop != end || number < 2 || number > mostConditions) return false;
        }
        return takeAttribute(name.substr(0, digits), value, conditions_[number - 1]);
    }

    bool takeAttribute(std::string_view name, std::string_view value, std::optional<Condition>& slot) {
        const bool fingerprint = requirement_.level == Level::fingerprint;
        if (name == (fingerprint ? "names" : "match"))
            return with<NamesCondition>(
                slot, [&](auto& c) { return takeItems(value, ':', c.patterns, parsePattern); });
        if (name == "tafile")
            return with<NamesCondition>(
                slot, [&](auto& c) { return takeItems(value, ':', c.anchors, parseAnchors); });
        if (name == "by")
            return with<NamesCondition>(slot, [&](auto& c) { return assign(c.by, parseNameProof(value)); });
        if (name == (fingerprint ? "match" : "pins"))
            return with<FingerprintCondition>(
                slot, [&](auto& c) { return takeItems(value, '|', c.pins, parseFingerprint); });
        if (name == "tlsa")
            return with<TlsaCondition>(slot,
                                       [&](auto& c) { return takeItems(value, ':', c.records, parseTlsa); });
        if (name == "reference")
            return with<TlsaCondition>(
                slot, [&](auto& c) { return takeItems(value, ':', c.referenceNames, parseWord); });
        if (name != "proves") return false;
        const auto proves = parseAssurance(value);
        if (!proves || !slot) return false;  // parseRequirement hands `proves` in after all else
        std::visit([&](auto& c) { c.proves = *proves; }, *slot);
        return true;
    }

    template <class Kind, class Take>
    static bool with(std::optional<Condition>& slot, Take take) {
        if (!slot) slot = Kind{};
        auto* const condition = std::get_if<Kind>(&*slot);
        return condition != nullptr && take(*condition);
    }

    Requirement requirement_;
    std::array<std::optional<Condition>, mostConditions> conditions_;
};

struct Attribute {
    std::string_view name, value;
};

std::string_view takeUntil(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

}  // namespace

Result<Requirement, std::string> parseRequirement(std::string_view text) {
    const auto levelWord = takeUntil(text, ' ');
    const auto level = parseLevel(levelWord);
    if (!level) return fail("'" + base::escaped(levelWord, 80) + "' is no level");

    std::vector<Attribute> attributes;
    while (!text.empty()) {
        auto value = takeUntil(text, ' ');
        if (value.find('=') == std::string_view::npos)
            return fail("'" + base::escaped(value, 80) + "' has no value");
        const auto name = takeUntil(value, '=');
        attributes.push_back({name, value});
    }
    std::ranges::partition(attributes, [](const Attribute& a) { return !a.name.starts_with("proves"); });

    Reader reader(*level);
    for (const auto& [name, value] : attributes)
        if (!reader.take(name, value))
            return fail("'" + base::escaped(name, 80) + "=" + base::escaped(value, 80) +
                        "' is no attribute of a requirement");
    auto requirement = reader.finish();
    if (!requirement) return fail(std::string("the conditions are not numbered from the first on"));
    return std::move(*requirement);
}

}  // namespace postseal::record
