#include "store/writer.hpp"

#include "store/data_dir.hpp"
#include "store/migrations.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>

namespace postseal::store {
namespace {

using namespace std::chrono_literals;

// Each transaction leaves its number, so that after an I/O error it can be told whether it is on disk.
constexpr std::array<std::string_view, 1> steps{"CREATE TABLE commits(only INTEGER PRIMARY KEY, number "
                                                "INTEGER NOT NULL); INSERT INTO commits VALUES(1, 0)"};
constexpr Schema commitsSchema{"store", steps};
constexpr Statement setNumber{"UPDATE commits SET number = ?1 WHERE only = 1"};
constexpr Statement getNumber{"SELECT number FROM commits WHERE only = 1"};

constexpr auto lookEvery = 1s;
constexpr auto truncateEvery = 30s;           // readers may make each try wait; also how often room is made
constexpr int rarely = 10, mostRarely = 300;  // times WriterSettings::retry
constexpr std::uint64_t partForLog = 8;  // of the reserve: what must be free on the disk itself, for the log

}  // namespace

Writer::Writer(Opener opener, WriterSettings settings)
    : opener_(std::move(opener)), settings_(std::move(settings)),
      nextCheckpoint_(settings_.checkpointIdleBytes), thread_([this] { work(); }) {}

Writer::~Writer() {
    stop();
}

void Writer::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    if (thread_.joinable()) thread_.join();
}

bool Writer::hand(Waiting waiting) {
    bool first = false;
    {
        const std::scoped_lock lock(mutex_);
        if (stopping_) return false;
        first = waiting_.empty();
        waiting_.push_back(waiting);
    }
    if (first) arrived_.notify_one();
    return true;
}

task::Awaitable<base::Result<Done>> Writer::commit(Batch batch) {
    task::Completion<base::Result<Done>> completion(co_await task::asio::this_coro::executor);
    if (!hand({.batch = &batch, .coroutine = &completion}))
        co_return base::fail(makeError(Errc::closed, "the server is stopping"));
    co_return co_await completion.wait();
}

base::Result<Done> Writer::commitBlocking(Batch batch) {
    std::promise<base::Result<Done>> promise;
    auto future = promise.get_future();
    if (!hand({.batch = &batch, .thread = &promise}))
        return base::fail(makeError(Errc::closed, "the server is stopping"));
    return future.get();
}

std::optional<base::Error> Writer::trouble() const {
    const std::scoped_lock lock(mutex_);
    return trouble_;
}

void Writer::setTrouble(std::optional<base::Error> trouble) {
    const std::scoped_lock lock(mutex_);
    trouble_ = std::move(trouble);
    isWell_ = !trouble_ || trouble_->code == Errc::full || trouble_->code == Errc::busy;
}

// What follows runs on the writer's thread.

void Writer::work() {
    pthread_setname_np(pthread_self(), "store");
    static_cast<void>(ensureOpen());  // trouble() tells the error
    lookAtSpace();
    while (auto group = take())
        serve(std::move(*group));
    if (isAnythingPending()) serve({});  // the last chance of what must be written
    task::CompletionBatch completions;
    if (uncertain_) std::ranges::move(uncertain_->persistent, std::back_inserter(kept_));
    for (const Waiting& waiting : std::exchange(kept_, {}))
        answer(waiting, base::fail(makeError(Errc::closed, "the server is stopping")), completions);
    if (engine_ && !faulty_)
        static_cast<void>(engine_->checkpoint(Checkpoint::truncate));  // saves work at start
    close();
}

bool Writer::isAnythingPending() const {
    return uncertain_.has_value() || !kept_.empty();
}

