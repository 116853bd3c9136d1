#include "deliver/worker.hpp"

#include "deliver/attempt.hpp"
#include "deliver/dispatcher.hpp"
#include "deliver/settle.hpp"

#include <exception>
#include <utility>

namespace postseal::deliver {
namespace {

/// The next claim: at once, or within the time that an open connection may wait for it.
task::Awaitable<std::optional<queue::Claim>> awaitClaim(Dispatcher& dispatcher, const std::string& nextHop,
                                                        bool isConnected) {
    if (auto claim = dispatcher.nextClaim(nextHop)) co_return claim;
    const auto patience = dispatcher.services().settings->idle;
    if (!isConnected || patience.count() == 0) co_return std::nullopt;
    IdleWorker self(dispatcher.core().executor());
    dispatcher.idle(nextHop, self);
    co_await self.woken.waitFor(patience);
    // Given a claim in the same moment as the time was up: it must not be lost.
    if (!self.claim) dispatcher.leave(nextHop, self);
    co_return std::move(self.claim);
}

/// Until there is nothing left to do; `claim` is what is under way.
task::Awaitable<void> deliverAll(Dispatcher& dispatcher, const std::string& nextHop, Link& link,
                                 std::optional<queue::Claim>& claim) {
    while (claim && !co_await task::isCancelled()) {
        Outcome outcome = co_await attempt(dispatcher.services(), link, *claim);
        if (dispatcher.leaveToOthers(nextHop, outcome, *claim)) break;
        auto done = std::exchange(claim, std::nullopt);
        co_await dispatcher.attempted(nextHop, std::move(outcome), std::move(*done));
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
    if (thrown && claim) co_await giveBack(dispatcher->services(), std::move(*claim));
    dispatcher->workerEnded(nextHop);
    if (thrown) std::rethrow_exception(thrown);  // to the log
}

}  // namespace postseal::deliver
