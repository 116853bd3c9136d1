// An alliance's list: domains that promise each other how their mail travels, as the JSON payload of a signed
// envelope (docs/alliances.md has the format). Strict where it matters: an unknown level or mode, a member
// that is a public suffix, or a pattern that takes in other people's hosts refuses the whole list. Unknown
// keys are ignored. Certificates are read by a function that the caller gives. Input is hostile. Pure; any
// thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/inbound_rule.hpp"
#include "policy/mx_pattern.hpp"
#include "record/requirement.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postseal::policy {

/// A CA's certificate that a list names.
struct AnchorCertificate {
    record::Anchors anchors = {};
    base::Sha256 certificate{}, key{};  // SHA-256 of it and of its SPKI
    std::string subject = {};
};
using ReadAnchor = std::function<base::Result<AnchorCertificate, std::string>(const std::string& pem)>;

/// Ordered: a later one does more.
enum class MemberMode { observe, testing, enforce };
std::string_view toText(MemberMode mode);

/// Who may speak for a member: the name in a certificate, its key, or where it comes from.
struct NamedClient {
    std::string name;
    auto operator<=>(const NamedClient&) const = default;
};
struct KeyedClient {
    base::Sha256 spki;
    auto operator<=>(const KeyedClient&) const = default;
};
using AllianceClient = std::variant<NamedClient, KeyedClient, base::Network>;

struct AllianceMember {
    std::vector<std::string> domains = {};  // A-labels; `.example.org`: all below it
    std::vector<MxPattern> mx = {};
    std::vector<AllianceClient> clients = {};
    std::vector<record::Anchors> anchors = {};   // none: the configured CAs
    std::vector<record::Fingerprint> pins = {};  // their keys
    bool isBereft = false;  // all its anchors are revoked, so that nothing can prove its servers
    record::Level to = record::Level::may;  // mail to it,
    InboundLevel from = InboundLevel::may;  // and from it; neither `refuse` nor `exempt`
    MemberMode mode = MemberMode::testing;

    bool operator==(const AllianceMember&) const = default;
};

struct Alliance {
    static constexpr std::size_t longestName = 40;
    static constexpr std::size_t mostDomains = 100'000;

    std::string name = {};
    std::uint64_t version = 0;
    base::Timestamp issued{}, expires{};
    std::vector<base::Bytes> successorKeys = {};  // may sign what comes after; 32 octets each
    std::vector<AllianceMember> members = {};

    bool operator==(const Alliance&) const = default;
};

/// The error is what is wrong with it, and with which member, for people.
base::Result<Alliance, std::string> parseAlliance(std::string_view payload, const ReadAnchor& readAnchor);

/// A name of an alliance: letters, digits, `-`, `_` and `.`, so that `alliance:NAME` is a word everywhere.
bool isAllianceName(std::string_view name);

/// `.example.org` covers what is below, `example.org` itself alone.
bool covers(std::string_view memberDomain, std::string_view domain);

/// An Ed25519 public key: 32 octets in base64, bare or as the SubjectPublicKeyInfo of a PEM file.
base::Result<base::Bytes, std::string> parseAllianceKey(std::string_view text);

}  // namespace postseal::policy
