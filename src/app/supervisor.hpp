// Stays with the server until it is told to stop: waits for signals, reloads, takes what changed on disk
// (lists, the policy map, certificates) and tells systemd. What is bad on disk never comes into force: what
// was read before stays, with an alarm. On the main thread, from which alone the server is called.
#pragma once

#include "app/file_stamp.hpp"
#include "app/list_watch.hpp"
#include "app/load.hpp"
#include "app/server.hpp"
#include "app/signals.hpp"
#include "app/tls_watch.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postseal::app {

class Supervisor {
public:
    Supervisor(std::shared_ptr<const Loaded> loaded, Server& server, log::Log log);

    /// Starts the server; returns once it has stopped.
    void run(const Signals& signals);

private:
    using SharedMap = std::shared_ptr<const policy::Map>;

    void reload();
    void tellWarnings();
    void lookAtLists();
    void lookAtMap();
    void lookAtTls();
    void adopt(const base::Result<SharedMap, std::string>& map);
    void complain(const char* what, std::string_view reasons);

    std::shared_ptr<const Loaded> loaded_;
    Server& server_;
    log::Log log_;
    ListWatch lists_;
    ListWatch anchors_;  // the map's tafiles
    TlsWatch tls_;
    SharedMap map_;                      // null: there was no good one yet
    std::optional<FileStamp> mapStamp_;  // as it was last read
};

}  // namespace postseal::app
