// The one writer of the store, on a thread of its own: it commits all batches that wait in one transaction
// and then resumes their coroutines, each on its own executor (group commit). A batch is durable when
// commit() gives its result, never before. After an I/O error everyone who waits fails with it; the store is
// closed, opened again, its log emptied into the database and tried, before the next commit succeeds (rule
// 54).
#pragma once

#include "store/batch.hpp"
#include "task/completion.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace postseal::store {

/// Opens the store and brings its schema up to date; called on the writer's thread, again after each fault.
using Opener = std::function<base::Result<std::unique_ptr<Engine>>()>;

struct WriterSettings {
    std::filesystem::path dataDir;
    std::uint64_t reserveBytes = 64U << 20U;  // kept free for bounces and records: hasRoom() is false below
    std::uint64_t compactBytes = 64U << 20U;  // a store as small as that is written anew to give room back
    std::uint64_t checkpointIdleBytes = 16U << 20U;  // move the log into the database in a pause
    std::uint64_t checkpointBytes = 32U << 20U;      // and under load
    std::chrono::milliseconds retry{100};       // before a faulty store is tried again; then ever more rarely
    std::uint64_t truncateBytes = 256U << 20U;  // a log that readers keep from shrinking: empty it by force
};

class Writer {
public:
    /// Starts the thread. A store that can't be opened is no error here: trouble() says why, commits fail,
    /// and each commit tries again (rule 56).
    Writer(Opener opener, WriterSettings settings);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Suspends until the batch is on disk. Errors: conflict (this batch alone), full, io, corrupt, busy,
    /// closed; a persistent batch (Batch::persist) knows conflict and closed only. Not cancelled by the
    /// session: what was handed over is awaited to its end.
    task::Awaitable<base::Result<Done>> commit(Batch batch);
    /// The same for a thread that may block.
    base::Result<Done> commitBlocking(Batch batch);

    /// Commits what waits and closes the store; later commits fail with Errc::closed. Any thread.
    void stop();

    /// False while new mail is to be refused with 452: little space left, or the last commit found none.
    bool hasRoom() const { return hasRoom_.load(std::memory_order_relaxed); }
    /// Why nothing can be committed; none: all is well.
    std::optional<base::Error> trouble() const;
    /// False while new mail is to be refused with 451: the store has not proven itself since its last fault.
    bool isWell() const { return isWell_.load(std::memory_order_relaxed); }

private:
    struct Waiting {
        Batch* batch;  // lives where its coroutine or thread waits
        task::Completion<base::Result<Done>>* coroutine = nullptr;
        std::promise<base::Result<Done>>* thread = nullptr;
    };
    using Group = std::vector<Waiting>;
    /// A group whose commit ended in an I/O error: whether it is on disk is known after reopening.
    struct Uncertain {
        std::int64_t number = 0;
        std::vector<Batch> refused;  // their waiters have their 451
        Group persistent;            // still wait
        std::vector<base::Result<Done>> persistentResults;
    };

    void work();
    bool hand(Waiting waiting);
    std::optional<Group> take();
    bool isAnythingPending() const;
    void serve(Group group);
    void succeed(const Group& group, std::vector<base::Result<Done>> results);
    void refuse(const Group& group, const base::Error& error);
    void becomeUncertain(Group group, Applied applied);
    void answer(const Waiting& waiting, base::Result<Done> result, task::CompletionBatch& completions);
    base::Result<void> ensureOpen();
    base::Result<void> reopen();
    base::Result<void> resolveUncertain();
    void close();
    void tidyLog(bool inPause);
    void lookAtSpace();
    void noRoom();
    bool isDone(const base::Result<void>& tidied);
    std::chrono::milliseconds nextRetry();
    void setTrouble(std::optional<base::Error> trouble);

    const Opener opener_;
    const WriterSettings settings_;
    std::atomic<bool> hasRoom_{true}, isWell_{true};

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    Group waiting_;                       // guarded by mutex_
    std::optional<base::Error> trouble_;  // guarded by mutex_
    bool stopping_ = false;               // guarded by mutex_

    // The thread's own.
    std::unique_ptr<Engine> engine_;
    std::int64_t number_ = 0;  // of the last transaction
    bool faulty_ = false;      // the store must prove itself before the next commit
    Group kept_;               // persistent batches that wait for the store to be well
    std::optional<Uncertain> uncertain_;
    std::uint64_t nextCheckpoint_ = 0;
    std::chrono::steady_clock::time_point nextTruncate_{}, nextLook_{}, nextRoom_{};
    std::chrono::milliseconds pause_{0};  // before a faulty store is tried once more
    std::thread thread_;
};

}  // namespace postseal::store
