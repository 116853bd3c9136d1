#include "policy/inbound_map.hpp"

#include "base/hex.hpp"
#include "base/in_quotes.hpp"
#include "policy/inbound_line.hpp"
#include "policy/map_words.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::IpAddress;
using base::Result;
using Kind = InboundKey::Kind;
using record::NamePattern;

constexpr std::string_view clientPrefix = "client:";

/// `192.0.2.0/24` of 192.0.2.7.
std::string networkText(const IpAddress& address, unsigned prefix) {
    std::array<std::uint8_t, 16> bytes{};
    std::ranges::copy(address.bytes(), bytes.begin());
    for (unsigned bit = prefix; bit < address.bytes().size() * 8; ++bit)
        bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> (bit % 8)));
    const auto first =
        address.isV4() ? IpAddress::v4({bytes[0], bytes[1], bytes[2], bytes[3]}) : IpAddress::v6(bytes);
    return fmt::format("{}/{}", first.toText(), prefix);
}

void note(std::vector<unsigned>& prefixes, unsigned prefix) {
    if (std::ranges::find(prefixes, prefix) == prefixes.end()) prefixes.push_back(prefix);
}

std::string certificateProof(std::span<const std::byte> digest) {
    return "cert:" + base::toHex(digest);
}
std::string keyProof(std::span<const std::byte> digest) {
    return "spki:" + base::toHex(digest);
}

std::vector<std::string> proofsOf(const InboundRule& rule) {
    std::vector<std::string> proofs;
    for (const auto& pattern : rule.match)
        if (pattern.kind == NamePattern::Kind::exact) proofs.push_back(pattern.name);
    for (const auto& pin : rule.pins) {
        if (pin.of != record::Fingerprint::Of::spki) proofs.push_back(certificateProof(pin.digest));
        if (pin.of != record::Fingerprint::Of::certificate) proofs.push_back(keyProof(pin.digest));
    }
    return proofs;
}

/// A word that begins with '#' and what stands behind it on its line: here no value begins so.
void dropRemarks(std::vector<Word>& words) {
    std::size_t remarkLine = 0;
    std::erase_if(words, [&remarkLine](const Word& word) {
        if (word.text.starts_with('#')) remarkLine = word.line;
        return word.line == remarkLine;
    });
}

bool isDomains(const InboundRule& rule) {
    return rule.key.kind == Kind::domain || rule.key.kind == Kind::parent;
}

}  // namespace

Result<InboundMap, std::vector<MapFault>> InboundMap::parse(std::string_view text, std::string_view fileName,
                                                            const LoadAnchors& loadAnchors) {
    std::vector<MapFault> faults;
    std::vector<std::size_t> lines;
    InboundMap map;
    // A comma parts the items of a list here, so it can't part attributes.
    for (auto& words : entriesOf(text, " \t\r\v\f", faults)) {
        dropRemarks(words);
        const auto& first = words.front();
        auto key = parseInboundKey(first.text);
        if (!key) faults.push_back({first.line, key.error()});
        if (words.size() == 1) {
            faults.push_back({first.line, inQuotes(first.text) + " has no level behind it"});
            continue;
        }
        auto rule = parseInboundRule(std::span(words).subspan(1), loadAnchors, faults);
        rule.where = fmt::format("{}:{}", fileName, first.line);
        if (!key) continue;
        rule.key = std::move(*key);
        const auto [at, isNew] = map.byKey_.try_emplace(rule.key.text, map.rules_.size());
        if (!isNew) {
            faults.push_back({first.line, fmt::format("{} stands in line {} already", inQuotes(first.text),
                                                      lines[at->second])});
            continue;
        }
        map.rules_.push_back(std::move(rule));
        lines.push_back(first.line);
    }
    if (!faults.empty()) {
        tidy(faults);
        return fail(std::move(faults));
    }
    map.index();
    return map;
}

