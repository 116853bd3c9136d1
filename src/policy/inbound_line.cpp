#include "policy/inbound_line.hpp"

#include "base/in_quotes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::Result;
using record::NamePattern;
using Kind = NamePattern::Kind;

constexpr std::array<std::string_view, 7> attributeNames{"match",     "tafile",  "hosts", "forwarders",
                                                         "protocols", "ciphers", "mode"};
constexpr std::array<std::string_view, 2> modeNames{"enforce", "testing"};
constexpr std::string_view clientPrefix = "client:";
constexpr std::string_view listenerPrefix = "listener:";

/// A name, or `.name` for those below it; nothing else.
Result<NamePattern, std::string> parseName(std::string_view word) {
    const bool below = word.starts_with('.');
    const auto name = base::DomainName::parse(below ? word.substr(1) : word);
    if (!name) return fail(inQuotes(word) + ' ' + name.error());
    return NamePattern{below ? Kind::below : Kind::exact, name->text()};
}

/// The same of a certificate's names: also its wildcard, as it stands, and what stands for MX names.
Result<NamePattern, std::string> parseMatch(std::string_view word) {
    if (base::sameWord(word, "hostname")) return NamePattern{Kind::hostname};
    if (base::sameWord(word, "nexthop") || base::sameWord(word, "dot-nexthop"))
        return fail(inQuotes(word) + " is no name of a sender's server; write the domain itself, where it "
                                     "stands in the certificate");
    constexpr std::string_view wildcard = "*.";
    if (!word.starts_with(wildcard)) return parseName(word);
    const auto name = base::DomainName::parse(word.substr(wildcard.size()));
    if (!name) return fail(inQuotes(word) + ' ' + name.error());
    return NamePattern{Kind::exact, std::string(wildcard) + name->text()};
}

Result<InboundKey, std::string> clientKey(std::string_view text) {
    if (text.find_first_of(":/") != text.npos || base::IpAddress::parse(text)) {
        const auto network = base::Network::parse(text);
        if (!network) return fail(network.error());
        return InboundKey{InboundKey::Kind::network, std::string(clientPrefix) + network->toText()};
    }
    const auto name = parseName(text);
    if (!name) return fail(name.error());
    return InboundKey{InboundKey::Kind::client, std::string(clientPrefix) + toText(*name)};
}

Result<InboundKey, std::string> listenerKey(std::string_view text) {
    const auto colon = text.rfind(':');
    auto host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const auto address = base::IpAddress::parse(host);
    std::uint16_t port = 0;
    const auto digits = colon == text.npos ? std::string_view() : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (!address || error != std::errc() || end != digits.data() + digits.size() || port == 0)
        return fail(inQuotes(text) + " is no address with a port, as [[listener]] has it");
    const auto shown = address->isV4() ? address->toText() : '[' + address->toText() + ']';
    return InboundKey{InboundKey::Kind::listener, fmt::format("{}{}:{}", listenerPrefix, shown, port)};
}

/// Parts at ',' and ':', but not within the brackets of an IPv6 address.
std::vector<std::string_view> splitClients(std::string_view value) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    bool isBracketed = false;
    for (std::size_t i = 0; i <= value.size(); ++i) {
        const bool atEnd = i == value.size();
        if (!atEnd && value[i] == '[') isBracketed = true;
        if (!atEnd && value[i] == ']') isBracketed = false;
        if (!atEnd && (isBracketed || (value[i] != ',' && value[i] != ':'))) continue;
        parts.push_back(value.substr(begin, i - begin));
        begin = i + 1;
    }
    return parts;
}

/// `[2001:db8::]/32` and `[2001:db8::/32]` are the same.
std::string withoutBrackets(std::string_view word) {
    std::string text(word);
    std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
    return text;
}

bool isAddressLike(std::string_view word) {
    return word.find_first_of("/[") != word.npos || base::IpAddress::parse(word);
}

class Line {
public:
    Line(InboundLevel level, const LoadAnchors& loadAnchors, std::vector<MapFault>& faults)
        : loadAnchors_(loadAnchors), faults_(faults) {
        rule_.level = level;
    }

    void take(const Word& word) {
        line_ = word.line;
        const auto equals = word.text.find('=');
        if (equals == word.text.npos) return fault(inQuotes(word.text) + " is no attribute (name=value)");
        const auto name = base::toLower(word.text.substr(0, equals));
        auto value = word.text.substr(equals + 1);
        while (value.ends_with(','))
            value.remove_suffix(1);  // Postfix separates attributes by commas, too
        if (std::ranges::find(attributeNames, name) == attributeNames.end()) return unknown(name);
        if (value.empty()) return fault(fmt::format("\"{}=\" has no value", name));
        if (!means(name))
            return fault(fmt::format("\"{}=\" means nothing at the level \"{}\"", name, toText(rule_.level)));
        takeAttribute(name, value);
    }

