// Our domains: whom we accept mail for from anyone, and where it goes. Immutable once made; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "directory/aliases.hpp"
#include "directory/maildirs.hpp"
#include "directory/recipients.hpp"
#include "record/next_hop.hpp"
#include "record/transport.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postseal::directory {

using record::NextHop;

/// `delivery = "smtp:[host]:port"`: handed on to the system that holds the mailboxes.
struct Relay {
    NextHop nextHop;

    bool operator==(const Relay&) const = default;
};
using Delivery = std::variant<Relay, record::Lmtp, Maildirs>;

/// Whether what an alias sends to a foreign domain leaves under a sender of ours (SRS).
enum class Rewriting { no, srs };

struct Domain {
    Delivery delivery;
    Recipients recipients;
    Aliases aliases = {};
    std::string separators = {};  // each begins a subaddress: bob+news is bob; empty: none
    Rewriting rewriting = Rewriting::srs;

    /// Who is meant by a local part: a name that an alias or the recipients have, as it is or without its
    /// subaddress.
    struct Match {
        std::string name;              // lower case
        const Alias* alias = nullptr;  // null: none of this name
        bool isRecipient = false;
    };
    /// nullopt: nobody. `domain` is our own name.
    std::optional<Match> match(const record::Mailbox& mailbox, const base::DomainName& domain) const;
    record::Transport transport(const base::DomainName& domain) const;
};

using Domains = std::map<base::DomainName, Domain>;

}  // namespace postseal::directory
