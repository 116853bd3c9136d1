#include "policy/map_entry.hpp"

#include "base/ascii.hpp"
#include "base/in_quotes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::Result;
using record::Level;
using record::NamePattern;
using Kind = NamePattern::Kind;

constexpr std::array<std::string_view, 7> attributeNames{"match",  "ciphers",    "protocols",       "exclude",
                                                         "tafile", "servername", "connection_reuse"};
Result<std::vector<std::string>, std::string> parseExclude(std::string_view value) {
    std::vector<std::string> ciphers;
    for (const auto word : split(value, ":")) {
        const bool plain = std::ranges::all_of(
            word, [](char c) { return base::isAlnum(c) || c == '-' || c == '_' || c == '+'; });
        if (word.empty() || !plain || word.starts_with('-') || word.starts_with('+'))
            return fail(inQuotes(word) +
                        " is no cipher or class of ciphers (as `openssl ciphers` takes them)");
        ciphers.emplace_back(word);
    }
    std::ranges::sort(ciphers);
    const auto [first, last] = std::ranges::unique(ciphers);
    ciphers.erase(first, last);
    return ciphers;
}

Result<NamePattern, std::string> parsePattern(std::string_view word) {
    for (const auto kind : {Kind::nexthop, Kind::dotNexthop, Kind::hostname})
        if (base::sameWord(word, toText(NamePattern{kind}))) return NamePattern{kind};
    if (word.starts_with("*."))
        return fail(fmt::format("{} is no name; write \"{}\" for the names below it", inQuotes(word),
                                word.substr(1)));
    const bool below = word.starts_with('.');
    const auto name = base::DomainName::parse(below ? word.substr(1) : word);
    if (!name) return fail(inQuotes(word) + ' ' + name.error());
    return NamePattern{below ? Kind::below : Kind::exact, name->text()};
}

class Entry {
public:
    Entry(Level level, const LoadAnchors& loadAnchors, std::vector<MapFault>& faults)
        : level_(level), loadAnchors_(loadAnchors), faults_(faults) {}

    void take(const Word& word) {
        line_ = word.line;
        const auto equals = word.text.find('=');
        if (word.text.starts_with('{'))
            return fault("braces are not read here; write name=value without spaces");
        if (equals == word.text.npos) return fault(inQuotes(word.text) + " is no attribute (name=value)");
        const auto name = base::toLower(word.text.substr(0, equals));
        const auto value = word.text.substr(equals + 1);
        if (std::ranges::find(attributeNames, name) == attributeNames.end())
            return fault(inQuotes(name) + " is no attribute" + unknownAttribute(name));
        if (level_ == Level::none)
            return fault(fmt::format("\"{}=\" means nothing at the level \"none\"", name));
        if (value.empty()) return fault(fmt::format("\"{}=\" has no value", name));
        takeAttribute(name, value);
    }

    MapEntry finish(std::size_t line) {
        line_ = line;
        MapEntry entry{.line = line, .connectionReuse = reuse_};
        entry.claim = {
            .origin = {record::Origin::Kind::map}, .level = level_, .serverName = serverName_.value_or("")};
        if (grade_ || protocols_ || exclude_)
            entry.claim.floors = record::Floors{.protocols = protocols_.value_or(record::Protocols()),
                                                .ciphers = grade_.value_or(record::CipherGrade::medium),
                                                .exclude = exclude_.value_or(std::vector<std::string>())};
        if (level_ == Level::fingerprint) {
            if (pins_.empty())
                fault("the level \"fingerprint\" needs match=FINGERPRINT (several joined by '|')");
            entry.claim.conditions = {record::FingerprintCondition{std::move(pins_)}};
        } else if (level_ == Level::verify || level_ == Level::secure) {
            auto conditions = defaultConditions(level_);
            auto& names = std::get<record::NamesCondition>(conditions.front());
            if (!patterns_.empty()) names.patterns = std::move(patterns_);
            std::ranges::sort(anchors_);
            names.anchors = std::move(anchors_);
            entry.claim.conditions = std::move(conditions);
        }
        return entry;
    }

private:
    void takeAttribute(std::string_view name, std::string_view value) {
        if (name == "match") return takeMatch(value);
        if (name == "tafile") return takeAnchors(value);
        if (name == "ciphers") return takeOnce(name, grade_, parseGrade(value));
        if (name == "protocols") return takeOnce(name, protocols_, parseProtocols(value));
        if (name == "exclude") return takeOnce(name, exclude_, parseExclude(value));
        if (name == "servername") return takeServerName(name, value);
        if (!base::sameWord(value, "yes") && !base::sameWord(value, "no"))
            return fault(inQuotes(value) + " is neither yes nor no");
        reuse_ = base::sameWord(value, "yes");
    }

