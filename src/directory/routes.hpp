// How mail for a foreign domain leaves in place of its MX hosts: `example.net`, `.example.net` for what lies
// below it, `*` for all (a smarthost). The most specific wins. Immutable once made; any thread.
#pragma once

#include "base/domain_name.hpp"
#include "base/result.hpp"
#include "record/next_hop.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::directory {

using record::NextHop;

class Routes {
public:
    /// Refused: a pattern that is none, or one that stands there already. The error is for people.
    base::Result<void, std::string> add(std::string_view pattern, NextHop via);

    /// nullptr: no route, so the domain's MX hosts. `*` holds for address literals too.
    const NextHop* find(const record::MailDomain& domain) const;
    /// The route was `*`: what lies beyond the smarthost is not known (docs/policy.md).
    bool isSmarthost(const NextHop* route) const {
        return route != nullptr && smarthost_ && route == &*smarthost_;
    }

private:
    std::map<std::string, NextHop, std::less<>> exact_;
    std::map<std::string, NextHop, std::less<>> below_;  // without the leading dot
    std::optional<NextHop> smarthost_;
};

}  // namespace postseal::directory
