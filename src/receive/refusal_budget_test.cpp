#include "receive/refusal_budget.hpp"

#include <doctest/doctest.h>

namespace postseal::receive {

TEST_CASE("receive: refusals are recorded within a budget that comes back with time") {
    using namespace std::chrono_literals;
    RefusalBudget budget;
    const base::Tick start{1h};
    int taken = 0;
    while (budget.take(start))
        ++taken;
    CHECK(taken == 100);
    CHECK_FALSE(budget.take(start + 100ms));
    CHECK(budget.take(start + 300ms));
}

}  // namespace postseal::receive