    void takeMatch(std::string_view value) {
        if (level_ == Level::fingerprint) {
            for (const auto word : split(value, "|")) {
                auto pin = record::parseFingerprint(word);
                if (pin)
                    pins_.push_back(std::move(*pin));
                else
                    fault(inQuotes(word) + ": " + pin.error());
            }
            return;
        }
        if (level_ != Level::verify && level_ != Level::secure) return meansNothing("match");
        for (const auto word : split(value, ":")) {
            auto pattern = parsePattern(word);
            if (pattern)
                patterns_.push_back(std::move(*pattern));
            else
                fault(pattern.error());
        }
    }

    void takeAnchors(std::string_view value) {
        if (level_ != Level::verify && level_ != Level::secure) return meansNothing("tafile");
        const std::string file(value);
        auto anchors = loadAnchors_(file);
        if (anchors)
            anchors_.push_back(std::move(*anchors));
        else
            fault("tafile=" + base::escaped(file) + ": " + anchors.error());
    }

    void takeServerName(std::string_view name, std::string_view value) {
        const auto domain = base::DomainName::parse(value);
        if (!domain) return fault(inQuotes(value) + ' ' + domain.error());
        takeOnce(name, serverName_, Result<std::string, std::string>(domain->text()));
    }

    template <class T>
    void takeOnce(std::string_view name, std::optional<T>& target, Result<T, std::string> value) {
        if (target) return fault(fmt::format("\"{}=\" stands twice", name));
        if (!value) return fault(value.error());
        target = std::move(*value);
    }

    static std::string unknownAttribute(const std::string& name) {
        if (name == "enable_rpk") return " that is built yet: raw public keys are not";
        const auto nearest = suggestion(name, attributeNames);
        return nearest.empty() ? fmt::format(" ({})", fmt::join(attributeNames, ", ")) : nearest;
    }

    void meansNothing(std::string_view name) {
        const auto wants = name == "match" ? "fingerprint, verify or secure" : "verify or secure";
        fault(fmt::format("\"{}=\" means nothing at the level \"{}\"; it wants {}", name, toText(level_),
                          wants));
    }

    void fault(std::string words) { faults_.push_back({line_, std::move(words)}); }

    Level level_;
    const LoadAnchors& loadAnchors_;
    std::vector<MapFault>& faults_;
    std::size_t line_ = 0;
    std::vector<NamePattern> patterns_;
    std::vector<record::Fingerprint> pins_;
    std::vector<record::Anchors> anchors_;
    std::optional<record::CipherGrade> grade_;
    std::optional<record::Protocols> protocols_;
    std::optional<std::vector<std::string>> exclude_;
    std::optional<std::string> serverName_;
    std::optional<bool> reuse_;
};

}  // namespace

MapEntry parseEntry(std::span<const Word> words, const LoadAnchors& loadAnchors,
                    std::vector<MapFault>& faults) {
    const auto& first = words.front();
    const auto level = record::parseLevel(base::toLower(first.text));
    if (!level) {
        const auto nearest = suggestion(first.text, record::levelNames);
        faults.push_back(
            {first.line,
             inQuotes(first.text) + " is no level" +
                 (nearest.empty() ? fmt::format(" ({})", fmt::join(record::levelNames, ", ")) : nearest)});
        return {};
    }
    Entry entry(*level, loadAnchors, faults);
    std::string text(first.text);
    for (const auto& word : words.subspan(1)) {
        entry.take(word);
        text.append(1, ' ').append(word.text);
    }
    auto finished = entry.finish(first.line);
    finished.text = std::move(text);
    return finished;
}

}  // namespace postseal::policy
