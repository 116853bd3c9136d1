// The server, put together: store, cores, listeners, sessions, and the snapshots that each core holds. Made
// once by the supervisor's thread, which alone calls it. Nothing of what runs here ever ends the process: a
// session's exception is logged by task::spawn, a store that fails answers 451 and is tried again (rule 56).
#pragma once

#include "app/expiry.hpp"
#include "app/load.hpp"
#include "base/result.hpp"
#include "deliver/dispatcher.hpp"
#include "discover/outbound.hpp"
#include "log/sink.hpp"
#include "net/listener.hpp"
#include "net/resolver.hpp"
#include "queue/body.hpp"
#include "queue/id.hpp"
#include "receive/rates.hpp"
#include "receive/session.hpp"
#include "store/data_dir.hpp"
#include "store/readers.hpp"
#include "store/writer.hpp"
#include "task/cores.hpp"
#include "task/pool.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postseal::app {

/// What needs the rights that the process began with: the data directory and the ports.
struct Bound {
    std::shared_ptr<const Loaded> loaded;
    std::optional<store::Ownership> ownership;  // none: it can't be had yet, and is tried again
    std::unique_ptr<task::Cores> cores;
    std::unique_ptr<net::Resolver> resolver;
    std::vector<std::vector<net::Listener>> listeners;  // of each core
};

/// The directory first: two servers would share the ports without an error. One that can't be used for
/// another reason is no error: the server says why to whoever comes, until it is mended (rule 56).
base::Result<Bound> bind(const std::shared_ptr<const Loaded>& loaded, log::Log log);

class Server {
public:
    Server(Bound bound, log::Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Starts the threads and accepts.
    void start();
    /// Once a second: tries again what could not be done yet, sees what an administrator's command made due,
    /// lets old records go.
    void tick();
    /// New settings, certificates and directory for whoever comes next; nobody is disconnected.
    void adopt(std::shared_ptr<const Loaded> loaded);
    /// Null: send nothing outward. The first valid one lets go at once what waited for it.
    void adoptPolicy(std::shared_ptr<const policy::Map> map);
    /// Takes up nothing new, ends what runs within the limit, closes the store. False: the limit came first.
    bool stop(std::chrono::seconds limit);

private:
    struct PerCore;

    void tryQueue();
    void tellTrouble();
    store::Opener opener();
    base::Result<void> openQueue();
    base::Result<void> expectWaiting();
    base::Result<void> retryWaiting();
    base::Result<void> noticeSteered();
    base::Result<void> noticePolicy();
    void decideAnew(const std::string& domain);
    base::Result<void> trimMemory();

    std::shared_ptr<const Loaded> loaded_;
    std::shared_ptr<const policy::Map> map_;
    std::optional<store::Ownership> ownership_;
    std::atomic<bool> isOwner_;  // nothing in the directory is touched before
    log::Log log_;
    task::Pool pool_;
    store::Writer writer_;
    store::Readers readers_;
    queue::Bodies bodies_;
    queue::IdMaker ids_;
    receive::Rates rates_;
    receive::ArrivalMemory arrivalMemory_;
    std::atomic<bool> queueReady_ = false;
    std::string storeTrouble_, queueTrouble_;  // as it was last logged
    bool isMemoryFull_ = false;                // as well
    Expiry expiry_{writer_, readers_, loaded_->settings.dataDir, log_};
    // The cores go first: what still waits on them refers to the rest.
    std::unique_ptr<net::Resolver> resolver_;
    std::unique_ptr<discover::Outbound> outbound_;
    std::vector<std::unique_ptr<PerCore>> perCore_;
    std::unique_ptr<deliver::Dispatchers> dispatchers_;
    std::unique_ptr<task::Cores> cores_;
};

}  // namespace postseal::app
