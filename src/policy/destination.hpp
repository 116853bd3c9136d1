// How a destination is reached, as values: what is asked for, what this house and the configuration say of
// it, what is known of its MTA-STS policy, and the hosts with the requirement that holds on each. policy/plan
// makes one of the other; discover finds out what it takes. Pure data.
#pragma once

#include "base/time.hpp"
#include "dns/mx_route.hpp"
#include "policy/claim.hpp"
#include "policy/explain.hpp"
#include "policy/map.hpp"
#include "policy/mta_sts.hpp"
#include "policy/outbound.hpp"
#include "policy/requiretls.hpp"
#include "record/envelope.hpp"
#include "record/hop.hpp"
#include "record/next_hop.hpp"
#include "record/requirement.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::policy {

/// What is to be reached, for which message.
struct Query {
    record::NextHop nextHop;
    std::string domain = {};  // of the recipients, A-labels; empty: the next hop's
    record::TlsDemand message = record::TlsDemand::none;  // what the message itself asks for
    MailKind kind = MailKind::message;
    bool lookAtAll = false;  // also at what can't decide, so that `check` can tell it

    bool operator==(const Query&) const = default;
};

/// What is known of a domain's MTA-STS policy when a message asks.
struct StsFinding {
    bool isLoaded = true;  // false: what was kept is not read yet, so that nothing is known
    std::optional<MtaStsPolicy> policy = {};  // that holds now, of whatever mode
    std::string id = {};
    base::Timestamp fetched{};  // the last time
    base::Timestamp expires{};
    std::string note = {};  // what failed at the last look, for people; also where an older policy holds
    record::Why failure = record::Why::none;  // why none holds, though one is announced
    std::chrono::seconds ttl{0};              // how long a decision that rests on it may be kept

    bool operator==(const StsFinding&) const = default;
};

struct Host {
    std::string name;                             // A-labels, or an address's text
    std::uint16_t preference = 0;                 // of its MX record
    std::vector<base::IpAddress> addresses = {};  // none where policy keeps us from it, but for `lookAtAll`
    std::uint16_t port = 25;
    record::Requirement requirement = {};
    std::optional<record::Requirement> first = {};  // to be tried before it, on a connection of its own
    record::RequireTls requireTls = record::RequireTls::no;        // the keyword, beside the requirement
    record::DnssecStatus dnssec = record::DnssecStatus::notAsked;  // of the MX answer that named it
    record::MxProof mxProof = record::MxProof::none;               // of its name, by whatever there is
    std::optional<dns::Failure> failure =
        {};                              // it has no address that we may use, or policy keeps us from it
    std::optional<Unmet> unusable = {};  // policy does: in other words, for the sender
    std::optional<bool> connectionReuse = {};    // the map's connection_reuse=
    std::vector<record::ClaimNote> claims = {};  // all that were gathered, and which of them hold

    bool operator==(const Host&) const = default;
};

struct Destination {
    std::vector<Host> hosts = {};              // in the order to be tried, those that failed too
    std::optional<dns::Failure> failure = {};  // nothing can be tried
    std::optional<StsFinding> mtaSts = {};     // none: not asked for
    bool isPolicyKnown = true;  // false: what was kept of policies is not read yet, so nothing is decided

    bool operator==(const Destination&) const = default;
};

/// What this house itself says of a domain: memory, exceptions, alliances.
struct LocalPolicy {
    std::vector<Claim> claims = {};
    std::optional<RequireTlsRelaxation> requireTls = {};  // in place of the configuration's

    bool operator==(const LocalPolicy&) const = default;
};

struct DestinationSettings {
    std::shared_ptr<const Map> map;  // null: there was never a valid one, so nothing is sent outward
    Claim standard = standardClaim(record::Level::may);  // where nothing else is demanded
    dns::RouteSettings route = {};
    bool dane = false;
    DaneAndMtaSts daneAndMtaSts = DaneAndMtaSts::dane;
    DaneInsecureMx daneInsecureMx = DaneInsecureMx::dane;
    std::optional<RequireTlsRelaxation> requireTls = {};  // none: enforce
};

}  // namespace postseal::policy
