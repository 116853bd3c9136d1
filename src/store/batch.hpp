// A batch: statements that succeed or fail together, handed to the writer as one value. The writer commits
// many batches in one transaction; one that fails (a guard, a constraint) never takes another with it. Rooms
// append to a batch what they know how to write: queue rows, hop records. Built by one thread at a time.
#pragma once

#include "store/engine.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace postseal::store {

/// What a committed batch did: the rows changed by each of its steps, in order.
struct Done {
    std::vector<std::int64_t> changes;
};

class Batch {
public:
    /// Which step of the batch; Done::changes has its count after the commit.
    using Step = std::size_t;

    template <class... Values>
    Step add(const Statement& statement, Values&&... values) {
        return append(statement, std::nullopt, std::forward<Values>(values)...);
    }
    /// The whole batch fails with Errc::conflict unless the step changes exactly `rows` rows.
    template <class... Values>
    Step expect(std::int64_t rows, const Statement& statement, Values&&... values) {
        return append(statement, rows, std::forward<Values>(values)...);
    }
    /// Run on the writer's thread once the batch is committed, if the step changed a row. Must not block.
    void whenChanged(Step step, std::function<void()> then) { hooks_.push_back({step, std::move(then)}); }
    /// What the batch tells has happened already (a delivery): it is never refused for a fault of the disk.
    /// The writer keeps it until the store is well again. Other batches fail, and what was not told to be
    /// stored is not there: if a fault left it on disk all the same, the undo statements run, with `key` as
    /// ?1.
    void persist() { persistent_ = true; }
    bool isPersistent() const { return persistent_; }
    void undo(const Statement& statement, std::int64_t key) { undo_.push_back({&statement, key}); }

    bool empty() const { return steps_.empty(); }

private:
    friend base::Result<Done> applyOne(Engine& engine, const Batch& batch);
    friend void runHooks(const Batch& batch, const Done& done);
    friend base::Result<void> undoAll(Engine& engine, std::span<const Batch> batches);

    struct Planned {
        const Statement* statement;
        std::uint32_t first, count;  // of values_
        std::optional<std::int64_t> rows;
    };
    struct Hook {
        Step step;
        std::function<void()> then;
    };
    struct Undo {
        const Statement* statement;
        std::int64_t key;
    };

    template <class... Values>
    Step append(const Statement& statement, std::optional<std::int64_t> rows, Values&&... values) {
        const auto first = static_cast<std::uint32_t>(values_.size());
        (values_.emplace_back(std::forward<Values>(values)), ...);
        steps_.push_back({&statement, first, static_cast<std::uint32_t>(sizeof...(Values)), rows});
        return steps_.size() - 1;
    }

    std::vector<Value> values_;
    std::vector<Planned> steps_;
    std::vector<Hook> hooks_;
    std::vector<Undo> undo_;
    bool persistent_ = false;
};

/// Runs the steps of one batch inside the caller's transaction. Conflict: the caller rolls back.
base::Result<Done> applyOne(Engine& engine, const Batch& batch);
void runHooks(const Batch& batch, const Done& done);

struct Applied {
    std::vector<base::Result<Done>>
        results;  // in the order of the batches: done, or refused (conflict, misuse)
    /// The transaction failed for all. Where the error is io, it is not known whether it is on disk; the
    /// results stand for the case that it is.
    std::optional<base::Error> failed;
};
/// One durable transaction for all: first without savepoints, and only where a batch fails, once more with a
/// savepoint each. Hooks are not run.
Applied applyAll(Engine& engine, std::span<const Batch* const> batches);

/// Runs the undo statements of all in one transaction.
base::Result<void> undoAll(Engine& engine, std::span<const Batch> batches);

/// For a short writer such as the command line: one batch, its hooks run after the commit.
base::Result<Done> commitNow(Engine& engine, const Batch& batch);

}  // namespace postseal::store
