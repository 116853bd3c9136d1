// An alliance's list from its signed envelope, and whether a newer one may take the place of the one that is
// kept: signed by a key that we know, of no lower version, not the same version with another content, not
// past its end (docs/alliances.md). The error is what is wrong, for people. Pure; any thread.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "policy/alliance.hpp"
#include "policy/dsse.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::discover {

struct OpenedAlliance {
    policy::Alliance list = {};
    std::string payload = {};
    base::Bytes signedBy = {};  // the public key, one of those that were given
};

/// The envelope's text; its end is not looked at, since a list that is kept is read after it, too.
base::Result<OpenedAlliance, std::string> openAlliance(std::string_view envelope,
                                                       std::span<const base::Bytes> keys);
/// A payload without its envelope.
base::Result<policy::Alliance, std::string> readAlliance(std::string_view payload);

/// A list as it is kept in the store (discover/alliance_store).
struct KeptAlliance {
    std::string name = {};
    std::int64_t revision = 0;           // of the last change; 0: not in the store
    std::string source = {};             // a URL, or the file that it came from
    std::vector<base::Bytes> keys = {};  // that may sign the next one; the last signer's first
    std::uint64_t version = 0;           // the floor: what is lower is a roll-back
    std::string envelope = {};           // the last good one; empty: it was left, only the floor stays
    bool isObserved = false;
    std::set<std::string, std::less<>> accepted = {}, promoted = {};  // of the members' domains
    std::string by = {};                                              // whose last command it was
    base::Timestamp added{};

    bool isLeft() const { return envelope.empty(); }
    bool operator==(const KeptAlliance&) const = default;
};

enum class Newness { same, newer };
base::Result<Newness, std::string> newnessOf(const KeptAlliance& kept, const OpenedAlliance& opened,
                                             base::Timestamp now);
/// In the place of the old one. What the new list does not name any more is no longer accepted either.
KeptAlliance renewed(KeptAlliance kept, const OpenedAlliance& opened, std::string envelope);

/// The domains of all members.
std::set<std::string, std::less<>> domainsOf(const policy::Alliance& list);

}  // namespace postseal::discover
