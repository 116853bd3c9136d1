#include "queue/steer.hpp"

#include "queue/kept.hpp"
#include "store/error.hpp"
#include "store/key.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <span>
#include <thread>
#include <utility>

namespace postseal::queue {
namespace {

using namespace std::chrono_literals;
using store::Row;
using store::Statement;

constexpr Statement retryOne{"UPDATE recipients SET next_attempt = ?3 WHERE message = ?1 AND number = ?2 AND "
                             "claimed = 0 AND state = 0"};
constexpr Statement holdOne{"UPDATE recipients SET state = 1 WHERE message = ?1 AND number = ?2 AND "
                            "claimed = 0 AND state = 0"};
constexpr Statement releaseOne{"UPDATE recipients SET state = 0, next_attempt = ?3 WHERE message = ?1 AND "
                               "number = ?2 AND claimed = 0 AND state > 0"};
constexpr Statement isLeased{"SELECT claimed FROM recipients WHERE message = ?1 AND number = ?2"};
constexpr Statement tellServer{"INSERT INTO steered(next_hop) VALUES(?1)"};
constexpr Statement selectSteered{"SELECT number, next_hop FROM steered ORDER BY number LIMIT 10000"};
constexpr Statement forgetSteered{"DELETE FROM steered WHERE number <= ?1"};

constexpr std::size_t recipientsAtOnce = 250;  // in a transaction: some ms, and a sync
constexpr auto shortestPause = 10ms;           // between two, for the server's writer
constexpr int pauseShare = 2;                  // and twice as long as the last one took
constexpr auto patience = 30s;                 // with a store that others write to
constexpr auto pauseWhenBusy = 100ms;

struct Item {
    const Listed* message;
    const ListedRecipient* recipient;
};

store::Batch batchOf(const Order& order, const Item& item) {
    const auto key = store::toKey(item.message->id);
    const auto number = item.recipient->number;
    const auto now = base::toMicros(order.now);
    store::Batch batch;
    switch (order.steer) {
    case Steer::retry: batch.expect(1, retryOne, key, number, now); break;
    case Steer::hold: batch.expect(1, holdOne, key, number); break;
    case Steer::release: batch.expect(1, releaseOne, key, number, now); break;
    case Steer::remove:
        remove(batch, *item.message, *item.recipient, order.dataDir, RemovedBy::administrator);
        break;
    }
    if (order.record) order.record(batch, *item.message, *item.recipient);
    return batch;
}

/// Has the server look at the destinations whose mail is due now.
store::Batch noticeOf(const Order& order, std::span<const Item> items) {
    store::Batch batch;
    if (order.steer == Steer::hold || order.steer == Steer::remove) return batch;
    std::set<std::string_view> nextHops;
    for (const Item& item : items)
        if (nextHops.insert(item.recipient->nextHop).second) batch.add(tellServer, item.recipient->nextHop);
    return batch;
}

/// One transaction; whoever holds the store is waited for.
base::Result<std::vector<base::Result<store::Done>>> commit(store::Engine& engine,
                                                            const std::vector<store::Batch>& batches) {
    std::vector<const store::Batch*> all;
    all.reserve(batches.size());
    for (const store::Batch& batch : batches)
        all.push_back(&batch);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (true) {
        auto applied = store::applyAll(engine, all);
        if (!applied.failed) return std::move(applied.results);
        if (applied.failed->code != store::Errc::busy || std::chrono::steady_clock::now() >= until)
            return base::fail(std::move(*applied.failed));
        std::this_thread::sleep_for(pauseWhenBusy);
    }
}

base::Result<bool> isInDelivery(store::Engine& engine, const Item& item) {
    bool claimed = false;
    const auto read = store::query(engine, isLeased, {store::toKey(item.message->id), item.recipient->number},
                                   [&](const Row& row) { claimed = row.integer(0) != 0; });
    if (!read) return base::fail(read.error());
    return claimed;
}

/// Notes what became of one; a conflict means that it is in delivery or settled.
base::Result<bool> note(store::Engine& engine, const Item& item, const base::Result<store::Done>& result,
                        Steered& steered) {
    if (result) {
        ++steered.recipients;
        return true;
    }
    if (result.error().code != store::Errc::conflict) return base::fail(result.error());
    auto claimed = isInDelivery(engine, item);
    if (!claimed) return claimed;
    if (*claimed) steered.inDelivery.push_back({item.message->id, item.recipient->address});
    return false;
}

base::Result<void> steerSome(store::Engine& engine, const Order& order, std::span<const Item> items,
                             Steered& steered) {
    std::vector<store::Batch> batches;
    for (const Item& item : items)
        batches.push_back(batchOf(order, item));
    batches.push_back(noticeOf(order, items));
    const auto results = commit(engine, batches);
    if (!results) return base::fail(results.error());
    const Listed* counted = nullptr;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto changed = note(engine, items[i], (*results)[i], steered);
        if (!changed) return base::fail(changed.error());
        if (!*changed) continue;
        store::runHooks(batches[i], *(*results)[i]);
        if (std::exchange(counted, items[i].message) != items[i].message) ++steered.messages;
    }
    return {};
}

}  // namespace

bool applies(Steer steer, State state) {
    switch (steer) {
    case Steer::retry:
    case Steer::hold: return state == State::queued;
    case Steer::release: return state != State::queued;
    case Steer::remove: return true;
    }
    return false;
}

base::Result<Steered> steer(store::Engine& engine, const Order& order, const std::vector<Listed>& chosen) {
    Steered steered;
    std::vector<Item> items;
    for (const Listed& message : chosen)
        for (const ListedRecipient& recipient : message.recipients) {
            if (!applies(order.steer, recipient.state)) continue;
            if (recipient.inDelivery)
                steered.inDelivery.push_back({message.id, recipient.address});
            else
                items.push_back({&message, &recipient});
        }
    for (std::span<const Item> rest(items); !rest.empty();) {
        const auto some = rest.first(std::min(recipientsAtOnce, rest.size()));
        rest = rest.subspan(some.size());
        const auto begun = std::chrono::steady_clock::now();
        if (const auto done = steerSome(engine, order, some, steered); !done) return base::fail(done.error());
        // Also after the last, since more may be chosen.
        const auto took = std::chrono::steady_clock::now() - begun;
        std::this_thread::sleep_for(
            std::max<std::chrono::steady_clock::duration>(took * pauseShare, shortestPause));
    }
    return steered;
}

base::Result<std::vector<std::string>> takeSteered(store::Readers& readers, store::Writer& writer) {
    using List = std::vector<std::string>;
    std::int64_t last = 0;
    auto list = readers.read<List>([&](store::Engine& engine) -> base::Result<List> {
        List found;
        const auto read = store::query(engine, selectSteered, {}, [&](const Row& row) {
            last = row.integer(0);
            found.emplace_back(row.text(1));
        });
        if (!read) return base::fail(read.error());
        return found;
    });
    if (!list || list->empty()) return list;
    store::Batch batch;
    batch.add(forgetSteered, last);
    if (const auto done = writer.commitBlocking(std::move(batch)); !done) return base::fail(done.error());
    return list;
}

}  // namespace postseal::queue
