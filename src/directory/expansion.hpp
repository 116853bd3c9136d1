// Follows the aliases of our domains from one address to all who are to get its mail. Bounded in number and
// depth; a loop ends where it closes. Pure; one use.
#pragma once

#include "directory/directory.hpp"

#include <set>
#include <string>
#include <vector>

namespace postseal::directory {

class Expansion {
public:
    explicit Expansion(const Directory& directory) : directory_(directory) {}

    /// An alias that leads back to itself means its own mailbox, where it has one, as in `bob: bob, archive`.
    void follow(const record::Mailbox& mailbox) { follow(mailbox, nullptr); }

    bool isUnbounded() const { return isUnbounded_; }
    std::vector<Target>& targets() { return targets_; }

private:
    void follow(const record::Mailbox& mailbox, const base::DomainName* aliasOf);
    void add(Target target);

    const Directory& directory_;
    std::vector<Target> targets_;
    std::vector<std::string> path_;    // the aliases that led here
    std::set<std::string> followed_;   // aliases
    std::set<std::string> addresses_;  // of the targets
    bool isUnbounded_ = false;
};

}  // namespace postseal::directory
