// Keeps what the server shows and trusts in TLS as the disk has it: certificates, keys and CAs are read again
// when their files change, so that a renewal needs no signal, and session tickets get a new key each period.
// Blocking, short; on the supervisor's thread.
#pragma once

#include "app/list_watch.hpp"
#include "app/load.hpp"

namespace postseal::app {

class TlsWatch {
public:
    /// This has just been read.
    void start(const Loaded& loaded, base::Tick now);

    struct Seen {
        enum class What { nothing, ticketKeysDue, readAgain };
        What what = What::nothing;
        std::shared_ptr<const Loaded> loaded = {};  // null: nothing
    };
    /// About once a second. The error is why files that changed can't come into force, a line each, told
    /// once: what was read before stays.
    base::Result<Seen, std::string> look(const Loaded& loaded, base::Tick now);

private:
    ListWatch files_;
    base::Tick nextKeys_{};
};

}  // namespace postseal::app
