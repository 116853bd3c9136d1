// Our domains: whom we accept mail for from anyone, and where it goes. Maildir and LMTP will be further kinds
// of delivery. Immutable once made; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "directory/recipients.hpp"
#include "record/next_hop.hpp"

#include <map>
#include <string>
#include <variant>

namespace postseal::directory {

using record::NextHop;

/// `delivery = "smtp:[host]:port"`: handed on to the system that holds the mailboxes.
struct Relay {
    NextHop nextHop;

    bool operator==(const Relay&) const = default;
};
using Delivery = std::variant<Relay>;

struct Domain {
    Delivery delivery;
    Recipients recipients;
};

using Domains = std::map<base::DomainName, Domain>;

}  // namespace postseal::directory
