#include "queue/lease.hpp"

#include "store/key.hpp"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

namespace postseal::queue {
namespace {

using store::Row;
using store::Statement;

constexpr Statement voidAll{"UPDATE recipients SET claimed = 0 WHERE claimed = 1"};
constexpr Statement groupWaiting{
    "SELECT next_hop, count(*), min(next_attempt) FROM recipients WHERE claimed = 0 AND "
    "state = 0 GROUP BY next_hop"};
constexpr Statement selectDue{"SELECT message, number, address, attempts, notify, original, sent_as, "
                              "told_delay FROM recipients WHERE next_hop = ?1 "
                              "AND claimed = 0 AND state = 0 AND "
                              "next_attempt <= ?2 AND message < ?3 AND (?5 = 0 OR (told_delay = 0 AND "
                              "notify & 8 AND attempts + 1 >= ?5)) ORDER BY next_attempt LIMIT ?4"};
constexpr Statement selectBeyond{"SELECT message, number, address, attempts, notify, original, sent_as, "
                                 "told_delay FROM recipients WHERE next_hop = "
                                 "?1 AND claimed = 0 AND state = 0 AND "
                                 "next_attempt > ?2 AND message < ?3 AND (?5 = 0 OR (told_delay = 0 AND "
                                 "notify & 8 AND attempts + 1 >= ?5)) ORDER BY next_attempt LIMIT ?4"};
constexpr Statement selectMessage{
    "SELECT sender, body_type, message_id, arrived, body_size, file, prefix, smtputf8, returned, "
    "envelope_id, tls_demand FROM messages WHERE id = ?1"};
constexpr Statement leaseOne{
    "UPDATE recipients SET claimed = 1 WHERE message = ?1 AND number = ?2 AND claimed = 0"};

constexpr Statement selectFirst{
    "SELECT min(next_attempt) FROM recipients WHERE next_hop = ?1 AND claimed = 0 AND state = 0"};

constexpr int tries = 3;

struct DueRow {
    std::int64_t message, number;
    std::string address;
    int attempts;
    record::Notify notify;
    std::string original, sentAs;
    bool toldDelay;
};

base::Error damaged(std::int64_t key, std::string_view what) {
    return store::makeError(store::Errc::corrupt, fmt::format("{}: {}", store::fromKey(key).text(), what));
}

base::Result<std::vector<DueRow>> readDue(store::Engine& engine, const Wanted& wanted) {
    std::vector<DueRow> due;
    const auto take = [&](const Row& row) {
        due.push_back({row.integer(0), row.integer(1), std::string(row.text(2)),
                       static_cast<int>(row.integer(3)), notifyOf(row.integer(4)), std::string(row.text(5)),
                       std::string(row.text(6)), row.integer(7) != 0});
    };
    const auto before = wanted.arrivedBefore ? store::toKey(record::QueueId::make(*wanted.arrivedBefore, 0))
                                             : std::numeric_limits<std::int64_t>::max();
    const auto room = [&] {
        return static_cast<std::int64_t>(wanted.limit) - static_cast<std::int64_t>(due.size());
    };
    const std::int64_t untold = wanted.untold;
    auto read = store::query(engine, selectDue,
                             {wanted.nextHop, base::toMicros(wanted.now), before, room(), untold}, take);
    if (!read) return base::fail(read.error());
    // Times that no retry of ours can have set: the clock went back (rule 54).
    const auto horizon = base::toMicros(wanted.now + 2 * wanted.horizon);
    if (room() > 0)
        read = store::query(engine, selectBeyond, {wanted.nextHop, horizon, before, room(), untold}, take);
    if (!read) return base::fail(read.error());
    return due;
}

base::Result<record::ReversePath> readPath(std::string_view text, std::int64_t key) {
    if (text.empty()) return record::ReversePath();
    auto parsed = record::Mailbox::parse(text, record::Utf8::allowed);
    if (!parsed) return base::fail(damaged(key, parsed.error()));
    return std::move(*parsed);
}

base::Result<std::shared_ptr<const Message>> readMessage(store::Engine& engine, const Bodies& bodies,
                                                         std::int64_t key) {
    Message message;
    message.id = store::fromKey(key);
    std::string sender;
    bool isFound = false;
    const auto read = store::query(engine, selectMessage, {key}, [&](const Row& row) {
        isFound = true;
        sender = row.text(0);
        message.bodyType = row.integer(1) == 0 ? record::BodyType::sevenBit : record::BodyType::eightBitMime;
        message.messageId = row.text(2);
        message.arrived = base::fromMicros(row.integer(3));
        const auto size = static_cast<std::uint64_t>(row.integer(4));
        message.body = row.isNull(5) ? Body::inRow(message.id, size)
                                     : Body::inFile(bodies.storedFile(row.text(5)), size);
        message.prefix = row.text(6);
        message.smtpUtf8 = row.integer(7) != 0;
        message.returned = static_cast<record::Returned>(row.integer(8));
        message.envelopeId = row.text(9);
        message.tls = static_cast<record::TlsDemand>(row.integer(10));
    });
    if (!read) return base::fail(read.error());
    if (!isFound) return base::fail(damaged(key, "its recipients have no message"));
    auto path = readPath(sender, key);
    if (!path) return base::fail(path.error());
    message.sender = std::move(*path);
    return std::make_shared<const Message>(std::move(message));
}

base::Result<std::vector<Lease>> readLeases(store::Engine& engine, const Bodies& bodies,
                                            const Wanted& wanted) {
    const auto due = readDue(engine, wanted);
    if (!due) return base::fail(due.error());
    std::vector<Lease> leases;
    if (due->empty()) return leases;
    const auto route = record::Route::parse(wanted.nextHop);
    if (!route) return base::fail(damaged(due->front().message, route.error()));
    std::map<std::pair<std::int64_t, std::string>, std::size_t> places;  // by message and reverse-path
    std::unordered_map<std::int64_t, std::shared_ptr<const Message>> messages;
    for (const DueRow& row : *due) {
        const auto [place, isNew] = places.try_emplace({row.message, row.sentAs}, leases.size());
        if (isNew) {
            auto& message = messages[row.message];
            if (!message) {
                auto read = readMessage(engine, bodies, row.message);
                if (!read) return base::fail(read.error());
                message = std::move(*read);
            }
            auto sentAs = readPath(row.sentAs, row.message);
            if (!sentAs) return base::fail(sentAs.error());
            leases.push_back({message, *route, {}, std::move(*sentAs)});
        }
        auto address = record::Mailbox::parse(row.address, record::Utf8::allowed);
        if (!address) return base::fail(damaged(row.message, address.error()));
        leases[place->second].recipients.push_back(
            {row.number, std::move(*address), row.attempts, row.notify, row.original, row.toldDelay});
    }
    return leases;
}

store::Batch leasing(const std::vector<Lease>& leases) {
    store::Batch batch;
    for (const Lease& lease : leases)
        for (const LeasedRecipient& recipient : lease.recipients)
            batch.expect(1, leaseOne, store::toKey(lease.message->id), recipient.number);
    batch.persist();
    return batch;
}

}  // namespace

base::Result<void> voidLeases(store::Writer& writer) {
    store::Batch batch;
    batch.add(voidAll);
    const auto done = writer.commitBlocking(std::move(batch));
    if (!done) return base::fail(done.error());
    return {};
}

base::Result<void> voidLeases(store::Engine& engine) {
    const auto done = store::run(engine, voidAll);
    if (!done) return base::fail(done.error());
    return {};
}

base::Result<std::vector<Backlog>> waitingBacklogs(store::Readers& readers) {
    using List = std::vector<Backlog>;
    return readers.read<List>([](store::Engine& engine) -> base::Result<List> {
        List list;
        const auto read = store::query(engine, groupWaiting, {}, [&](const Row& row) {
            list.push_back({std::string(row.text(0)), row.integer(1), base::fromMicros(row.integer(2))});
        });
        if (!read) return base::fail(read.error());
        return list;
    });
}

task::Awaitable<base::Result<std::vector<Lease>>> leaseDue(store::Writer& writer, Bodies& bodies,
                                                           Wanted wanted) {
    using List = std::vector<Lease>;
    for (int attempt = 1;; ++attempt) {
        auto leases = co_await bodies.pool().run([&bodies, &wanted] {
            return bodies.readers().read<List>(
                [&](store::Engine& engine) { return readLeases(engine, bodies, wanted); });
        });
        if (!leases || leases->empty()) co_return leases;
        auto claimed = co_await writer.commit(leasing(*leases));
        if (claimed) co_return leases;
        // An administrator deleted one of them meanwhile: look again.
        if (claimed.error().code != store::Errc::conflict || attempt == tries)
            co_return base::fail(claimed.error());
    }
}

task::Awaitable<base::Result<std::optional<base::Timestamp>>> firstDue(Bodies& bodies, std::string nextHop) {
    using First = std::optional<base::Timestamp>;
    co_return co_await bodies.pool().run([&bodies, &nextHop] {
        return bodies.readers().read<First>([&](store::Engine& engine) -> base::Result<First> {
            First first;
            const auto read = store::query(engine, selectFirst, {nextHop}, [&](const Row& row) {
                if (!row.isNull(0)) first = base::fromMicros(row.integer(0));
            });
            if (!read) return base::fail(read.error());
            return first;
        });
    });
}

}  // namespace postseal::queue
