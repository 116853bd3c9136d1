// What needs the rights that the process began with: the data directory and the ports.
#pragma once

#include "app/listening.hpp"
#include "app/load.hpp"
#include "base/result.hpp"
#include "log/sink.hpp"
#include "net/resolver.hpp"
#include "store/data_dir.hpp"
#include "task/cores.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace postseal::app {

struct Bound {
    std::shared_ptr<const Loaded> loaded;
    std::optional<store::Ownership> ownership;  // none: it can't be had yet, and is tried again
    std::unique_ptr<task::Cores> cores;
    std::unique_ptr<net::Resolver> resolver;
    std::vector<Sockets> sockets;  // of each core; they go before the cores
};

/// The directory first: two servers would share the ports without an error. One that can't be used for
/// another reason is no error: the server says why to whoever comes, until it is mended (rule 56).
base::Result<Bound> bind(const std::shared_ptr<const Loaded>& loaded, log::Log log);

}  // namespace postseal::app
