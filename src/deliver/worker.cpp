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

/// Whose worker it is, and what its connection was opened for.
struct Errand {
    Dispatcher& dispatcher;
    std::string nextHop;
    Carries carries;
};

/// The next lease: at once, or within the time that an open connection may wait for it.
task::Awaitable<std::optional<queue::Lease>> awaitLease(Errand& errand, const Link& link) {
    auto& [dispatcher, nextHop, carries] = errand;
    if (auto lease = dispatcher.nextLease(nextHop)) co_return lease;
    const auto patience = dispatcher.services().settings->idle;
    const bool isWanted = dispatcher.isAnyoneStarved(carries);
    if (!link.isOpen() || isWanted || patience.count() == 0) co_return std::nullopt;
    IdleWorker self(dispatcher.core().executor());
    const auto id = dispatcher.idle(nextHop, self);
    co_await self.woken.waitFor(patience);
    // Given a lease in the same moment as the time was up: it must not be lost.
    if (!self.lease) dispatcher.leave(nextHop, id);
    co_return std::move(self.lease);
}

bool isAnyoneDecided(const Outcome& outcome) {
    return std::ranges::any_of(outcome.recipients, [](const RecipientEnd& end) {
        return end.result != record::HopResult::deferred;
    });
}

/// Until there is nothing left to do; `lease` is what is under way.
task::Awaitable<void> deliverAll(Errand& errand, Link& link, std::optional<queue::Lease>& lease) {
    auto& [dispatcher, nextHop, carries] = errand;
    const auto& tasks = dispatcher.core().tasks;
    unsigned served = 0;
    while (lease && !tasks.isCancelled()) {
        Outcome outcome = co_await attempt(dispatcher.services(), link, *lease);
        // We broke it off: that is no failure of theirs. The lease is void, and due, at the next start.
        if (tasks.isCancelled() && !isAnyoneDecided(outcome)) break;
        if (dispatcher.isForOthers(nextHop, outcome)) {
            dispatcher.leaveToOthers(nextHop, std::move(*lease));
            break;
        }
        auto done = std::exchange(lease, std::nullopt);
        co_await dispatcher.attempted(nextHop, std::move(outcome), std::move(*done));
        if (tasks.isCancelled() || (dispatcher.isAnyoneStarved(carries) && ++served >= fairShare)) break;
        lease = co_await awaitLease(errand, link);
    }
    lease.reset();
}

}  // namespace

task::Awaitable<void> work(Dispatcher* dispatcher, course::Start start) {
    Errand errand{*dispatcher, std::move(start.nextHop), start.carries};
    Link link;
    std::optional<queue::Lease> lease = std::move(start.lease);
    std::exception_ptr thrown;
    try {
        co_await deliverAll(errand, link, lease);
        co_await link.close();
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown && lease) {
        co_await giveBack(dispatcher->services(), std::move(*lease), {});
        dispatcher->expect(errand.nextHop, task::timeNow() + pauseAfterFault);
    }
    dispatcher->workerEnded(errand.nextHop, errand.carries);
    if (thrown) std::rethrow_exception(thrown);  // to the log
}

}  // namespace postseal::deliver
