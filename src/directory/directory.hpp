// From an address to where it belongs: ours, by a route, foreign, or nobody. Decisions are made on the
// canonical mailbox alone (rule 52). A snapshot: immutable once filled, posted whole to each core. Any
// thread.
#pragma once

#include "directory/domains.hpp"
#include "directory/routes.hpp"
#include "record/mailbox.hpp"
#include "record/next_hop.hpp"

#include <variant>

namespace postseal::directory {

/// A recipient of a domain of ours: mail for it is taken from anyone.
struct Ours {
    NextHop nextHop;
};
/// Somebody else's: mail for it is taken only from those who may relay (`554 5.7.1` for all others).
struct Foreign {
    NextHop nextHop;  // by a route, else by its MX
    enum class By { mx, route, smarthost } by = By::mx;
};
/// Our domain, no such recipient: `550 5.1.1`.
struct Unknown {};
/// Our domain, and a local part that asks to relay elsewhere: `554 5.7.1`, for everyone.
struct SenderRouted {};

using Destination = std::variant<Ours, Foreign, Unknown, SenderRouted>;

struct Directory {
    Domains domains;
    Routes routes;

    Destination classify(const record::Mailbox& mailbox) const;
    /// Where mail for this domain goes, whoever the recipient is: for messages of our own, bounces among
    /// them.
    NextHop nextHop(const record::MailDomain& domain) const;
    /// Whose postmaster is meant where a client names no domain (RFC 5321 §4.5.1): of our domains the nearest
    /// to `host`, our own name, else the first; `host` where we have none.
    base::DomainName postmasterDomain(const base::DomainName& host) const;
};

}  // namespace postseal::directory
