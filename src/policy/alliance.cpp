#include "policy/alliance.hpp"

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/in_quotes.hpp"
#include "base/registrable_domain.hpp"
#include "policy/json_reading.hpp"
#include "record/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

namespace postseal::policy {
namespace {

using base::fail;
using base::inQuotes;
using base::Result;
using boost::json::object;
using record::Level;

constexpr std::array<std::string_view, 3> modeNames{"observe", "testing", "enforce"};
constexpr std::size_t longestPayload = std::size_t{12} << 20U;
constexpr std::size_t mostAnchors = 1000;
constexpr std::size_t mostOfAMember = 1000;  // domains, hosts, clients

[[noreturn]] void refuse(const std::string& words) {
    throw json::Fault(words);
}

base::Timestamp timeOf(const object& of, std::string_view key) {
    const auto time = base::parseRfc3339(json::textOf(of, key));
    if (!time) json::refuse(key, "a time like 2027-01-31T00:00:00Z");
    return *time;
}

std::uint64_t versionOf(const object& of) {
    const auto* const value = json::find(of, "version");
    boost::json::error_code error;
    const auto version = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
    if (error || version == 0 || version > std::uint64_t{1} << 53U)
        json::refuse("version", "a number from 1 on");
    return version;
}

base::Sha256 digestOf(std::string_view text) {
    const auto bytes = base::parseHex(text);
    base::Sha256 digest{};
    if (!bytes || bytes->size() != digest.size()) json::refuse("spki_sha256", "64 hexadecimal digits");
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

/// What a list says of one CA.
struct Anchor {
    std::string name = {};
    record::Anchors anchors = {};
    base::Sha256 key{};
    bool isRevoked = false;
};

class Reading {
public:
    explicit Reading(const ReadAnchor& readAnchor) : readAnchor_(readAnchor) {}

    Alliance allianceOf(const object& of) {
        Alliance alliance{.name = json::textOf(of, "alliance"),
                          .version = versionOf(of),
                          .issued = timeOf(of, "issued"),
                          .expires = timeOf(of, "expires")};
        if (!isAllianceName(alliance.name))
            json::refuse("alliance", "a name of up to 40 letters, digits, '-', '_' and '.'");
        if (alliance.expires <= alliance.issued) refuse("it expires before it was issued");
        json::eachText(of, "successor_keys", [&](std::string_view text) {
            auto key = parseAllianceKey(text);
            if (!key) refuse("\"successor_keys\": " + key.error());
            alliance.successorKeys.push_back(std::move(*key));
        });
        json::eachObject(of, "anchors", [&](const object& one) { takeAnchor(one); });
        json::eachObject(of, "members", [&](const object& one) {
            ++number_;
            alliance.members.push_back(memberOf(one));
        });
        if (alliance.members.empty()) refuse("it has no members");
        return alliance;
    }

private:
    [[noreturn]] void refuseMember(const std::string& words) const {
        refuse(fmt::format("member {} ({}): {}", number_, first_, words));
    }

    void takeAnchor(const object& of) {
        if (anchors_.size() == mostAnchors) refuse(fmt::format("it has more than {} anchors", mostAnchors));
        Anchor anchor{.name = json::textOf(of, "name", json::Missing::isEmpty)};
        const auto pem = json::textOf(of, "certificate", json::Missing::isEmpty);
        const auto pin = json::textOf(of, "spki_sha256", json::Missing::isEmpty);
        if (pem.empty() == pin.empty())
            refuse(fmt::format("anchor {}: it has either a \"certificate\" or a \"spki_sha256\"",
                               inQuotes(anchor.name)));
        if (pem.empty()) {
            anchor.key = digestOf(pin);
            anchor.anchors = {.digest = anchor.key, .of = record::Anchors::Of::key};
        } else {
            auto read = readAnchor_(pem);
            if (!read) refuse(fmt::format("anchor {}: {}", inQuotes(anchor.name), read.error()));
            anchor.key = read->key;
            anchor.anchors = std::move(read->anchors);
        }
        if (const auto* const revoked = json::find(of, "revoked"); revoked != nullptr) {
            if (!revoked->is_bool()) json::refuse("revoked", "true or false");
            anchor.isRevoked = revoked->get_bool();
        }
        anchors_.push_back(std::move(anchor));
    }

    AllianceMember memberOf(const object& of) {
        AllianceMember member;
        first_.clear();
        json::eachText(of, "domains", [&](std::string_view text) { takeDomain(member, text); });
        if (member.domains.empty()) refuse(fmt::format("member {} has no domains", number_));
        json::eachText(of, "mx", [&](std::string_view text) { takeMx(member, text); });
        json::eachObject(of, "clients", [&](const object& one) { takeClient(member, one); });
        json::eachText(of, "anchors", [&](std::string_view name) { takeAnchorOf(member, name); });
        takeLevels(member, of);
        const auto most = std::max({member.domains.size(), member.mx.size(), member.clients.size()});
        if (most > mostOfAMember)
            refuseMember(fmt::format("it has more than {} domains, hosts or clients", mostOfAMember));
        return member;
    }

    void takeDomain(AllianceMember& member, std::string_view text) {
        const bool isBelow = text.starts_with('.');
        const auto name = base::DomainName::parse(isBelow ? text.substr(1) : text);
        if (first_.empty()) first_ = base::escaped(text, 80);
        if (!name) refuseMember(inQuotes(text) + " is no domain: " + name.error());
        // A list for everybody below .org would take the say from people who never heard of it.
        if (base::isPublicSuffix(name->text()))
            refuseMember(inQuotes(text) + " is a public suffix, below which anybody registers domains");
        auto domain = (isBelow ? "." : "") + name->text();
        if (!domains_.insert(domain).second) refuseMember(inQuotes(text) + " is in the list twice");
        if (domains_.size() > Alliance::mostDomains)
            refuse(fmt::format("it has more than {} domains", Alliance::mostDomains));
        member.domains.push_back(std::move(domain));
    }

    /// A provider's customers have hosts below one name: whoever lists all of them lists strangers.
    void takeMx(AllianceMember& member, std::string_view text) const {
        auto pattern = MxPattern::parse(text);
        if (!pattern) refuseMember(inQuotes(text) + " is no name of an MX host");
        const auto owner = base::registrableDomain(pattern->name);
        const auto isOwn = [&](std::string_view domain) {
            if (domain.starts_with('.')) domain.remove_prefix(1);
            return base::registrableDomain(domain) == owner;
        };
        if (pattern->isWildcard && base::isPublicSuffix(pattern->name))
            refuseMember(inQuotes(text) + " takes in everybody's hosts below a public suffix");
        if (pattern->isWildcard && std::ranges::none_of(member.domains, isOwn))
            refuseMember(inQuotes(text) + " takes in hosts of others: the operator of " + owner +
                         " may give names below it to any customer, so name each host");
        member.mx.push_back(std::move(*pattern));
    }

    void takeClient(AllianceMember& member, const object& of) const {
        const auto name = json::textOf(of, "name", json::Missing::isEmpty);
        const auto pin = json::textOf(of, "spki_sha256", json::Missing::isEmpty);
        const auto address = json::textOf(of, "address", json::Missing::isEmpty);
        if (!pin.empty()) {
            member.clients.emplace_back(KeyedClient{digestOf(pin)});
        } else if (!address.empty()) {
            const auto network = base::Network::parse(address);
            if (!network) refuseMember("client " + inQuotes(address) + ": " + network.error());
            member.clients.emplace_back(*network);
        } else {
            const auto domain = base::DomainName::parse(name);
            if (!domain) refuseMember("a client has a \"name\", a \"spki_sha256\" or an \"address\"");
            member.clients.emplace_back(NamedClient{domain->text()});
        }
    }

    /// An anchor is revoked by any entry with its key, under whatever name.
    void takeAnchorOf(AllianceMember& member, std::string_view name) const {
        const auto named = std::ranges::find(anchors_, name, &Anchor::name);
        if (named == anchors_.end() || name.empty())
            refuseMember("its anchor " + inQuotes(name) + " is not among the list's");
        const bool isRevoked = std::ranges::any_of(
            anchors_, [&](const Anchor& one) { return one.isRevoked && one.key == named->key; });
        member.isBereft = isRevoked && member.anchors.empty();
        if (isRevoked) return;
        member.anchors.push_back(named->anchors);
        member.pins.push_back(
            {record::Fingerprint::Of::spki, base::Bytes(named->key.begin(), named->key.end())});
    }

    void takeLevels(AllianceMember& member, const object& of) const {
        const auto to = record::parseLevel(json::textOf(of, "to"));
        if (!to || *to == Level::none)
            refuseMember("\"to\" is may, encrypt, dane, dane-only, fingerprint, verify or secure");
        const auto from = parseInboundLevel(json::textOf(of, "from"));
        if (!from || *from == InboundLevel::refuse || *from == InboundLevel::exempt)
            refuseMember("\"from\" is may, encrypt, verify, fingerprint or dane");
        const auto mode = record::valueOf<MemberMode>(modeNames, json::textOf(of, "mode"));
        if (!mode) refuseMember("\"mode\" is enforce, testing or observe");
        member.to = *to;
        member.from = *from;
        member.mode = *mode;
        if (*to == Level::fingerprint && member.anchors.empty() && !member.isBereft)
            refuseMember("\"to\": \"fingerprint\" needs \"anchors\", whose keys the servers have");
        const bool hasKey = std::ranges::any_of(member.clients, [](const AllianceClient& client) {
            return std::holds_alternative<KeyedClient>(client);
        });
        if (*from == InboundLevel::fingerprint && !hasKey)
            refuseMember("\"from\": \"fingerprint\" needs \"clients\" with a \"spki_sha256\"");
    }

    const ReadAnchor& readAnchor_;
    std::vector<Anchor> anchors_;
    std::unordered_set<std::string> domains_;
    std::size_t number_ = 0;  // of the member that is read
    std::string first_;       // its first domain
};

}  // namespace

std::string_view toText(MemberMode mode) {
    return record::nameOf(modeNames, mode);
}

Result<Alliance, std::string> parseAlliance(std::string_view payload, const ReadAnchor& readAnchor) {
    return json::read<Alliance>(payload, longestPayload,
                                [&](const object& of) { return Reading(readAnchor).allianceOf(of); });
}

bool isAllianceName(std::string_view name) {
    return !name.empty() && name.size() <= Alliance::longestName && base::isAlnum(name.front()) &&
           std::ranges::all_of(name,
                               [](char c) { return base::isAlnum(c) || c == '-' || c == '_' || c == '.'; });
}

bool covers(std::string_view memberDomain, std::string_view domain) {
    if (!memberDomain.starts_with('.')) return memberDomain == domain;
    return domain.size() > memberDomain.size() && domain.ends_with(memberDomain);
}

Result<base::Bytes, std::string> parseAllianceKey(std::string_view text) {
    constexpr std::size_t length = 32;
    // RFC 8410 §4: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING }.
    constexpr std::array<unsigned char, 12> prefix{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    auto key = base::parseBase64(base::trim(text));
    const auto asOctet = [](std::byte byte) { return std::to_integer<unsigned char>(byte); };
    if (key && key->size() == prefix.size() + length &&
        std::ranges::equal(prefix, std::span(*key).first(prefix.size()), {}, {}, asOctet))
        key->erase(key->begin(), key->begin() + prefix.size());
    if (key && key->size() == length) return std::move(*key);
    return fail(inQuotes(text) + " is no Ed25519 public key: 32 octets in base64");
}

}  // namespace postseal::policy
