// The administrator's map of inbound policy as text (docs/only-securely.md has its grammar): of the outbound
// map's shape, keyed by whose mail it is. The whole file is checked and every fault reported; a map with a
// fault is no map. Looked up by hash, also in a map of 100,000 lines; within a kind of key the most specific
// wins. Any thread. Pure: `tafile` is read by a function that the caller gives.
#pragma once

#include "base/domain_name.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "policy/inbound_client.hpp"
#include "policy/inbound_rule.hpp"
#include "policy/map.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postseal::policy {

class InboundMap {
public:
    InboundMap() = default;  // without rules
    /// `fileName` is for the rules' `where`. The error has every fault, in the order of lines.
    static base::Result<InboundMap, std::vector<MapFault>>
    parse(std::string_view text, std::string_view fileName, const LoadAnchors& loadAnchors);

    // nullptr: no rule. The pointers live as long as the map.
    const InboundRule* ofDomain(std::string_view domain) const;  // itself, then each parent
    const InboundRule* ofAddress(const base::IpAddress& client) const;
    const InboundRule* ofName(std::string_view client) const;  // itself, then each parent
    const InboundRule* ofListener(std::string_view listener) const;
    const InboundRule* ofEveryone() const;
    /// The rules of domains for which this certificate may speak: that list one of its names or pin it, or
    /// whose domain such a name stands below; the first few. Proven by nothing yet.
    std::vector<const InboundRule*> thatName(const ClientCertificate& certificate) const;
    /// One that exempts clients by name, if any: who has such a name can't be told without DNS.
    const InboundRule* anyExemptByName() const;

    bool hasNameKeys() const { return hasNameKeys_; }
    /// Some rule can't be met without a client certificate.
    bool needsCertificates() const { return needsCertificates_; }
    std::size_t size() const { return rules_.size(); }
    bool empty() const { return rules_.empty(); }
    const std::vector<InboundRule>& rules() const { return rules_; }  // in the order of lines

private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    const InboundRule* at(std::string_view key) const;
    const InboundRule* atOrAbove(std::string_view prefix, std::string_view name) const;
    void index();

    std::vector<InboundRule> rules_;
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> byKey_;
    std::unordered_multimap<std::string, std::size_t, Hash, std::equal_to<>> byProof_;  // names and pins
    std::vector<unsigned> v4Prefixes_, v6Prefixes_;  // that occur, longest first
    std::optional<std::size_t> exemptByName_;
    bool hasNameKeys_ = false, needsCertificates_ = false;
};

/// The most specific rule of each kind of key that speaks of the client's mail for the domain (empty: a null
/// sender), and `*`. By name only where it is confirmed.
std::vector<InboundRule> rulesFor(const InboundMap& map, const InboundClient& client,
                                  std::string_view domain);
/// Where the client's name could not be had: the rule that would speak of it.
std::optional<InboundRule> ruleIfNamed(const InboundMap& map, const InboundClient& client);

}  // namespace postseal::policy
