// From an address to where it belongs: ours, by a route, foreign, or nobody. Aliases are followed, and the
// addresses that SRS made are led back. Decisions are made on the canonical mailbox alone (rule 52). A
// snapshot: immutable once filled, posted whole to each core. Any thread.
#pragma once

#include "base/time.hpp"
#include "directory/domains.hpp"
#include "directory/routes.hpp"
#include "directory/srs.hpp"
#include "record/mailbox.hpp"
#include "record/transport.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postseal::directory {

/// Of one recipient, with all who stand behind its aliases.
inline constexpr std::size_t mostTargets = 1000;
inline constexpr std::size_t deepestAlias = 20;

/// One whom a message goes to.
struct Target {
    record::Mailbox address;
    record::Transport transport;
    /// The domain of ours whose alias sends it to a foreign one: the sender becomes an address of it.
    std::optional<base::DomainName> forwardedBy = {};
};

/// A recipient of a domain of ours, or its alias: mail for it is taken from anyone.
struct Ours {
    std::vector<Target> targets;  // at least one; no two alike
    bool isExpanded = false;      // the targets are others than who was asked for
    bool isSrs = false;           // the address is one that SRS made: the target is who it stands for
};
/// Somebody else's: mail for it is taken only from those who may relay (`554 5.7.1` for all others), but
/// from anyone where we are its backup MX.
struct Foreign {
    NextHop nextHop;  // by a route, else by its MX
    enum class By { mx, route, smarthost } by = By::mx;
    enum class From { relayNetworks, anyone } from = From::relayNetworks;
};
/// Our domain, or one that we are a backup MX of, and no such recipient: `550 5.1.1`.
struct Unknown {};
/// Our domain, and a local part that asks to relay elsewhere: `554 5.7.1`, for everyone.
struct SenderRouted {};
/// Its aliases lead to more than mostTargets, or from one to the next for longer than deepestAlias.
struct Unbounded {};

using Destination = std::variant<Ours, Foreign, Unknown, SenderRouted, Unbounded>;

struct Directory {
    Domains domains;
    Routes routes;
    std::shared_ptr<const Srs> srs = {};  // null: no sender is rewritten, and no such address is known

    Destination resolve(const record::Mailbox& mailbox, base::Timestamp now) const;
    /// Who gets a message of our own for this address, a bounce for instance. Never empty: for a domain of
    /// ours that knows nobody of this name, those who hold its mailboxes say so.
    std::vector<Target> addressees(const record::Mailbox& mailbox, base::Timestamp now) const;
    /// What a target's copy has in MAIL FROM in place of its sender; nullopt: the sender itself.
    std::optional<record::Mailbox> sentAs(const record::ReversePath& sender, const Target& target,
                                          base::Timestamp now) const;
    /// Equal for two spellings of one recipient: of ours, whatever their case; another subaddress is another
    /// one. What others' addresses mean is theirs alone (RFC 5321 §2.4), so that these are as they are
    /// written.
    std::string keyOf(const record::Mailbox& mailbox) const;
    /// Where the mail of a recipient of ours lies; nullopt: it is none, or of no domain with Maildirs.
    std::optional<Maildirs::Place> maildirOf(const record::Mailbox& mailbox) const;
    /// Whose postmaster is meant where a client names no domain (RFC 5321 §4.5.1): of our domains the nearest
    /// to `host`, our own name, else the first; `host` where we have none.
    base::DomainName postmasterDomain(const base::DomainName& host) const;
};

}  // namespace postseal::directory
