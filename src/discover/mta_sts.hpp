// The MTA-STS policies of a process: their cache on one core, for all, and what fetches for it. Made before
// the cores run, and outlives them.
#pragma once

#include "discover/mta_sts_cache.hpp"
#include "discover/mta_sts_fetch.hpp"
#include "log/sink.hpp"
#include "net/resolver.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"
#include "task/cores.hpp"

#include <atomic>
#include <memory>

namespace postseal::discover {

struct MtaStsSettings {
    bool isOn = true;  // false: nothing is looked for, and nothing found
    std::shared_ptr<const StsFetchSettings> fetch;
    std::shared_ptr<const tls::TrustStore> trust;
};

class MtaSts {
public:
    /// `writer` null: who only looks.
    MtaSts(task::Core& home, net::Resolver& resolver, store::Writer* writer, MtaStsSettings settings,
           log::Log log);

    /// What was kept by an earlier run. Blocking.
    base::Result<void> load(store::Readers& readers) { return cache_.load(readers); }
    /// Or there was no earlier run.
    void startEmpty() { cache_.startEmpty(); }
    /// Refreshes from now on.
    void start();
    void adopt(MtaStsSettings settings);

    /// From any core; finds nothing, at once, while it is not on.
    task::Awaitable<StsFinding> find(std::string domain, policy::MailKind kind);
    task::Awaitable<StsFinding> findAnew(std::string domain, policy::MailKind kind);

private:
    task::Core& home_;
    std::atomic<bool> isOn_;
    StsFetcher fetcher_;
    MtaStsCache cache_;
};

}  // namespace postseal::discover
