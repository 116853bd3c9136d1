#include "deliver/outcome.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postseal::deliver {

void append(Outcome& outcome, Outcome next) {
    for (auto& end : next.recipients)
        if (end.hop) *end.hop += outcome.hops.size();
    std::ranges::move(next.recipients, std::back_inserter(outcome.recipients));
    std::ranges::move(next.hops, std::back_inserter(outcome.hops));
    if (next.reached == Reached::yes) outcome.reached = Reached::yes;
    outcome.delays.connection += next.delays.connection;
    outcome.delays.transmission += next.delays.transmission;
}

}  // namespace postseal::deliver
