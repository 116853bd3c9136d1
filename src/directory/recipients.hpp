// Who exists in a domain of ours: a list, or any. Local parts are compared without regard to case, as every
// mail system in use does. `postmaster` always exists (RFC 5321 §4.5.1). Immutable once made; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "directory/aliases.hpp"
#include "record/mailbox.hpp"

#include <set>
#include <string>
#include <string_view>

namespace postseal::directory {

class Recipients {
public:
    static Recipients any() { return {}; }

    /// One recipient a line: `user`, `user@example.org` or `@example.org` (everyone in it). Lines of other
    /// domains are passed over, so that domains can share a list; what follows white space or `#` is a
    /// remark.
    static base::Result<Recipients, LineError> parse(std::string_view list, const base::DomainName& domain);

    /// Listed, or postmaster. Under any(): all but a local part that names another address (rule 52).
    bool contains(const record::Mailbox& mailbox) const;
    /// By name, in lower case; postmaster only where it stands there.
    bool lists(std::string_view local) const { return locals_.contains(local); }
    bool takesAny() const { return any_; }

private:
    bool any_ = true;
    std::set<std::string, std::less<>> locals_;  // lower case
};

/// A local part like user%foreign.example or "user@foreign.example", which a mail system behind us might take
/// for a wish to relay (rule 52).
bool namesAnotherAddress(std::string_view local);

}  // namespace postseal::directory
