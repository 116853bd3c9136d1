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

/// The transaction may be gone already (SQLite ends it by itself after some errors): that is what we want.
void rollBack(Engine& engine) {
    static_cast<void>(run(engine, rollback));
}

Applied commitAll(Engine& engine, Results results) {
    const auto done = run(engine, commit);
    if (done) return {std::move(results), std::nullopt};
    rollBack(engine);
    return {std::move(results), done.error()};
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

Applied applyCarefully(Engine& engine, std::span<const Batch* const> batches) {
    if (const auto begun = run(engine, begin); !begun) return {{}, begun.error()};
    Results results;
    for (const Batch* batch : batches) {
        results.push_back(applyInSavepoint(engine, *batch));
        if (results.back() || isOwnFault(results.back().error())) continue;
        rollBack(engine);
        return {{}, results.back().error()};
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

base::Result<void> undoAll(Engine& engine, std::span<const Batch> batches) {
    Batch all;
    for (const Batch& batch : batches)
        for (const auto& step : batch.undo_)
            all.add(*step.statement, step.key);
    if (all.empty()) return {};
    const auto undone = commitNow(engine, all);
    if (!undone) return base::fail(undone.error());
    return {};
}

void runHooks(const Batch& batch, const Done& done) {
    for (const auto& hook : batch.hooks_)
        if (done.changes.at(hook.step) > 0) hook.then();
}

Applied applyAll(Engine& engine, std::span<const Batch* const> batches) {
    if (batches.empty()) return {};
    if (const auto begun = run(engine, begin); !begun) return {{}, begun.error()};
    Results results;
    results.reserve(batches.size());
    for (const Batch* batch : batches) {
        results.push_back(applyOne(engine, *batch));
        if (results.back()) continue;
        rollBack(engine);
        if (!isOwnFault(results.back().error())) return {{}, results.back().error()};
        if (batches.size() == 1) return {std::move(results), std::nullopt};
        return applyCarefully(engine, batches);
    }
    return commitAll(engine, std::move(results));
}

base::Result<Done> commitNow(Engine& engine, const Batch& batch) {
    const Batch* const only[] = {&batch};
    auto applied = applyAll(engine, only);
    if (applied.failed) return base::fail(std::move(*applied.failed));
    if (applied.results.front()) runHooks(batch, *applied.results.front());
    return std::move(applied.results.front());
}

}  // namespace postseal::store
