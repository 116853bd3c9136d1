// The legs of an address: every way that mail to it takes, through all its aliases, by the directory that
// receives (its routes, SRS). For a domain of ours these are the mailboxes and whatever its aliases lead to,
// since somebody's mail goes there. Values in, values out.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"
#include "record/transport.hpp"

#include <string>
#include <vector>

namespace postseal::check {

struct Leg {
    std::string domain;  // of those whom it leads to: A-labels, or an address's text
    record::Transport transport;
    std::string smarthost = {};               // that takes mail for everyone; empty: none
    std::vector<std::string> addresses = {};  // who was meant by an alias; empty: who was asked for

    bool operator==(const Leg&) const = default;
};

struct Legs {
    std::string domain;    // that was asked for
    std::vector<Leg> all;  // at least one; no two of the same domain and transport
};

/// Of a domain, an address, or a next hop as the policy map writes it. The error, for people: it is none of
/// them, or mail for it is refused.
base::Result<Legs, std::string> legsOf(const directory::Directory& directory, const std::string& asked,
                                       base::Timestamp now);

}  // namespace postseal::check
