// A queue on a real store in a folder of its own, for tests: a core, a pool, and `wait` to run a coroutine of
// the queue's to its end.
#pragma once

#include "queue/body.hpp"
#include "queue/lease.hpp"
#include "queue/look.hpp"
#include "queue/spool.hpp"
#include "store/open.hpp"
#include "store/temp_dir_test.hpp"
#include "task/cores.hpp"
#include "task/pool.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace postseal::queue {

inline base::Timestamp at(std::int64_t seconds) {
    return base::Timestamp(std::chrono::seconds(seconds));
}
inline record::Mailbox mailbox(std::string_view text) {
    auto parsed = record::Mailbox::parse(text);
    REQUIRE(parsed.has_value());
    return *parsed;
}

template <class T>
task::Awaitable<void> store(task::Awaitable<T> work, std::optional<T>* result) {
    result->emplace(co_await std::move(work));
}

struct QueueFixture {
    static constexpr std::int64_t start = 1'000'000'000;

    /// Puts something between the queue and its engines.
    using Wrap = std::function<std::unique_ptr<store::Engine>(std::unique_ptr<store::Engine>)>;

    task::Cores cores{1, {}};  // outlives the threads that complete work on it
    store::TempDir dir;
    Wrap wrap;
    store::Readers readers{wrapped(store::readersOf(dir.path()))};
    task::Pool pool{2};
    Bodies bodies{{.dataDir = dir.path(), .memoryBytes = 200'000}, pool, readers};
    store::Writer writer{wrapped(store::writerOf(dir.path(), {schema})), {.dataDir = dir.path()}};

    explicit QueueFixture(Wrap wrapper = {}) : wrap(std::move(wrapper)) {
        REQUIRE(voidLeases(writer).has_value());
        REQUIRE(bodies.sweepOrphans().has_value());
        cores.start();
    }
    ~QueueFixture() { cores.stop(); }
    QueueFixture(const QueueFixture&) = delete;
    QueueFixture& operator=(const QueueFixture&) = delete;

    store::Opener wrapped(store::Opener open) const {
        if (!wrap) return open;
        return [open = std::move(open), wrap = wrap]() -> base::Result<std::unique_ptr<store::Engine>> {
            auto engine = open();
            if (!engine) return engine;
            return wrap(std::move(*engine));
        };
    }

    template <class T>
    T wait(task::Awaitable<T> work) {
        std::optional<T> result;
        task::spawn(cores[0], store(std::move(work), &result), "test");
        REQUIRE(cores.waitUntilEmpty(std::chrono::seconds(60)));
        REQUIRE(result.has_value());
        return std::move(*result);
    }

    /// For recipients `address>nexthop`; the id's time is that of its arrival.
    NewMessage message(std::int64_t arrived,
                       const std::vector<std::pair<std::string, std::string>>& recipients,
                       Body body = Body::inMemory("text\r\n")) {
        NewMessage message{.kept = {.id = record::QueueId::make(at(arrived), 0),
                                    .sender = mailbox("sender@example.com"),
                                    .bodyType = record::BodyType::eightBitMime,
                                    .messageId = "<" + std::to_string(arrived) + "@example.com>",
                                    .arrived = at(arrived),
                                    .prefix = "Received: by us\r\n",
                                    .body = std::move(body)},
                           .recipients = {}};
        for (const auto& [address, nextHop] : recipients)
            message.recipients.push_back({mailbox(address), record::Route::parse(nextHop).value()});
        return message;
    }
    std::vector<Lease> stored(const NewMessage& message) {
        store::Batch batch;
        auto leases = put(batch, message);
        REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
        return leases;
    }
    std::vector<Lease> due(const std::string& nextHop, std::int64_t now, int limit = 100) {
        auto leases = wait(
            leaseDue(writer, bodies,
                     {.nextHop = nextHop, .now = at(now), .horizon = std::chrono::hours(4), .limit = limit}));
        REQUIRE(leases.has_value());
        return std::move(*leases);
    }
    base::Result<store::Done> settled(const Lease& lease, End end = End::delivered) {
        store::Batch batch;
        settle(batch, lease, lease.recipients, end);
        return writer.commitBlocking(std::move(batch));
    }
    void deferred(const Lease& lease, std::int64_t until) {
        store::Batch batch;
        defer(batch, lease, lease.recipients, {"greylisted"}, at(until));
        REQUIRE(writer.commitBlocking(std::move(batch)).has_value());
    }

    template <class T>
    T read(const std::function<base::Result<T>(store::Engine&)>& job) {
        auto result = readers.read<T>(job);
        REQUIRE(result.has_value());
        return *result;
    }
    Balance counted() { return read<Balance>(balance); }
    std::vector<Listed> listed() {
        return read<std::vector<Listed>>([](store::Engine& engine) { return list(engine, {}, 1000); });
    }
    std::string text(const Body& body) {
        BodyReader reader(bodies, body);
        std::string whole;
        while (true) {
            const auto chunk = wait(reader.next());
            REQUIRE(chunk.has_value());
            if (chunk->empty()) return whole;
            whole += *chunk;
        }
    }
};

}  // namespace postseal::queue