void InboundMap::index() {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const auto& rule = rules_[i];
        needsCertificates_ = needsCertificates_ || needsCertificate(rule.level);
        if (rule.key.kind == Kind::client) {
            hasNameKeys_ = true;
            if (rule.level == InboundLevel::exempt && !exemptByName_) exemptByName_ = i;
        }
        if (rule.key.kind == Kind::network) {
            const auto slash = rule.key.text.rfind('/');
            const auto prefix = static_cast<unsigned>(std::stoul(rule.key.text.substr(slash + 1)));
            const bool isV6 = rule.key.text.find(':', clientPrefix.size()) != std::string::npos;
            note(isV6 ? v6Prefixes_ : v4Prefixes_, prefix);
        }
        if (!isDomains(rule)) continue;
        for (auto& proof : proofsOf(rule))
            byProof_.emplace(std::move(proof), i);
    }
    std::ranges::sort(v4Prefixes_, std::greater());
    std::ranges::sort(v6Prefixes_, std::greater());
}

const InboundRule* InboundMap::at(std::string_view key) const {
    const auto found = byKey_.find(key);
    return found == byKey_.end() ? nullptr : &rules_[found->second];
}

const InboundRule* InboundMap::atOrAbove(std::string_view prefix, std::string_view name) const {
    auto key = std::string(prefix).append(name);
    if (const auto* rule = at(key); rule != nullptr) return rule;
    for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
        key.assign(prefix).append(name.substr(dot));
        if (const auto* rule = at(key); rule != nullptr) return rule;
    }
    return nullptr;
}

const InboundRule* InboundMap::ofDomain(std::string_view domain) const {
    return domain.empty() || empty() ? nullptr : atOrAbove({}, domain);
}

const InboundRule* InboundMap::ofAddress(const IpAddress& client) const {
    for (const auto prefix : client.isV4() ? v4Prefixes_ : v6Prefixes_)
        if (const auto* rule = at(std::string(clientPrefix) + networkText(client, prefix)); rule != nullptr)
            return rule;
    return nullptr;
}

const InboundRule* InboundMap::ofName(std::string_view client) const {
    return client.empty() || !hasNameKeys_ ? nullptr : atOrAbove(clientPrefix, client);
}

const InboundRule* InboundMap::ofListener(std::string_view listener) const {
    return listener.empty() ? nullptr : at(std::string("listener:").append(listener));
}

const InboundRule* InboundMap::ofEveryone() const {
    return at("*");
}

const InboundRule* InboundMap::anyExemptByName() const {
    return exemptByName_ ? &rules_[*exemptByName_] : nullptr;
}

std::vector<const InboundRule*> InboundMap::thatName(const ClientCertificate& certificate) const {
    std::vector<const InboundRule*> rules;
    // A provider's server may be listed for thousands of domains; any of them proves it.
    constexpr std::size_t most = 16;
    const auto add = [&rules](const InboundRule* rule) {
        if (rules.size() < most && std::ranges::find(rules, rule) == rules.end()) rules.push_back(rule);
    };
    const auto addAll = [&](const std::string& proof) {
        const auto [first, last] = byProof_.equal_range(proof);
        for (auto at = first; at != last && rules.size() < most; ++at)
            add(&rules_[at->second]);
    };
    addAll(certificateProof(certificate.sha256));
    addAll(keyProof(certificate.spki));
    for (const auto& name : certificate.names) {
        addAll(name);
        // A server mostly stands below the domain that it serves.
        for (auto dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1))
            if (const auto* rule = at(std::string_view(name).substr(dot + 1));
                rule != nullptr && needsCertificate(rule->level))
                add(rule);
    }
    return rules;
}

std::vector<InboundRule> rulesFor(const InboundMap& map, const InboundClient& client,
                                  std::string_view domain) {
    std::vector<InboundRule> rules;
    const auto add = [&rules](const InboundRule* rule) {
        if (rule != nullptr) rules.push_back(*rule);
    };
    add(map.ofDomain(domain));
    add(map.ofAddress(client.address));
    if (client.name.status == ClientName::Status::confirmed) add(map.ofName(client.name.name));
    add(map.ofListener(client.listener));
    add(map.ofEveryone());
    return rules;
}

/// A client without any name is whoever it likes to be: what is demanded of a name is no protection against
/// it, so only what would free it is waited for.
std::optional<InboundRule> ruleIfNamed(const InboundMap& map, const InboundClient& client) {
    if (client.name.status != ClientName::Status::failed) return std::nullopt;
    const auto* rule = client.name.name.empty() ? map.anyExemptByName() : map.ofName(client.name.name);
    return rule == nullptr ? std::nullopt : std::optional(*rule);
}

}  // namespace postseal::policy
