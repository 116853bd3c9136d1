// The server's part of MTA-STS: the cache of policies on one core, for all, and what fetches for it. Made
// before the cores run, and outlives them.
#pragma once

#include "app/load.hpp"
#include "discover/mta_sts_cache.hpp"
#include "discover/mta_sts_fetch.hpp"
#include "log/sink.hpp"
#include "net/resolver.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"
#include "task/cores.hpp"

#include <atomic>

namespace postseal::app {

class MtaSts {
public:
    /// `writer` null: who only looks.
    MtaSts(task::Core& home, net::Resolver* resolver, store::Writer* writer, const Loaded& loaded,
           log::Log log);

    /// What was kept by an earlier run; before anything is sent. Blocking.
    base::Result<void> load(store::Readers& readers) { return cache_.load(readers); }
    /// Refreshes from now on.
    void start();
    void adopt(const Loaded& loaded);

    /// From any core; finds nothing, at once, while the configuration says `mta_sts = false`.
    task::Awaitable<discover::StsFinding> find(std::string domain);
    task::Awaitable<discover::StsFinding> findAnew(std::string domain);

private:
    task::Core& home_;
    std::atomic<bool> isOn_;
    discover::StsFetcher fetcher_;
    discover::MtaStsCache cache_;
};

}  // namespace postseal::app
