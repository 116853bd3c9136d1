// For whom a message says that it is: the domains of the addresses in its From field (RFC 5322 §3.6.2), for
// rules that ask whether its client may speak for them. Rather one domain too many than one too few: readers
// of mail differ in what they make of a broken field. Pure; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "mail/header.hpp"

#include <vector>

namespace postseal::mail {

struct Authors {
    std::vector<base::DomainName> domains = {};  // each once
    bool isUnreadable = false;  // more than one From field, or one that is too long to be judged

    bool operator==(const Authors&) const = default;
};

Authors authorsOf(const HeaderFacts& header);

}  // namespace postseal::mail
