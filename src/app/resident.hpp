// What lives as long as the server and belongs to one subject: the data directory, what is known of
// destinations, delivery, what listeners lead to. The server holds its residents in a list, in which each
// refers to earlier ones only, and knows nothing of their subjects. All calls come from the supervisor's
// thread; what a resident has on a core it reaches by task::PerCore. It is destroyed after the cores.
#pragma once

#include "app/load.hpp"
#include "base/clock.hpp"
#include "log/sink.hpp"
#include "net/resolver.hpp"
#include "policy/map.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"
#include "task/cores.hpp"
#include "task/pool.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postseal::app {

/// What all residents stand on; outlives them.
struct Ground {
    task::Cores& cores;
    net::Resolver& resolver;
    store::Writer& writer;
    store::Readers& readers;
    task::Pool& pool;  // blocking work of coroutines: files above 64 KiB, reads of the store
    log::Log log;
    base::Clock clock;
};

/// The time of a tick.
struct Now {
    base::Timestamp calendar;
    base::Tick steady;
};

class Resident {
public:
    Resident() = default;
    virtual ~Resident() = default;
    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;

    /// An error is a line for the log: what does not happen, and why.
    using Done = base::Result<void, std::string>;

    /// What must be there before it does its work: before the start, and each second until it succeeds.
    /// Whoever fails keeps no other from opening. Blocking.
    virtual Done open() { return {}; }
    /// Once, before the cores run, open or not.
    virtual void start() {}
    /// Once a second, while it is open. Blocking, short.
    virtual Done tick(const Now& /*now*/) { return {}; }
    /// Another configuration, or lists read again, for whatever comes next.
    virtual void adopt(const std::shared_ptr<const Loaded>& /*loaded*/) {}
    /// Another policy map; null: there was never a valid one.
    virtual void adoptPolicy(const std::shared_ptr<const policy::Map>& /*map*/) {}
    /// Nothing of it runs any more; the cores are still there.
    virtual void stop() {}

    /// Its keys in which `to` differs and which only a restart brings into force. Each key of the
    /// configuration is adopted by somebody or named by somebody.
    virtual std::vector<std::string> needsRestart(const config::Settings& from,
                                                  const config::Settings& to) const = 0;
};

}  // namespace postseal::app