/// What waits, as soon as something does; after a while also nothing, when a fault is to be looked at again.
/// None: stopped, and nothing waits any more.
std::optional<Writer::Group> Writer::take() {
    if (engine_ && !faulty_) tidyLog(/*inPause=*/false);
    std::unique_lock lock(mutex_);
    const auto isReady = [this] { return stopping_ || !waiting_.empty(); };
    if (!isReady() && engine_ && !faulty_) {
        lock.unlock();
        tidyLog(/*inPause=*/true);
        lock.lock();
    }
    if (const auto pause = nextRetry(); pause.count() > 0)
        arrived_.wait_for(lock, pause, isReady);
    else
        arrived_.wait(lock, isReady);
    if (waiting_.empty() && stopping_) return std::nullopt;
    return std::exchange(waiting_, {});
}

/// When to look again, ever more rarely: a try to open the store may read it whole. Zero: nothing is to be
/// tried.
std::chrono::milliseconds Writer::nextRetry() {
    const bool isTroubled = isAnythingPending() || !hasRoom() || !isWell();
    const auto longest = settings_.retry * (isWell() ? rarely : mostRarely);
    pause_ = isTroubled ? std::clamp(pause_ * 2, settings_.retry, longest) : std::chrono::milliseconds(0);
    return pause_;
}

void Writer::serve(Group group) {
    lookAtSpace();
    group.insert(group.end(), kept_.begin(), kept_.end());
    kept_.clear();
    if (const auto opened = ensureOpen(); !opened) return refuse(group, opened.error());
    group.insert(group.end(), kept_.begin(), kept_.end());  // what turned out not to be on disk
    kept_.clear();
    if (group.empty()) return;

    Batch numbered;
    numbered.expect(1, setNumber, ++number_);
    std::vector<const Batch*> batches;
    batches.reserve(group.size() + 1);
    for (const Waiting& waiting : group)
        batches.push_back(waiting.batch);
    batches.push_back(&numbered);

    auto applied = applyAll(*engine_, batches);
    if (!applied.failed) return succeed(group, std::move(applied.results));
    if (applied.failed->code == Errc::full) noRoom();
    if (applied.failed->code == Errc::full || applied.failed->code == Errc::busy)
        return refuse(group, *applied.failed);
    becomeUncertain(std::move(group), std::move(applied));
}

void Writer::succeed(const Group& group, std::vector<base::Result<Done>> results) {
    if (trouble()) setTrouble(std::nullopt);
    task::CompletionBatch completions;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (results[i]) runHooks(*group[i].batch, *results[i]);
        answer(group[i], std::move(results[i]), completions);
    }
}

/// Nothing of the group is on disk.
void Writer::refuse(const Group& group, const base::Error& error) {
    setTrouble(error);
    task::CompletionBatch completions;
    for (const Waiting& waiting : group) {
        if (waiting.batch->isPersistent())
            kept_.push_back(waiting);
        else
            answer(waiting, base::fail(error), completions);
    }
}

/// Linux marks the pages of a failed fsync clean, so trying again on this connection would prove nothing.
void Writer::becomeUncertain(Group group, Applied applied) {
    const base::Error error = std::move(*applied.failed);
    setTrouble(error);
    Uncertain uncertain;
    uncertain.number = number_;
    const bool known = applied.results.size() < group.size();  // failed before the commit: nothing is on disk
    task::CompletionBatch completions;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (group[i].batch->isPersistent() && known) {
            kept_.push_back(group[i]);
        } else if (group[i].batch->isPersistent()) {
            uncertain.persistent.push_back(group[i]);
            uncertain.persistentResults.push_back(std::move(applied.results[i]));
        } else {
            if (!known && applied.results[i]) uncertain.refused.push_back(std::move(*group[i].batch));
            answer(group[i], base::fail(error), completions);
        }
    }
    if (!known) uncertain_ = std::move(uncertain);
    faulty_ = true;
    close();
}

void Writer::answer(const Waiting& waiting, base::Result<Done> result, task::CompletionBatch& completions) {
    if (waiting.coroutine)
        waiting.coroutine->complete(std::move(result), completions);
    else
        waiting.thread->set_value(std::move(result));
}

base::Result<void> Writer::ensureOpen() {
    if (engine_ && !faulty_) return {};
    auto opened = reopen();
    if (!opened) {
        close();
        setTrouble(opened.error());
        return opened;
    }
    setTrouble(std::nullopt);
    return opened;
}

