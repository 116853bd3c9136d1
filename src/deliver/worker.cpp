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

/// The next lease: at once, or within the time that an open connection may wait for it.
task::Awaitable<std::optional<queue::Lease>> awaitLease(Dispatcher& dispatcher, const std::string& nextHop,
                                                        bool isConnected) {
    if (auto lease = dispatcher.nextLease(nextHop)) co_return lease;
    const auto patience = dispatcher.services().settings->idle;
    if (!isConnected || dispatcher.isAnyoneStarved() || patience.count() == 0) co_return std::nullopt;
    IdleWorker self(dispatcher.core().executor());
    dispatcher.idle(nextHop, self);
    co_await self.woken.waitFor(patience);
    // Given a lease in the same moment as the time was up: it must not be lost.
    if (!self.lease) dispatcher.leave(nextHop, self);
    co_return std::move(self.lease);
}

bool isAnyoneDecided(const Outcome& outcome) {
    return std::ranges::any_of(outcome.recipients, [](const RecipientEnd& end) {
        return end.result != record::HopResult::deferred;
    });
}

/// Until there is nothing left to do; `lease` is what is under way.
task::Awaitable<void> deliverAll(Dispatcher& dispatcher, const std::string& nextHop, Link& link,
                                 std::optional<queue::Lease>& lease) {
    const auto& tasks = dispatcher.core().tasks;
    unsigned served = 0;
    while (lease && !tasks.isCancelled()) {
        Outcome outcome = co_await attempt(dispatcher.services(), link, *lease);
        // We broke it off: that is no failure of theirs. The lease is void, and due, at the next start.
        if (tasks.isCancelled() && !isAnyoneDecided(outcome)) break;
        if (dispatcher.leaveToOthers(nextHop, outcome, *lease)) break;
        auto done = std::exchange(lease, std::nullopt);
        co_await dispatcher.attempted(nextHop, std::move(outcome), std::move(*done));
        if (tasks.isCancelled() || (dispatcher.isAnyoneStarved() && ++served >= fairShare)) break;
        lease = co_await awaitLease(dispatcher, nextHop, link.isOpen());
    }
    lease.reset();
}

}  // namespace

task::Awaitable<void> work(Dispatcher* dispatcher, std::string nextHop, queue::Lease first) {
    Link link;
    std::optional<queue::Lease> lease = std::move(first);
    std::exception_ptr thrown;
    try {
        co_await deliverAll(*dispatcher, nextHop, link, lease);
        co_await link.close();
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown && lease) {
        co_await giveBack(dispatcher->services(), std::move(*lease));
        dispatcher->expect(nextHop, task::timeNow() + pauseAfterFault);
    }
    dispatcher->workerEnded(nextHop);
    if (thrown) std::rethrow_exception(thrown);  // to the log
}

}  // namespace postseal::deliver
