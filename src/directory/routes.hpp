// How mail for a foreign domain leaves in place of its MX hosts: `example.net`, `.example.net` for what lies
// below it, `*` for all (a smarthost). The most specific wins. A domain that we are a backup MX of is one
// with such a route, too. Immutable once made; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "directory/recipients.hpp"
#include "record/next_hop.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::directory {

using record::NextHop;

struct Route {
    NextHop via;
    std::optional<Recipients> relayed = {};  // a backup MX's: mail for them is taken from anyone
};

class Routes {
public:
    /// Refused: a pattern that is none, one that stands there already, and `*` that takes mail from anyone,
    /// which would be an open relay. The error is for people.
    base::Result<void, std::string> add(std::string_view pattern, Route route);

    /// nullptr: no route, so the domain's MX hosts. `*` holds for address literals too.
    const Route* find(const record::MailDomain& domain) const;
    /// The route was `*`: what lies beyond the smarthost is not known (docs/policy.md).
    bool isSmarthost(const Route* route) const {
        return route != nullptr && smarthost_ && route == &*smarthost_;
    }

private:
    std::map<std::string, Route, std::less<>> exact_;
    std::map<std::string, Route, std::less<>> below_;  // without the leading dot
    std::optional<Route> smarthost_;
};

}  // namespace postseal::directory
