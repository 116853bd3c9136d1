#include "store/batch.hpp"

#include <fmt/format.h>

namespace postseal::store {
namespace {

constexpr Statement begin{"BEGIN IMMEDIATE"};
constexpr Statement commit{"COMMIT"};
constexpr Statement rollback{"ROLLBACK"};
constexpr Statement savepoint{"SAVEPOINT batch"};
constexpr Statement release{"RELEASE batch"};
constexpr Statement rollbackToSavepoint{"ROLLBACK TO batch"};

using Results = std::vector<base::Result<Done>>;

bool isOwnFault(const base::Error& error) {
    return error.code == Errc::conflict || error.code == Errc::misuse;
}

Results allFailed(std::size_t count, const base::Error& error) {
    return Results(count, base::Result<Done>(base::fail(error)));
}

/// The transaction may be gone already (SQLite ends it by itself after some errors): that is what we want.
void rollBack(Engine& engine) {
    static_cast<void>(run(engine, rollback));
}

Results commitAll(Engine& engine, Results results) {
    if (const auto done = run(engine, commit); !done) {
        rollBack(engine);
        return allFailed(results.size(), done.error());
    }
    return results;
}

base::Result<Done> applyInSavepoint(Engine& engine, const Batch& batch) {
    if (const auto set = run(engine, savepoint); !set) return base::fail(set.error());
    auto done = applyOne(engine, batch);
    if (!done && !isOwnFault(done.error())) return done;
    if (!done)
        if (const auto undone = run(engine, rollbackToSavepoint); !undone) return base::fail(undone.error());
    if (const auto released = run(engine, release); !released) return base::fail(released.error());
    return done;
}

Results applyCarefully(Engine& engine, std::span<const Batch* const> batches) {
    if (const auto begun = run(engine, begin); !begun) return allFailed(batches.size(), begun.error());
    Results results;
    for (const Batch* batch : batches) {
        results.push_back(applyInSavepoint(engine, *batch));
        if (results.back() || isOwnFault(results.back().error())) continue;
        rollBack(engine);
        return allFailed(batches.size(), base::Error(results.back().error()));
    }
    return commitAll(engine, std::move(results));
}

}  // namespace

base::Result<Done> applyOne(Engine& engine, const Batch& batch) {
    Done done;
    done.changes.reserve(batch.steps_.size());
    for (const auto& step : batch.steps_) {
        const auto changed =
            engine.run(*step.statement, std::span(batch.values_).subspan(step.first, step.count));
        if (!changed) return base::fail(changed.error());
        if (step.rows && *changed != *step.rows)
            return base::fail(makeError(Errc::conflict, fmt::format("{} rows in place of {}: {}", *changed,
                                                                    *step.rows, step.statement->sql)));
        done.changes.push_back(*changed);
    }
    return done;
}

base::Result<void> applyUndo(Engine& engine, const Batch& batch) {
    for (const auto& step : batch.undo_)
        if (const auto undone = run(engine, *step.statement, {step.key}); !undone)
            return base::fail(undone.error());
    return {};
}

void runHooks(const Batch& batch, const Done& done) {
    for (const auto& hook : batch.hooks_)
        if (done.changes.at(hook.step) > 0) hook.then();
}

std::vector<base::Result<Done>> applyAll(Engine& engine, std::span<const Batch* const> batches) {
    if (batches.empty()) return {};
    if (const auto begun = run(engine, begin); !begun) return allFailed(batches.size(), begun.error());
    Results results;
    results.reserve(batches.size());
    for (const Batch* batch : batches) {
        results.push_back(applyOne(engine, *batch));
        if (results.back()) continue;
        const base::Error error = results.back().error();
        rollBack(engine);
        if (!isOwnFault(error) || batches.size() == 1) return allFailed(batches.size(), error);
        return applyCarefully(engine, batches);
    }
    return commitAll(engine, std::move(results));
}

base::Result<Done> commitNow(Engine& engine, const Batch& batch) {
    const Batch* const only[] = {&batch};
    auto results = applyAll(engine, only);
    if (results.front()) runHooks(batch, *results.front());
    return std::move(results.front());
}

}  // namespace postseal::store