base::Result<void> Writer::reopen() {
    close();
    auto opened = opener_();
    if (!opened) return base::fail(opened.error());
    engine_ = std::move(*opened);
    if (auto migrated = migrate(*engine_, std::span(&commitsSchema, 1)); !migrated) return migrated;
    if (faulty_)
        if (auto emptied = engine_->checkpoint(Checkpoint::truncate); !emptied) return emptied;
    if (auto checked = engine_->check(); !checked) return checked;
    auto read = query(*engine_, getNumber, {}, [this](const Row& row) { number_ = row.integer(0); });
    if (!read) return read;
    if (auto resolved = resolveUncertain(); !resolved) return resolved;
    faulty_ = false;
    return {};
}

base::Result<void> Writer::resolveUncertain() {
    if (!uncertain_) return {};
    if (number_ != uncertain_->number) {
        std::ranges::move(uncertain_->persistent, std::back_inserter(kept_));
        uncertain_.reset();
        return {};
    }
    // It is on disk after all, and proven to be by the checkpoint.
    if (auto undone = undoAll(*engine_, uncertain_->refused); !undone) return undone;
    task::CompletionBatch completions;
    for (std::size_t i = 0; i < uncertain_->persistent.size(); ++i) {
        const auto& result = uncertain_->persistentResults[i];
        if (result) runHooks(*uncertain_->persistent[i].batch, *result);
        answer(uncertain_->persistent[i], result, completions);
    }
    uncertain_.reset();
    return {};
}

void Writer::close() {
    if (engine_ && faulty_) engine_->abandon();
    engine_.reset();
}

/// False: it did not work. What a failed write or sync leaves may be lost to the page cache, so the store
/// must prove itself; a full disk and a reader in the way lose nothing.
bool Writer::isDone(const base::Result<void>& tidied) {
    if (tidied) return true;
    if (tidied.error().code == Errc::busy) return false;
    if (tidied.error().code == Errc::full)
        noRoom();
    else
        faulty_ = true;
    return false;
}

void Writer::tidyLog(bool inPause) {
    const auto bytes = engine_->logBytes();
    const auto now = std::chrono::steady_clock::now();
    if (bytes >= settings_.truncateBytes && now >= nextTruncate_) {
        nextTruncate_ = now + truncateEvery;
        isDone(engine_->checkpoint(Checkpoint::truncate));
    } else if (bytes >= (inPause ? nextCheckpoint_ : std::max(nextCheckpoint_, settings_.checkpointBytes))) {
        isDone(engine_->checkpoint(Checkpoint::passive));
    } else {
        return;
    }
    // Where readers or a full disk hindered it, the next try comes when the log has grown again.
    if (!faulty_) nextCheckpoint_ = engine_->logBytes() + settings_.checkpointIdleBytes;
}

void Writer::noRoom() {
    hasRoom_ = false;
    nextLook_ = std::chrono::steady_clock::now() + lookEvery;
}

void Writer::lookAtSpace() {
    const auto now = std::chrono::steady_clock::now();
    if (now < nextLook_) return;
    nextLook_ = now + lookEvery;
    auto free = freeBytes(settings_.dataDir);
    std::uint64_t reusable = 0;
    if (free < settings_.reserveBytes && engine_ && !faulty_) {
        if (now >= nextRoom_) {
            nextRoom_ = now + truncateEvery;
            if (isDone(engine_->checkpoint(Checkpoint::truncate)))
                isDone(engine_->compact(std::min(free, settings_.compactBytes)));
            free = freeBytes(settings_.dataDir);
        }
        // The database's file doesn't shrink when mail leaves; what is empty in it serves the next rows.
        reusable = engine_->reusableBytes();
    }
    hasRoom_ = free + reusable >= settings_.reserveBytes && free >= settings_.reserveBytes / partForLog;
}

}  // namespace postseal::store
