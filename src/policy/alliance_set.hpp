// The alliances that we joined, as one immutable snapshot, and what they demand of a domain: of mail to it as
// claims, of mail from it as rules. A list only raises, and each list that names a domain must hold; within
// one list the most specific of its domains counts. What a member is held to is the least of what the list
// says, and of what was accepted here:
//  - a list that is only observed demands nothing, and says what it would demand;
//  - a domain that came into a list after it was joined is tested until it is accepted here;
//  - a domain that the list itself has in testing is enforced once it is promoted here.
// Pure; any thread.
#pragma once

#include "policy/after_end.hpp"
#include "policy/alliance.hpp"
#include "policy/claim.hpp"
#include "policy/inbound_client.hpp"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postseal::policy {

struct JoinedAlliance {
    Alliance list = {};
    bool isObserved = false;
    std::set<std::string, std::less<>> accepted = {};  // of the members' domains
    std::set<std::string, std::less<>> promoted = {};
};

class AllianceSet {
public:
    AllianceSet() = default;  // none were joined
    /// `ours` are this server's own domains: what a list says of them is what we promise, and no rule against
    /// our own people.
    AllianceSet(std::vector<JoinedAlliance> joined, AfterEnd afterEnd, std::span<const std::string> ours);

    struct Found {
        const JoinedAlliance* joined = nullptr;  // lives as long as the set
        const AllianceMember* member = nullptr;
        std::string_view domain = {};  // of the member, that covers the one asked for
        MemberMode mode = MemberMode::observe;
    };
    /// At most one of each list.
    std::vector<Found> find(std::string_view domain) const;

    /// Demands on mail to the domain; one that is not in force says so and demands nothing.
    std::vector<Claim> claims(std::string_view domain, base::Timestamp now) const;

    /// Demands on mail from the domain: none of our own domains, and none that is only observed.
    std::vector<InboundRule> rules(std::string_view domain) const;

    /// The members' domains for which a client with this certificate may speak, as far as lists name it.
    std::vector<std::string> domainsOf(const ClientCertificate& certificate) const;
    /// Some rule can be met by a client certificate only, so clients are asked for theirs.
    bool needsCertificates() const { return !speakers_.empty() || asksForHosts_; }

    /// Two lists whose demands on a domain hardly any server can meet together.
    struct Conflict {
        std::string domain, one, other, words;
        auto operator<=>(const Conflict&) const = default;
    };
    std::vector<Conflict> conflicts() const;

    const std::vector<JoinedAlliance>& joined() const { return joined_; }
    bool isOurs(std::string_view domain) const { return ours_.contains(domain); }
    /// The first moment after `now` at which a list ends; none: none does any more.
    std::optional<base::Timestamp> nextEnd(base::Timestamp now) const;

private:
    struct Place {
        std::size_t alliance = 0, member = 0;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    void addSpeakers(const AllianceMember& member);
    void addFound(std::string_view key, std::vector<Found>& found) const;

    std::vector<JoinedAlliance> joined_;
    AfterEnd afterEnd_ = AfterEnd::stay;
    std::set<std::string, std::less<>> ours_;
    std::unordered_map<std::string, std::vector<Place>, Hash, std::equal_to<>> places_;  // by member's domain
    std::unordered_map<std::string, std::vector<std::string>, Hash, std::equal_to<>>
        speakers_;               // domains, by a client's name or the hexadecimal digest of its key
    bool asksForHosts_ = false;  // some member's client is known by what DNS says alone
};

/// To what the member is held here.
MemberMode modeOf(const JoinedAlliance& joined, const AllianceMember& member, std::string_view domain);

}  // namespace postseal::policy
