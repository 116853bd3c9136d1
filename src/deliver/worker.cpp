#include "deliver/worker.hpp"

#include "deliver/attempt.hpp"
#include "deliver/dispatcher.hpp"
#include "deliver/settle.hpp"
#include "task/clock.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace postseal::deliver {
namespace {

constexpr unsigned fairShare = 20;  // messages of one worker while other next hops have none
constexpr auto pauseAfterFault = std::chrono::minutes(5);  // of our own, which may come again

/// The next claim: at once, or within the time that an open connection may wait for it.
task::Awaitable<std::optional<queue::Claim>> awaitClaim(Dispatcher& dispatcher, const std::string& nextHop,
                                                        bool isConnected) {
    if (auto claim = dispatcher.nextClaim(nextHop)) co_return claim;
    const auto patience = dispatcher.services().settings->idle;
    if (!isConnected || dispatcher.isAnyoneStarved() || patience.count() == 0) co_return std::nullopt;
    IdleWorker self(dispatcher.core().executor());
    dispatcher.idle(nextHop, self);
    co_await self.woken.waitFor(patience);
    // Given a claim in the same moment as the time was up: it must not be lost.
    if (!self.claim) dispatcher.leave(nextHop, self);
    co_return std::move(self.claim);
}

bool isAnyoneDecided(const Outcome& outcome) {
    return std::ranges::any_of(outcome.recipients, [](const RecipientEnd& end) {
        return end.result != record::HopResult::deferred;
    });
}

/// Until there is nothing left to do; `claim` is what is under way.
task::Awaitable<void> deliverAll(Dispatcher& dispatcher, const std::string& nextHop, Link& link,
                                 std::optional<queue::Claim>& claim) {
    const auto& tasks = dispatcher.core().tasks;
    unsigned served = 0;
    while (claim && !tasks.isCancelled()) {
        Outcome outcome = co_await attempt(dispatcher.services(), link, *claim);
        // We broke it off: that is no failure of theirs. The claim is void, and due, at the next start.
        if (tasks.isCancelled() && !isAnyoneDecided(outcome)) break;
        if (dispatcher.leaveToOthers(nextHop, outcome, *claim)) break;
        auto done = std::exchange(claim, std::nullopt);
        co_await dispatcher.attempted(nextHop, std::move(outcome), std::move(*done));
        if (tasks.isCancelled() || (dispatcher.isAnyoneStarved() && ++served >= fairShare)) break;
        claim = co_await awaitClaim(dispatcher, nextHop, link.isOpen());
    }
    claim.reset();
}

}  // namespace

task::Awaitable<void> work(Dispatcher* dispatcher, std::string nextHop, queue::Claim first) {
    Link link;
    std::optional<queue::Claim> claim = std::move(first);
    std::exception_ptr thrown;
    try {
        co_await deliverAll(*dispatcher, nextHop, link, claim);
        co_await link.close();
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown && claim) {
        co_await giveBack(dispatcher->services(), std::move(*claim));
        dispatcher->expect(nextHop, task::timeNow() + pauseAfterFault);
    }
    dispatcher->workerEnded(nextHop);
    if (thrown) std::rethrow_exception(thrown);  // to the log
}

}  // namespace postseal::deliver
