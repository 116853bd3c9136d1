// How many refusals a second get a record of their own in the ledger: whoever is refused in a loop fills the
// log, which rotates, never the store. A bucket of tokens; one per core. Pure.
#pragma once

#include "base/time.hpp"

#include <algorithm>

namespace postseal::receive {

class RefusalBudget {
public:
    static constexpr double perSecond = 5, most = 100;

    bool take(base::Tick now) {
        const auto passed = std::chrono::duration<double>(now - last_).count();
        last_ = now;
        tokens_ = std::min(most, tokens_ + std::max(0.0, passed) * perSecond);
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

private:
    base::Tick last_{};
    double tokens_ = most;
};

}  // namespace postseal::receive
