// Read-only connections for whoever looks without writing: claims, the command line, pages. A connection is
// lent to one job at a time; jobs are blocking and belong on the pool. Keep transactions under a second: they
// hold the log. Any thread.
#pragma once

#include "store/engine.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace postseal::store {

class Readers {
public:
    using Open = std::function<base::Result<std::unique_ptr<Engine>>()>;

    explicit Readers(Open open) : open_(std::move(open)) {}

    /// Runs the job on a connection of its own; opens one where none is idle. A connection that fails is
    /// closed.
    template <class T>
    base::Result<T> read(const std::function<base::Result<T>(Engine&)>& job) {
        auto engine = borrow();
        if (!engine) return base::fail(engine.error());
        auto result = job(**engine);
        if (result) giveBack(std::move(*engine));
        return result;
    }

private:
    base::Result<std::unique_ptr<Engine>> borrow();
    void giveBack(std::unique_ptr<Engine> engine);

    const Open open_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Engine>> idle_;  // guarded by mutex_
};

}  // namespace postseal::store