    InboundRule finish(std::size_t line) {
        line_ = line;
        if (rule_.level == InboundLevel::fingerprint && rule_.pins.empty())
            fault("the level \"fingerprint\" needs match=FINGERPRINT (several joined by ',')");
        const bool bindsNames = rule_.level == InboundLevel::verify || rule_.level == InboundLevel::dane;
        if (bindsNames && rule_.match.empty()) rule_.match = {{Kind::hostname}};
        if (protocols_ || grade_)
            rule_.floors = record::Floors{.protocols = protocols_.value_or(record::Protocols{15}),
                                          .ciphers = grade_.value_or(record::CipherGrade::low)};
        std::ranges::sort(rule_.anchors);
        return std::move(rule_);
    }

private:
    bool means(std::string_view name) const {
        const auto level = rule_.level;
        if (name == "match") return needsCertificate(level);
        if (name == "tafile") return level == InboundLevel::verify;
        if (name == "mode") return level != InboundLevel::may && level != InboundLevel::exempt;
        return level == InboundLevel::encrypt || needsCertificate(level);
    }

    void takeAttribute(std::string_view name, std::string_view value) {
        if (name == "match")
            return rule_.level == InboundLevel::fingerprint ? takePins(value) : takeNames(value);
        if (name == "tafile") return takeAnchors(value);
        if (name == "hosts") return takeClients(rule_.hosts, value);
        if (name == "forwarders") return takeClients(rule_.forwarders, value);
        if (name == "protocols") return takeOnce(name, protocols_, parseProtocols(value));
        if (name == "ciphers") return takeOnce(name, grade_, parseGrade(value));
        if (base::sameWord(value, "testing"))
            rule_.mode = InboundMode::testing;
        else if (!base::sameWord(value, "enforce"))
            fault(inQuotes(value) + " is no mode (enforce, testing)" + suggestion(value, modeNames));
    }

    void takePins(std::string_view value) {
        for (const auto word : split(value, ",|")) {
            auto pin = record::parseFingerprint(word);
            if (!pin)
                fault(inQuotes(word) + ": " + pin.error());
            else if (pin->digest.size() != base::Sha256().size())
                fault(inQuotes(word) + ": of a client SHA-256 is known");
            else
                rule_.pins.push_back(std::move(*pin));
        }
    }

    void takeNames(std::string_view value) {
        for (const auto word : split(value, ":,")) {
            auto pattern = parseMatch(word);
            if (pattern)
                rule_.match.push_back(std::move(*pattern));
            else
                fault(pattern.error());
        }
    }

    void takeClients(ClientList& list, std::string_view value) {
        for (const auto word : splitClients(value)) {
            if (isAddressLike(word)) {
                auto network = base::Network::parse(withoutBrackets(word));
                if (network)
                    list.networks.push_back(*network);
                else
                    fault(network.error());
                continue;
            }
            auto name = parseName(word);
            if (name)
                list.names.push_back(std::move(*name));
            else
                fault(name.error() + "; lists are parted by commas, IPv6 addresses stand in brackets");
        }
    }

    void takeAnchors(std::string_view value) {
        const std::string file(value);
        auto anchors = loadAnchors_(file);
        if (anchors)
            rule_.anchors.push_back(std::move(*anchors));
        else
            fault("tafile=" + base::escaped(file) + ": " + anchors.error());
    }

    template <class T>
    void takeOnce(std::string_view name, std::optional<T>& target, Result<T, std::string> value) {
        if (target) return fault(fmt::format("\"{}=\" stands twice", name));
        if (!value) return fault(value.error());
        target = std::move(*value);
    }

    void unknown(const std::string& name) {
        const auto nearest = suggestion(name, attributeNames);
        fault(inQuotes(name) + " is no attribute" +
              (nearest.empty() ? fmt::format(" ({})", fmt::join(attributeNames, ", ")) : nearest));
    }

    void fault(std::string words) { faults_.push_back({line_, std::move(words)}); }

    const LoadAnchors& loadAnchors_;
    std::vector<MapFault>& faults_;
    std::size_t line_ = 0;
    InboundRule rule_;
    std::optional<record::Protocols> protocols_;
    std::optional<record::CipherGrade> grade_;
};

}  // namespace

Result<InboundKey, std::string> parseInboundKey(std::string_view text) {
    if (text == "*") return InboundKey{};
    if (base::startsWithWord(text, clientPrefix)) return clientKey(text.substr(clientPrefix.size()));
    if (base::startsWithWord(text, listenerPrefix)) return listenerKey(text.substr(listenerPrefix.size()));
    if (text.find('@') != text.npos)
        return fail(inQuotes(text) + ": rules speak of domains, not of single addresses");
    const auto name = parseName(text);
    if (!name) return fail(name.error());
    const bool isBelow = name->kind == Kind::below;
    return InboundKey{isBelow ? InboundKey::Kind::parent : InboundKey::Kind::domain, toText(*name)};
}

InboundRule parseInboundRule(std::span<const Word> words, const LoadAnchors& loadAnchors,
                             std::vector<MapFault>& faults) {
    const auto& first = words.front();
    const auto level = parseInboundLevel(base::toLower(first.text));
    if (!level) {
        const auto nearest = suggestion(first.text, inboundLevelNames);
        faults.push_back(
            {first.line,
             inQuotes(first.text) + " is no level of mail that comes in" +
                 (nearest.empty() ? fmt::format(" ({})", fmt::join(inboundLevelNames, ", ")) : nearest)});
        return {};
    }
    Line line(*level, loadAnchors, faults);
    for (const auto& word : words.subspan(1))
        line.take(word);
    return line.finish(first.line);
}

}  // namespace postseal::policy
