// What another default level (`[outbound] level`) would have done to a transfer that was made, as far as its
// record tells: which certificate the host showed is known, but neither the records of a host that was not
// asked for them, nor another host that might have done better. Pure.
#pragma once

#include "policy/claim.hpp"
#include "record/hop.hpp"

#include <string>
#include <string_view>

namespace postseal::policy {

struct Hindsight {
    enum class What {
        decidedElsewhere,  // an entry of the map or an exception takes the default's place
        passes,
        waits,
    };
    What what = What::passes;
    std::string why = {};  // of `waits`, for people

    bool operator==(const Hindsight&) const = default;
};

/// Of a hop that delivered, over a network, to a recipient of `domain`.
Hindsight hindsight(const record::HopRecord& hop, std::string_view domain, const Claim& standard);

}  // namespace postseal::policy
