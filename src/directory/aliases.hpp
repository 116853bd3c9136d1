// The aliases of one domain of ours, as aliases(5) writes them: `name: target, target`, lines that begin with
// white space continue the one before, `#` begins a remark. A target is a name of this domain or an address
// elsewhere. Programs, files and lists of addresses (`|`, `/`, `:include:`) are refused: nothing of a message
// ever runs or is written by them. Immutable once made; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "record/mailbox.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postseal::directory {

struct Alias {
    std::size_t line = 0;
    std::vector<record::Mailbox> targets;
};

/// What is wrong in a line of a list.
struct LineError {
    std::size_t line = 0;
    std::string message;
};

class Aliases {
public:
    using ByName = std::map<std::string, Alias, std::less<>>;  // names in lower case

    struct Parsed;
    /// A bad line is refused as a whole, and the rest holds.
    static Parsed parse(std::string_view text, const base::DomainName& domain);

    /// nullptr: no alias. The name is in lower case.
    const Alias* find(std::string_view name) const;
    const ByName& all() const { return byName_; }

private:
    ByName byName_;
};

struct Aliases::Parsed {
    Aliases aliases;
    std::vector<LineError> refused;
    /// A line for whoever has no name here. The list can't be taken without it: all that mail would return.
    std::optional<LineError> catchAll = {};
};

}  // namespace postseal::directory
